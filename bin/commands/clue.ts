import { Command } from 'commander';
import type { ImportOptions } from '../officers/import-rows.ts';
import {
  addImportOptions,
  addJsonOption,
  addSessionOptions,
  type SessionOptions,
} from '../officers/session-options.ts';
import type { AnswerOptions } from '../terminal/print.ts';

export type ClueOptions = SessionOptions & AnswerOptions;

const actions = () => import('../actions/clue.ts');

const EXAMPLES = `
What people report of numbers. A report raises a number's score only together with many independent others and with the
calls of the number itself. See docs/lists.md.

Examples:
  $ forewarn clue import hotline.csv
  $ forewarn clue import hotline.jsonl.gz
  $ forewarn clue status 8sXb0Jm2Qp4nT1vK7wYzAA
`;

/** `forewarn clue`. */
export function clueCommand(exitWith: (code: number) => void): Command {
  const importing = addImportOptions(new Command('import'))
    .description(
      'Take in the reports of a hotline; the same file again, after Ctrl-C too, counts none twice',
    )
    .argument(
      '<file>',
      'CSV (reference, number, kind, when, and perhaps text and reporter) or .jsonl with these fields; may be gzipped',
    )
    .addHelpText(
      'after',
      '\nExample:\n  $ forewarn clue import hotline.csv --rejects refused.jsonl\n',
    )
    .action(async (file: string, options: ImportOptions) =>
      exitWith(await (await actions()).importClues(file, options)),
    );
  const status = addJsonOption(addSessionOptions(new Command('status')))
    .description('Tell how far a report has come')
    .argument('<reference>', 'as the report was answered')
    .addHelpText('after', '\nExample:\n  $ forewarn clue status 8sXb0Jm2Qp4nT1vK7wYzAA\n')
    .action(async (reference: string, options: ClueOptions) =>
      exitWith(await (await actions()).showClue(reference, options)),
    );
  return new Command('clue')
    .description('Take in what people report of numbers')
    .addHelpText('after', EXAMPLES)
    .addCommand(importing)
    .addCommand(status);
}
