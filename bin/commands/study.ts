import { Command, InvalidArgumentError } from 'commander';
import { day, positiveInteger } from '../option-values.ts';

/** What the user gave. */
export interface StudyCommandOptions {
  readonly archive: string;
  readonly day: string;
  readonly window: number;
  readonly policy?: string;
  readonly known?: string;
  readonly reference?: string;
  readonly language: 'en' | 'zh-CN';
  readonly memory: number;
  readonly out?: string;
  readonly html?: string;
  readonly pdf?: string;
  readonly json?: true;
  readonly quiet?: true;
}

const EXAMPLES = `
Finds what no single call showed: slow campaigns, farms of numbers, callback traps, and people at
risk; and whether the callers are still those that the scorecard was made for. The same day can be
studied again, and later, with better data. Numbers stay sealed.
What is found, and by which evidence: docs/study.md.

Examples:
  $ forewarn study --archive ./archive --day 2026-11-27
  $ forewarn study --archive ./archive --day 2026-11-27 --known known.txt --out ./studies
  $ forewarn study --archive ./archive --day 2026-11-27 --html report.html --lang zh-CN
  $ forewarn study --archive ./archive --day 2026-11-27 --reference ours.json --out ./studies
  $ forewarn study --archive ./archive --day 2026-11-27 --json | jq '.groups[].numbers'

Exit codes:
  0  done                      3    the archive or its engine failed
  2  wrong usage or input      130  interrupted; the archive is as it was
`;

/** `forewarn study`. */
export function studyCommand(exitWith: (code: number) => void): Command {
  return new Command('study')
    .description(
      'Study a day of the archive: who slipped through, who belongs together, who is at risk',
    )
    .requiredOption('--archive <dir>', 'the archive')
    .requiredOption('--day <day>', 'the day to study, YYYY-MM-DD', day)
    .option('--window <days>', 'days to look back, the studied one included', positiveInteger, 14)
    .option('--policy <file>', 'the policy in force (default: the one that ships)')
    .option('--known <file>', 'number tokens that are known for risky already, one a line')
    .option(
      '--reference <file>',
      'of features, made by forewarn reference (default: the one that ships)',
    )
    .option('--lang, --language <code>', 'en or zh-CN', language, 'en')
    .option('--memory <mib>', 'memory of the engine', positiveInteger, 1024)
    .option('--out <dir>', 'write the result there, as study-DAY.json')
    .option('--html <file>', 'write the report here')
    .option('--pdf <file>', 'print the report here')
    .option('--json', 'print the result as JSON')
    .option('--quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(async (options: StudyCommandOptions) => {
      const { study } = await import('../actions/study.ts');
      exitWith(await study(options));
    });
}

function language(text: string): 'en' | 'zh-CN' {
  if (text === 'en' || text === 'zh-CN') return text;
  throw new InvalidArgumentError('It must be en or zh-CN.');
}
