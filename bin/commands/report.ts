import { Command, Option } from 'commander';
import { TEXT_LANGUAGES, type TextLanguage } from '../../lib/domain/policy.ts';

/** What the user gave. */
export interface ReportOptions {
  readonly study: string;
  readonly html?: string;
  readonly pdf?: string;
  readonly language: TextLanguage;
  readonly statistics?: string;
  readonly calls?: string;
  readonly truth?: string;
  readonly policy?: string;
  readonly reference?: string;
  readonly mapping?: string;
  readonly country: string;
  readonly quiet?: true;
}

const EXAMPLES = `
Shows the result of a study again: one page that needs nothing else, with labels in place of numbers. With
--statistics, it says how right the warnings were; with --calls, how far callers have drifted, and what
changes of the policy would have done. What each part means: docs/study-report.md.

A PDF is printed by Chromium or Chrome: CHROME_PATH, or one on the PATH.

Examples:
  $ forewarn report --study study.json --html report.html
  $ forewarn report --study study.json --html report.html --pdf report.pdf --lang zh-CN
  $ forewarn case statistics --json > statistics.json
  $ forewarn report --study study.json --statistics statistics.json --html report.html
  $ forewarn report --study study.json --calls calls.jsonl.gz --truth truth.json --html report.html

Exit codes:
  0  written                                        3    the browser did not print
  2  wrong usage or input, or no browser for --pdf  130  interrupted; nothing is written
`;

/** `forewarn report`. */
export function reportCommand(exitWith: (code: number) => void): Command {
  return new Command('report')
    .description('Write the report of a study, for a chief to read: HTML, PDF, Chinese or English')
    .requiredOption('--study <file>', 'the result of a study')
    .option('--html <file>', 'write the page here')
    .option('--pdf <file>', 'print it here')
    .addOption(
      new Option('--lang, --language <language>', 'language of the report')
        .choices([...TEXT_LANGUAGES])
        .default('en'),
    )
    .option('--statistics <file>', 'what `forewarn case statistics --json` printed')
    .option('--calls <file>', 'calls of the day, and of days before to fill the memory')
    .option('--truth <file>', 'with --calls: what really went on, as `forewarn simulate` writes it')
    .option('--policy <file>', 'with --calls: the policy in force (default: the one that ships)')
    .option(
      '--reference <file>',
      'with --calls: an ordinary day, by `forewarn reference` (default: one of the simulated city)',
    )
    .option('--mapping <file>', 'with --calls: how your columns become call records')
    .option('--country <code>', 'with --calls: country of national numbers', 'CN')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ReportOptions) => {
      const { report } = await import('../actions/report.ts');
      exitWith(await report(options));
    });
}
