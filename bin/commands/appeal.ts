import { Command, Option } from 'commander';
import {
  addJsonOption,
  addSessionOptions,
  type SessionOptions,
} from '../officers/session-options.ts';
import { dateTime } from '../option-values.ts';
import type { AnswerOptions } from '../terminal/print.ts';

export type AppealOptions = SessionOptions & AnswerOptions;

export interface DecideOptions extends AppealOptions {
  readonly decision: 'granted' | 'refused';
  readonly reason: string;
  readonly until?: string;
}

const actions = () => import('../actions/appeal.ts');

const EXAMPLES = `
People who say that a number is wrongly judged. A granted appeal puts the number on the allow-list. See docs/lists.md.

Examples:
  $ forewarn appeal list
  $ forewarn appeal decide 8sXb0Jm2Qp4nT1vK7wYzAA --decision refused --reason "no such hospital"
`;

/** `forewarn appeal`. */
export function appealCommand(exitWith: (code: number) => void): Command {
  const list = addJsonOption(addSessionOptions(new Command('list')))
    .description('Show the appeals that wait, or all of them')
    .option('--all', 'those that were decided, too')
    .addHelpText('after', '\nExample:\n  $ forewarn appeal list --all\n')
    .action(async (options: AppealOptions & { readonly all?: true }) =>
      exitWith(await (await actions()).listAppeals(options)),
    );
  const decide = addJsonOption(addSessionOptions(new Command('decide')))
    .description('Decide on an appeal')
    .argument('<reference>', 'the appeal, as list prints it')
    .addOption(
      new Option('--decision <decision>', 'what comes of it')
        .choices(['granted', 'refused'])
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why; phone numbers in it are masked')
    .option('--until <time>', 'granted: until when the number is allowed', dateTime)
    .addHelpText(
      'after',
      '\nExample:\n  $ forewarn appeal decide 8sXb0Jm2Qp4nT1vK7wYzAA --decision granted --reason "a hospital" --until 2027-03-01T00:00:00Z\n',
    )
    .action(async (reference: string, options: DecideOptions) =>
      exitWith(await (await actions()).decideAppeal(reference, options)),
    );
  return new Command('appeal')
    .description('Work the appeals of people whose numbers were wrongly judged')
    .addHelpText('after', EXAMPLES)
    .addCommand(list)
    .addCommand(decide);
}
