import { Command } from 'commander';
import { dateTime } from '../option-values.ts';
import {
  type AddAllowedOptions,
  addingCommand,
  listCommand,
  type RemoveOptions,
  removingCommand,
} from './casenumber.ts';

const actions = () => import('../actions/lists.ts');

const EXAMPLES = `
Numbers that were wrongly judged: while one is on the list, it warns nobody. See docs/lists.md.

Examples:
  $ forewarn allow add +862886661234 --reference "appeal 7d1e" --reason "a hospital" --until 2027-03-01T00:00:00+08:00
  $ forewarn allow list
  $ forewarn allow remove 1f0c2b --reason "the line was sold"
`;

/** `forewarn allow`. */
export function allowCommand(exitWith: (code: number) => void): Command {
  const add = addingCommand(
    'allow',
    '+862886661234 --reference "appeal 7d1e" --reason "a hospital" --until 2027-03-01T00:00:00Z',
  )
    .description('Put a number on the allow-list, and take back what is not sent yet')
    .requiredOption('--until <time>', 'when it is judged again, within a year', dateTime)
    .action(async (number: string, options: AddAllowedOptions) =>
      exitWith(await (await actions()).addAllowedNumber(number, options)),
    );
  const remove = removingCommand('allow')
    .description('Take a number off the allow-list: it is judged again')
    .action(async (entry: string, options: RemoveOptions) =>
      exitWith(await (await actions()).removeAllowedNumber(entry, options)),
    );
  return new Command('allow')
    .description('Keep the list of numbers that were wrongly judged')
    .addHelpText('after', EXAMPLES)
    .addCommand(add)
    .addCommand(remove)
    .addCommand(listCommand('allow', exitWith));
}
