import { Command, Option } from 'commander';
import { FRAUD_KINDS, type FraudKind } from '../../lib/domain/fraud-kind.ts';
import {
  CASE_OUTCOMES,
  CASE_STATES,
  type CaseOutcome,
  type CaseState,
} from '../../lib/domain/ladder/case-head.ts';
import { CASE_TIERS, type CaseTier } from '../../lib/domain/ladder/ladder-policy.ts';
import {
  addJsonOption,
  addSessionOptions,
  type SessionOptions,
} from '../officers/session-options.ts';
import { dateTime, positiveInteger } from '../option-values.ts';
import type { AnswerOptions } from '../terminal/print.ts';

export interface CaseOptions extends SessionOptions, AnswerOptions {}

export interface CaseListOptions extends CaseOptions {
  readonly state?: CaseState;
  readonly tier?: CaseTier;
  readonly district?: string;
  readonly officer?: string;
  readonly since?: string;
  readonly limit: number;
}

export interface OpenOptions extends CaseOptions {
  readonly number: string;
  readonly kind: FraudKind;
  readonly tier: CaseTier;
  readonly reason: string;
}

export interface TierOptions extends CaseOptions {
  readonly tier: CaseTier;
  readonly reason: string;
}

export interface CloseOptions extends CaseOptions {
  readonly outcome: CaseOutcome;
  readonly reason: string;
}

export interface ContactOptions extends CaseOptions {
  readonly number: string;
  readonly relation: string;
}

const actions = () => import('../actions/case.ts');

const EXAMPLES = `
Examples:
  $ forewarn case list --state open --tier urgent
  $ forewarn case show p2nYkq
  $ forewarn case tier p2nYkq --tier urgent --reason "is on the way to the bank"
  $ forewarn case statistics
`;

/** `forewarn case`. */
export function caseCommand(exitWith: (code: number) => void): Command {
  return new Command('case')
    .description('See cases and what is known of them; open, raise, note and close them')
    .addHelpText('after', EXAMPLES)
    .addCommand(listCommand(exitWith))
    .addCommand(showCommand(exitWith))
    .addCommand(openCommand(exitWith))
    .addCommand(tierCommand(exitWith))
    .addCommand(closeCommand(exitWith))
    .addCommand(noteCommand(exitWith))
    .addCommand(contactCommand(exitWith))
    .addCommand(statisticsCommand(exitWith));
}

function of(name: string, example: string): Command {
  return addJsonOption(addSessionOptions(new Command(name))).addHelpText(
    'after',
    `\nExample:\n  $ forewarn case ${name}${example && ` ${example}`}\n`,
  );
}

function ofCase(name: string, example: string): Command {
  return of(name, example).argument('<case>', 'the case, as list prints it');
}

const REASON = ['--reason <text>', 'why; it stands on the timeline, phone numbers masked'] as const;

function tierOption(description: string): Option {
  return new Option('--tier <tier>', description).choices(CASE_TIERS);
}

function listCommand(exitWith: (code: number) => void): Command {
  return of('list', '--state watching --since 2026-11-23T00:00:00+08:00')
    .description('List cases, the newest first')
    .addOption(new Option('--state <state>', 'only this state').choices(CASE_STATES))
    .addOption(tierOption('only this tier'))
    .option('--district <code>', 'only this district (GB/T 2260), such as 510104')
    .option('--officer <name>', 'only those that this officer was the last to work on')
    .option('--since <time>', 'only those opened then or later (ISO 8601)', dateTime)
    .option('--limit <n>', 'at most so many', positiveInteger, 50)
    .action(async (options: CaseListOptions) =>
      exitWith(await (await actions()).listCases(options)),
    );
}

function showCommand(exitWith: (code: number) => void): Command {
  return ofCase('show', 'p2nYkq')
    .description('Show a case: its grounds, calls, texts, tasks and timeline')
    .action(async (caseId: string, options: CaseOptions) =>
      exitWith(await (await actions()).showCase(caseId, options)),
    );
}

function openCommand(exitWith: (code: number) => void): Command {
  return of('open', '--number 13800138000 --kind loan --tier high --reason "her bank rang us up"')
    .description('Open a case by hand')
    .requiredOption('--number <number>', "the person's number, in any notation")
    .addOption(
      new Option('--kind <kind>', 'the kind of fraud').choices(FRAUD_KINDS).makeOptionMandatory(),
    )
    .addOption(tierOption('how pressing it is').makeOptionMandatory())
    .requiredOption(...REASON)
    .action(async (options: OpenOptions) => exitWith(await (await actions()).openCase(options)));
}

function tierCommand(exitWith: (code: number) => void): Command {
  return ofCase('tier', 'p2nYkq --tier urgent --reason "is on the way to the bank"')
    .description('Raise or lower the tier of a case')
    .addOption(tierOption('the new tier').makeOptionMandatory())
    .requiredOption(...REASON)
    .action(async (caseId: string, options: TierOptions) =>
      exitWith(await (await actions()).setTier(caseId, options)),
    );
}

function closeCommand(exitWith: (code: number) => void): Command {
  return ofCase('close', 'p2nYkq --outcome not-a-fraud --reason "it was her insurer"')
    .description('Close a case; what waits in it is called off')
    .addOption(
      new Option('--outcome <outcome>', 'what came of it')
        .choices(CASE_OUTCOMES)
        .makeOptionMandatory(),
    )
    .requiredOption(...REASON)
    .action(async (caseId: string, options: CloseOptions) =>
      exitWith(await (await actions()).closeCase(caseId, options)),
    );
}

function noteCommand(exitWith: (code: number) => void): Command {
  return ofCase('note', 'p2nYkq "her son comes over tonight"')
    .description('Write a note on the timeline of a case')
    .argument('<text>', 'phone numbers are masked before it is kept')
    .action(async (caseId: string, text: string, options: CaseOptions) =>
      exitWith(await (await actions()).addNote(caseId, text, options)),
    );
}

function contactCommand(exitWith: (code: number) => void): Command {
  return ofCase('add-contact', 'p2nYkq --number 13900139000 --relation daughter')
    .description('Add a relative, or another number of the person, to a case')
    .requiredOption('--number <number>', 'in any notation')
    .requiredOption('--relation <text>', 'who it is; self for another number of the person')
    .action(async (caseId: string, options: ContactOptions) =>
      exitWith(await (await actions()).addContact(caseId, options)),
    );
}

function statisticsCommand(exitWith: (code: number) => void): Command {
  return of('statistics', '')
    .description('Open, due and overdue; minutes a step; precision by tier and by reason')
    .action(async (options: CaseOptions) => {
      const { showStatistics } = await import('../actions/case-statistics.ts');
      exitWith(await showStatistics(options));
    });
}
