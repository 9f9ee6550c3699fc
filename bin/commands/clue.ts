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

/** Whose clues are read, and what for. */
export interface ReadOptions extends ClueOptions {
  readonly purpose: string;
  readonly token?: string;
}

const actions = () => import('../actions/clue.ts');

const EXAMPLES = `
What people report of numbers. A report raises a number's score only together with many independent others and with the
calls of the number itself. See docs/lists.md.

Examples:
  $ forewarn clue import hotline.csv
  $ forewarn clue import hotline.jsonl.gz
  $ forewarn clue status 8sXb0Jm2Qp4nT1vK7wYzAA
  $ forewarn clue findings
  $ forewarn clue list +8613800138000 --purpose "a customer of the bank complained"
  $ forewarn clue show 8sXb0Jm2Qp4nT1vK7wYzAA --purpose "the reporter called again"
`;

/** A command that reads what people wrote. */
function reading(name: string, example: string): Command {
  return addJsonOption(addSessionOptions(new Command(name)))
    .requiredOption('--purpose <text>', 'what it is read for; it stands in the audit')
    .addHelpText('after', `\nExample:\n  $ forewarn clue ${name} ${example}\n`);
}

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
  const list = reading('list', '+8613800138000 --purpose "a customer of the bank complained"')
    .description(
      'Show what people reported of a number, the newest first; the look stands in the audit',
    )
    .argument('[number]', 'the number, in any notation')
    .option(
      '--token <token>',
      'the number by its pseudonym, as `clue findings` and `explain` show it',
    )
    .action(async (number: string | undefined, options: ReadOptions) =>
      exitWith(await (await actions()).listClues(number, options)),
    );
  const show = reading('show', '8sXb0Jm2Qp4nT1vK7wYzAA --purpose "the reporter called again"')
    .description('Show one report; the look stands in the audit')
    .argument('<reference>', 'as the report was answered')
    .action(async (reference: string, options: ReadOptions) =>
      exitWith(await (await actions()).showReport(reference, options)),
    );
  const findings = addJsonOption(addSessionOptions(new Command('findings')))
    .description('Show the numbers that only clues led to, the newest first: they expose nobody')
    .addHelpText('after', '\nExample:\n  $ forewarn clue findings --json\n')
    .action(async (options: ClueOptions) =>
      exitWith(await (await actions()).showFindings(options)),
    );
  return new Command('clue')
    .description('Take in and read what people report of numbers')
    .addHelpText('after', EXAMPLES)
    .addCommand(importing)
    .addCommand(status)
    .addCommand(list)
    .addCommand(show)
    .addCommand(findings);
}
