import { Command } from 'commander';
import { addConnectionOptions, type ConnectionOptions } from '../connection-options.ts';
import { day, positiveInteger } from '../option-values.ts';

export interface FilterOptions extends ConnectionOptions {
  readonly day?: string;
  readonly reason?: string;
}

export interface ListOptions extends FilterOptions {
  readonly limit: number;
  readonly json?: true;
}

export interface ShowOptions extends ConnectionOptions {
  readonly reveal?: true;
  readonly json?: true;
}

export interface ReplayOptions extends FilterOptions {
  readonly dryRun?: true;
  readonly delete?: true;
}

const actions = () => import('../actions/quarantine.ts');

const EXAMPLES = `
Reasons, and what to do about each: docs/records.md.

Examples:
  $ forewarn quarantine list --day 2026-11-23
  $ forewarn quarantine show 2026-11-23/shardId-000000000000-4960… --reveal
  $ forewarn quarantine replay --reason start-in-future --dry-run
`;

/** `forewarn quarantine`. */
export function quarantineCommand(exitWith: (code: number) => void): Command {
  const list = withFilters(new Command('list'))
    .description('Count what is in quarantine, and list it')
    .option('--limit <n>', 'records to list; all are counted', positiveInteger, 20)
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  $ forewarn quarantine list\n  $ forewarn quarantine list --reason bad-number --json\n',
    )
    .action(async (options: ListOptions) => exitWith(await (await actions()).listEntries(options)));
  const show = addConnectionOptions(new Command('show'))
    .description('Show one record in full, its numbers masked')
    .argument('<key>', 'as list prints it')
    .option('--reveal', 'show phone numbers')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ forewarn quarantine show 2026-11-23/shardId-000000000000-4960…\n',
    )
    .action(async (key: string, options: ShowOptions) =>
      exitWith(await (await actions()).showEntry(key, options)),
    );
  const replay = withFilters(new Command('replay'))
    .description('Push what is in quarantine again, after its cause has been mended')
    .option('--dry-run', 'only say what would be pushed')
    .option('--delete', 'remove records from quarantine once all of them is pushed')
    .addHelpText(
      'after',
      '\nExamples:\n  $ forewarn quarantine replay --day 2026-11-23 --dry-run\n  $ forewarn quarantine replay --reason start-too-old --delete\n',
    )
    .action(async (options: ReplayOptions) =>
      exitWith(await (await actions()).replayEntries(options)),
    );
  return new Command('quarantine')
    .description('See, and push again, the records that the pipeline refused')
    .addHelpText('after', EXAMPLES)
    .addCommand(list)
    .addCommand(show)
    .addCommand(replay);
}

function withFilters(command: Command): Command {
  return addConnectionOptions(command)
    .option('--day <yyyy-mm-dd>', 'only records that arrived on this day (UTC)', day)
    .option('--reason <code>', 'only this reason');
}
