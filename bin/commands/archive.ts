import { Command, InvalidArgumentError } from 'commander';
import { offsetMinutes, positiveInteger } from '../option-values.ts';

export interface ArchiveImportOptions {
  readonly calls: string;
  readonly archive: string;
  readonly key?: string;
  readonly mapping?: string;
  readonly country: string;
  readonly utcOffset?: number;
  readonly replace?: true;
  readonly memory: number;
  readonly json?: true;
  readonly quiet?: true;
}

export interface ArchiveDaysOptions {
  readonly archive: string;
  readonly json?: true;
}

export interface ArchiveAskOptions {
  readonly archive: string;
  readonly question: string;
  readonly value?: Readonly<Record<string, number | string>>;
  readonly memory: number;
  readonly json?: true;
}

export interface ArchiveKeyOptions {
  readonly key: string;
  readonly country: string;
}

const actions = () => import('../actions/archive.ts');

const EXAMPLES = `
The archive is a folder of Parquet files, one row a call, numbers sealed: docs/archive.md.

Examples:
  $ forewarn archive import --calls calls.jsonl.gz --archive ./archive --key archive-key.json
  $ forewarn archive days --archive ./archive
  $ forewarn archive ask --archive ./archive --question busiest.sql --value day=2026-11-27

Exit codes:
  0  done                              3    the archive or its engine failed
  1  not one record was valid          130  interrupted; the archive is as it was
  2  wrong usage or input
`;

/** `forewarn archive`. */
export function archiveCommand(exitWith: (code: number) => void): Command {
  return new Command('archive')
    .description('Keep calls of the past as sealed Parquet, and ask them in SQL')
    .addHelpText('after', EXAMPLES)
    .addCommand(importCommand(exitWith))
    .addCommand(daysCommand(exitWith))
    .addCommand(askCommand(exitWith))
    .addCommand(tokenCommand(exitWith))
    .addCommand(numberCommand(exitWith));
}

function importCommand(exitWith: (code: number) => void): Command {
  return new Command('import')
    .description('Add calls to an archive, sealed')
    .requiredOption('--calls <file>', 'JSON Lines or CSV, either gzipped; - is standard input')
    .requiredOption('--archive <dir>', 'the archive; made when it is not there')
    .option('--key <file>', 'the key that seals numbers; made when it is not there')
    .option('--mapping <file>', 'how your columns become call records')
    .option('--country <code>', 'country of national numbers', 'CN')
    .option(
      '--utc-offset <hh:mm>',
      'local time, by which days begin (default: as the archive has it, else as the shipped policy)',
      offsetMinutes,
    )
    .option('--replace', 'replace days that the archive has by what the file says of them')
    .option('--memory <mib>', 'memory of the engine', positiveInteger, 1024)
    .option('--json', 'print what came of it as JSON')
    .option('--quiet', 'no progress')
    .addHelpText(
      'after',
      `
Whoever has the key can read every number of the archive: keep it apart from the archive, and
nowhere public. It is needed again to add days whose numbers are to be the same, and to read a
number back. Without --key, numbers are sealed with a key that is forgotten: nobody can read them
back, and nothing can be added later.

Examples:
  $ forewarn archive import --calls calls.jsonl.gz --archive ./archive --key archive-key.json
  $ forewarn archive import --calls export.csv --mapping our-switch.json --archive ./archive --key archive-key.json
  $ zcat monday.gz tuesday.gz | forewarn archive import --calls - --archive ./two-days
`,
    )
    .action(async (options: ArchiveImportOptions) =>
      exitWith(await (await actions()).importCalls(options)),
    );
}

function daysCommand(exitWith: (code: number) => void): Command {
  return new Command('days')
    .description('List the days that an archive has')
    .requiredOption('--archive <dir>', 'the archive')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  $ forewarn archive days --archive ./archive\n')
    .action(async (options: ArchiveDaysOptions) =>
      exitWith(await (await actions()).listDays(options)),
    );
}

function askCommand(exitWith: (code: number) => void): Command {
  return new Command('ask')
    .description('Ask an archive a question in SQL')
    .requiredOption('--archive <dir>', 'the archive')
    .requiredOption('--question <file>', 'one SELECT on the table calls; - is standard input')
    .option(
      '--value <name=value>',
      'fills the place of that name: a number, a day or a number token; may be given again',
      questionValue,
    )
    .option('--memory <mib>', 'memory of the engine', positiveInteger, 1024)
    .option('--json', 'print the rows as JSON')
    .addHelpText(
      'after',
      `
The question reads the archive and no other file. Its places are written $\{day}. Tables, columns
and examples: docs/archive.md.

Examples:
  $ forewarn archive ask --archive ./archive --question busiest.sql --value day=2026-11-27 --value least=100
  $ echo "SELECT day, count(*) AS calls FROM calls GROUP BY day" | forewarn archive ask --archive ./archive --question - --json
`,
    )
    .action(async (options: ArchiveAskOptions) => exitWith(await (await actions()).ask(options)));
}

function tokenCommand(exitWith: (code: number) => void): Command {
  return withKey(new Command('token'))
    .description('Tell by which token an archive knows a number')
    .argument('<number>', 'such as +8613800138000')
    .addHelpText(
      'after',
      '\nExample:\n  $ forewarn archive token +8613800138000 --key archive-key.json\n',
    )
    .action(async (number: string, options: ArchiveKeyOptions) =>
      exitWith(await (await actions()).tokenOfNumber(number, options)),
    );
}

function numberCommand(exitWith: (code: number) => void): Command {
  return withKey(new Command('number'))
    .description('Read a token of an archive back: prints a clear number')
    .argument('<token>', 'as a question answered it')
    .addHelpText(
      'after',
      '\nExample:\n  $ forewarn archive number 1q83vEjRVeJqrze8SNFV4mg --key archive-key.json\n',
    )
    .action(async (token: string, options: ArchiveKeyOptions) =>
      exitWith(await (await actions()).numberOfToken(token, options)),
    );
}

function withKey(command: Command): Command {
  return command
    .requiredOption('--key <file>', 'the key that the archive was sealed with')
    .option('--country <code>', 'country of national numbers', 'CN');
}

const NAMED_VALUE = /^([a-z][a-zA-Z]*)=(.*)$/;
const NUMBER = /^-?\d{1,15}(\.\d{1,10})?$/;

function questionValue(
  text: string,
  before: Readonly<Record<string, number | string>> | undefined,
): Record<string, number | string> {
  const [, name, value = ''] = NAMED_VALUE.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write it as day=2026-11-27.');
  return { ...before, [name]: NUMBER.test(value) ? Number(value) : value };
}
