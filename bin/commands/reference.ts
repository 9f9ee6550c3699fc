import { Command } from 'commander';
import { day, wholeNumber } from '../option-values.ts';

/** What the user gave. */
export interface ReferenceOptions {
  readonly calls: string;
  readonly day: string;
  readonly utcOffsetMinutes: number;
  readonly out: string;
  readonly policy?: string;
  readonly mapping?: string;
  readonly country: string;
  readonly source?: string;
  readonly force?: true;
  readonly quiet?: true;
}

const EXAMPLES = `
Take an ordinary working day on which the policy was trusted. What is written holds shares only, no number and no call.
\`forewarn report --reference\` compares other days with it; what the figures mean: docs/study-report.md.

Examples:
  $ forewarn reference --calls calls.jsonl.gz --day 2026-11-24 --out reference.json
  $ forewarn report --study study.json --calls today.jsonl.gz --reference reference.json --html report.html

Exit codes:
  0  written                                        2  wrong usage or input
  1  nobody made enough calls that day              130  interrupted
`;

/** `forewarn reference`. */
export function referenceCommand(exitWith: (code: number) => void): Command {
  return new Command('reference')
    .description(
      'Note how the features of callers spread on a day, to see later days drift from it',
    )
    .requiredOption('--calls <file>', 'the calls, or - for standard input')
    .requiredOption('--day <day>', 'the local day, such as 2026-11-24', day)
    .requiredOption('--out <file>', 'the reference to write')
    .option('--policy <file>', 'over the bins of whose scorecard (default: the one that ships)')
    .option('--utc-offset-minutes <n>', 'local time', wholeNumber, 480)
    .option('--mapping <file>', 'how your columns become call records')
    .option('--country <code>', 'country of national numbers', 'CN')
    .option(
      '--source <words>',
      'what reports say that it comes from (default: the day and the file)',
    )
    .option('--force', 'replace the file if it exists')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ReferenceOptions) => {
      const { reference } = await import('../actions/reference.ts');
      exitWith(await reference(options));
    });
}
