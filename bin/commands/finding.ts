import { Command, Option } from 'commander';
import { TEXT_LANGUAGES, type TextLanguage } from '../../lib/domain/policy.ts';
import {
  addJsonOption,
  addSessionOptions,
  type SessionOptions,
} from '../officers/session-options.ts';
import { dateTime } from '../option-values.ts';
import type { AnswerOptions } from '../terminal/print.ts';

export type FindingOptions = SessionOptions & AnswerOptions;

export interface ListFindingsOptions extends FindingOptions {
  readonly status: 'waiting' | 'listed' | 'refused' | 'all';
  readonly language: TextLanguage;
}

export interface DecideFindingOptions extends FindingOptions {
  readonly decision: 'list' | 'refuse';
  readonly reason: string;
  readonly until?: string;
}

const actions = () => import('../actions/finding.ts');

const EXAMPLES = `
Numbers that the daily study found. A number that is listed weighs more from then on, but only where its own calls
speak against it, too; it warns nobody by itself. See docs/study.md.

Examples:
  $ forewarn finding list
  $ forewarn finding decide 0f6c1b2e9a7d4c83b5e2f1a09c8d7e64 --decision list --reason "three victims say the same"
`;

/** `forewarn finding`. */
export function findingCommand(exitWith: (code: number) => void): Command {
  const list = addJsonOption(addSessionOptions(new Command('list')))
    .description('Show the findings that wait, the strongest first, and what speaks for each')
    .addOption(
      new Option('--status <status>', 'those that are so')
        .choices(['waiting', 'listed', 'refused', 'all'])
        .default('waiting'),
    )
    .addOption(
      new Option('--lang, --language <language>', 'language of the evidence')
        .choices([...TEXT_LANGUAGES])
        .default('en'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  $ forewarn finding list --lang zh-CN\n  $ forewarn finding list --status all --json\n',
    )
    .action(async (options: ListFindingsOptions) =>
      exitWith(await (await actions()).listFindings(options)),
    );
  const decide = addJsonOption(addSessionOptions(new Command('decide')))
    .description('List a number that was found, or refuse to; also after another decision')
    .argument('<finding>', 'the finding, as list prints it')
    .addOption(
      new Option('--decision <decision>', 'what comes of it')
        .choices(['list', 'refuse'])
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why; phone numbers in it are masked')
    .option('--until <time>', 'list: until when; without it, as the policy says', dateTime)
    .addHelpText(
      'after',
      '\nExample:\n  $ forewarn finding decide 0f6c1b2e9a7d4c83b5e2f1a09c8d7e64 --decision refuse --reason "a new courier"\n',
    )
    .action(async (finding: string, options: DecideFindingOptions) =>
      exitWith(await (await actions()).decideFinding(finding, options)),
    );
  return new Command('finding')
    .description('Review the numbers that the daily study found')
    .addHelpText('after', EXAMPLES)
    .addCommand(list)
    .addCommand(decide);
}
