import { Command } from 'commander';
import { addConnectionOptions, type ConnectionOptions } from '../connection-options.ts';
import { positiveNumber } from '../option-values.ts';

/** What the user gave. */
export interface PushOptions extends ConnectionOptions {
  readonly stream?: string;
  readonly mapping?: string;
  readonly country: string;
  readonly rate?: number;
  readonly dryRun?: true;
  readonly validate: boolean;
  readonly resume?: true;
  readonly resumeFile?: string;
  readonly rejects?: string;
  readonly json?: true;
  readonly quiet?: true;
}

const EXAMPLES = `
Files may be JSON Lines or CSV, either gzipped; - is standard input. Format and fields:
docs/records.md; mappings, resuming, quarantine: docs/importing.md.

Examples:
  $ forewarn push calls.jsonl.gz --stack Forewarn-prod
  $ forewarn push export-*.csv --mapping our-switch.json --dry-run
  $ forewarn push export.csv --mapping our-switch.json --rejects rejects.jsonl
  $ forewarn push calls.jsonl --rate 300 --stream my-calls --endpoint http://127.0.0.1:4566
  $ forewarn push calls.jsonl --resume             (after Ctrl-C, or when AWS failed)
  $ tail -f cdr.log | forewarn push - --json

Exit codes:
  0  every record was pushed        3    AWS failed; --resume goes on
  1  some records were not valid    130  interrupted; --resume goes on
  2  wrong usage or input
`;

/** `forewarn push`. */
export function pushCommand(exitWith: (code: number) => void): Command {
  const command = new Command('push')
    .description("Push an operator's call records into the calls stream")
    .argument('<files...>', 'files to push in this order, or - for standard input')
    .option('--stream <name>', 'the Kinesis stream itself, instead of --stack')
    .option('--mapping <file>', 'how your columns become call records')
    .option('--country <code>', 'country of national numbers, for validation', 'CN')
    .option('--rate <n>', 'at most so many calls a second', positiveNumber)
    .option('--dry-run', 'read and validate everything, push nothing')
    .option('--no-validate', 'push all that can be read, for the pipeline to judge')
    .option('--resume', 'go on where the last push of this file stopped')
    .option('--resume-file <file>', 'where to note how far it came (default: FILE.resume.json)')
    .option('--rejects <file>', 'write the records not pushed to this file, as JSON Lines')
    .option('--json', 'print the summary as JSON')
    .option('--quiet', 'no progress, no summary; problems only')
    .addHelpText('after', EXAMPLES);
  return addConnectionOptions(command).action(async (files: string[], options: PushOptions) => {
    const { push } = await import('../actions/push.ts');
    exitWith(await push(files, options));
  });
}
