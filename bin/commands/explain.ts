import { Command, Option } from 'commander';
import { TEXT_LANGUAGES, type TextLanguage } from '../../lib/domain/policy.ts';
import { addConnectionOptions, type ConnectionOptions } from '../connection-options.ts';

export interface ExplainOptions extends ConnectionOptions {
  readonly number: string;
  readonly at?: string;
  readonly purpose?: string;
  readonly by?: string;
  readonly calls?: string;
  readonly policy?: string;
  readonly country: string;
  readonly language: TextLanguage;
  readonly json?: true;
}

const EXAMPLES = `
Asks the deployed stack for what was decided; with --calls, replays a history instead, and explains what a
policy makes of the number in it.

Examples:
  $ forewarn explain --number +8613800138000 --purpose "appeal 2026-117"
  $ forewarn explain --number +8613800138000 --at 2026-11-23T09:30:00+08:00 --purpose "appeal 2026-117"
  $ forewarn explain --number 13800138000 --calls city/calls.jsonl.gz --policy draft.json --language zh-CN
`;

/** `forewarn explain`. */
export function explainCommand(exitWith: (code: number) => void): Command {
  return addConnectionOptions(new Command('explain'))
    .description('Tell what was decided about a number, term by term, and the calls behind it')
    .requiredOption('--number <number>', 'phone number')
    .option(
      '--at <time>',
      'only what was in force at this time (ISO 8601); default: all that is kept',
    )
    .option('--purpose <text>', 'why you look; kept in the log of the stack')
    .option('--by <name>', 'who looks (default: the user of this machine)')
    .option('--calls <file>', 'replay this history instead of asking a stack')
    .option('--policy <file>', 'with --calls: the policy to judge by (default: the one that ships)')
    .option('--country <code>', 'with --calls: country of national numbers', 'CN')
    .addOption(
      new Option('--language <language>', 'language of the words')
        .choices([...TEXT_LANGUAGES])
        .default('en'),
    )
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ExplainOptions) => {
      const { explain } = await import('../actions/explain.ts');
      exitWith(await explain(options));
    });
}
