import { Command, Option } from 'commander';
import { FRAUD_KINDS, type FraudKind } from '../../lib/domain/fraud-kind.ts';
import type { ImportOptions } from '../officers/import-rows.ts';
import {
  addImportOptions,
  addJsonOption,
  addSessionOptions,
  type SessionOptions,
} from '../officers/session-options.ts';
import { dateTime } from '../option-values.ts';
import type { AnswerOptions } from '../terminal/print.ts';

type AnsweredOptions = SessionOptions & AnswerOptions;

export interface AddAllowedOptions extends AnsweredOptions {
  readonly reference: string;
  readonly reason: string;
  readonly until: string;
}

export interface AddCaseNumberOptions extends AnsweredOptions {
  readonly kind: FraudKind;
  readonly reference: string;
  readonly reason: string;
  readonly until?: string;
}

export interface RemoveOptions extends AnsweredOptions {
  readonly reason: string;
}

export interface ListOptions extends AnsweredOptions {
  readonly csv?: true;
  readonly versions?: true;
}

const actions = () => import('../actions/lists.ts');

const EXAMPLES = `
Numbers that police confirmed as fraudulent: from the moment on which one is added, every call with it warns, and who
was in touch with it lately is warned at once. See docs/lists.md.

Examples:
  $ forewarn casenumber add +8613800138000 --kind loan --reference "file 2026-118" --reason "confirmed by police"
  $ forewarn casenumber import numbers.csv
  $ forewarn casenumber list --csv
  $ forewarn casenumber remove 1f0c2b --reason "another person's number by now"
`;

/** `forewarn casenumber`. */
export function casenumberCommand(exitWith: (code: number) => void): Command {
  return new Command('casenumber')
    .description('Keep the list of case numbers, whose calls warn at once')
    .addHelpText('after', EXAMPLES)
    .addCommand(addCommand(exitWith))
    .addCommand(importCommand(exitWith))
    .addCommand(removeCommand(exitWith))
    .addCommand(listCommand('casenumber', exitWith));
}

function of(list: 'casenumber' | 'allow', name: string, example: string): Command {
  return addJsonOption(addSessionOptions(new Command(name))).addHelpText(
    'after',
    `\nExample:\n  $ forewarn ${list} ${name} ${example}\n`,
  );
}

/** A command that puts a number on one of the two lists. */
export function addingCommand(list: 'casenumber' | 'allow', example: string): Command {
  return of(list, 'add', example)
    .argument('<number>', 'the number, in any notation')
    .requiredOption('--reference <text>', 'where it comes from: a file number, an order')
    .requiredOption('--reason <text>', 'why; phone numbers in it are masked');
}

/** A command that takes an entry off one of the two lists. */
export function removingCommand(list: 'casenumber' | 'allow'): Command {
  return of(list, 'remove', '1f0c2b --reason "a mistake"')
    .argument('<entry>', 'the entry, as list prints it')
    .requiredOption('--reason <text>', 'why; phone numbers in it are masked');
}

/** The command that shows one of the two lists. */
export function listCommand(
  list: 'casenumber' | 'allow',
  exitWith: (code: number) => void,
): Command {
  return of(list, 'list', '--csv')
    .description('Show the list, numbers masked, and where each came from')
    .option('--csv', 'print as CSV')
    .option('--versions', 'every change that there ever was, the oldest first')
    .action(async (options: ListOptions) =>
      exitWith(await (await actions()).showList(list, options)),
    );
}

function addCommand(exitWith: (code: number) => void): Command {
  return addingCommand(
    'casenumber',
    '+8613800138000 --kind loan --reference "file 118" --reason "confirmed by police"',
  )
    .description('Put a number on the list, and expose who was in touch with it')
    .addOption(
      new Option('--kind <kind>', 'what it is about').choices(FRAUD_KINDS).makeOptionMandatory(),
    )
    .option('--until <time>', 'when the entry ends by itself (default: by the policy)', dateTime)
    .action(async (number: string, options: AddCaseNumberOptions) =>
      exitWith(await (await actions()).addCaseNumber(number, options)),
    );
}

function importCommand(exitWith: (code: number) => void): Command {
  return addImportOptions(new Command('import'))
    .description('Put the numbers of a file on the list; the same file again changes nothing')
    .argument('<file>', 'CSV with number, kind, reference, reason and perhaps until; - for stdin')
    .addHelpText(
      'after',
      '\nExample:\n  $ forewarn casenumber import numbers.csv --rejects refused.jsonl\n',
    )
    .action(async (file: string, options: ImportOptions) =>
      exitWith(await (await actions()).importCaseNumbers(file, options)),
    );
}

function removeCommand(exitWith: (code: number) => void): Command {
  return removingCommand('casenumber')
    .description('Take a number off the list, and take back what is not sent yet')
    .action(async (entry: string, options: RemoveOptions) =>
      exitWith(await (await actions()).removeCaseNumber(entry, options)),
    );
}
