import type { FraudKind } from '../fraud-kind.ts';
import type { NumberToken } from '../leg.ts';
import type { TaskOutcome } from '../task-outcome.ts';
import type { CaseProgress } from './case-news.ts';
import type { CaseTier, LadderPolicy, Step } from './ladder-policy.ts';
import { textEvents } from './text-events.ts';
import { type TimelineEvent, WORKFLOW } from './timeline-event.ts';

/** How an attempt ended: as an officer reported, or without one. */
export type AttemptOutcome =
  | TaskOutcome
  /** Its due time passed. */
  | 'overdue'
  /** The case went another way. */
  | 'cancelled'
  /** The contacts register knows nobody. */
  | 'no-relatives';

/** One task of a step, offered to people. */
export interface Attempt {
  readonly taskId: string;
  readonly step: Step;
  /** Epoch ms from which it is to be done: a call may have to be dialled later. */
  readonly offerAt: number;
  /** Epoch ms; then the case goes on without it. */
  readonly dueAt: number;
  /** The case went another way, and whoever has the task is about to be told. */
  readonly calledOff?: boolean;
  readonly ended?: {
    readonly outcome: AttemptOutcome;
    readonly by: string;
    /** Epoch ms. */
    readonly at: number;
  };
}

/** The relation of a further number of the person, who is not their own relative. */
export const SELF = 'self';

/** Somebody whom an officer added to a case: a relative, or the person under another number. */
export interface CaseContact {
  readonly contact: NumberToken;
  readonly relation: string;
  /** Epoch ms at which it was added. */
  readonly at: number;
}

/** The relatives among those whom officers added. */
export function addedRelatives({ contacts = [] }: Pick<CaseHead, 'contacts'>): CaseContact[] {
  return contacts.filter(({ relation }) => relation !== SELF);
}

/** What came of a case. */
export const CASE_OUTCOMES = [
  'dissuaded',
  'not-dissuaded',
  'money-lost',
  'wrong-person',
  'not-a-fraud',
  'duplicate',
] as const;
export type CaseOutcome = (typeof CASE_OUTCOMES)[number];

export const CASE_STATES = ['open', 'watching', 'closed'] as const;
export type CaseState = (typeof CASE_STATES)[number];

/** A case as it stands. All times are epoch ms. */
export interface CaseHead {
  readonly caseId: string;
  readonly subject: NumberToken;
  readonly tier: CaseTier;
  /** The highest tier of this round: an officer may have lowered it since. */
  readonly peakTier: CaseTier;
  readonly state: CaseState;
  readonly kind: FraudKind;
  /** Six-digit division code of where the person lives; empty when unknown. */
  readonly district: string;
  readonly openedAt: number;
  /** `policy`, or the officer who opened it by hand. */
  readonly openedBy: string;
  readonly policyVersion: number;
  /** As it was when the case was opened: a later policy changes no case under way. */
  readonly ladder: LadderPolicy;
  /** Local time, as that policy has it. */
  readonly utcOffsetMinutes: number;
  /** What was tried in this round, oldest first. A reopened case begins a new round. */
  readonly climb: readonly Attempt[];
  /** Attempts ever made: names the next. */
  readonly tasksMade: number;
  /** How often news reopened it. */
  readonly reopened: number;
  /** The banks are to be told … */
  readonly paymentStopAt?: number;
  /** … and have been. */
  readonly banksToldAt?: number;
  /** When something was last heard that makes it pointless to wait before the next dial. */
  readonly dialNowAt?: number;
  /** Of a watched case: when it closes. */
  readonly watchUntil?: number;
  /**
   * Step Functions' token on which the workflow waits, or last waited, for news of a watched case. Never shown to
   * anybody.
   */
  readonly newsToken?: string;
  /** Of the judgement that led to it: the names of what spoke for deception, by which precision is counted. */
  readonly reasons: readonly string[];
  /** Whom officers added. */
  readonly contacts?: readonly CaseContact[];
  /** What it has heard of its person's episode. */
  readonly heard: CaseProgress;
  /** Risky calls that it has heard of cases that are one with it, by their names. */
  readonly callsOfOthers?: Readonly<Record<string, number>>;
  /** Of a case that is one with another under way: that one. */
  readonly oneWith?: string;
  /** Names of the reports that came after the case had gone on without them. */
  readonly lateReports: readonly string[];
  readonly outcome?: CaseOutcome;
  readonly closedAt?: number;
  readonly lastOfficer?: string;
  /** Counts the changes: what optimistic writers compare. */
  readonly version: number;
}

/** What is known of a case from the start. */
export type CaseOpening = Pick<
  CaseHead,
  | 'caseId'
  | 'subject'
  | 'kind'
  | 'tier'
  | 'district'
  | 'openedBy'
  | 'policyVersion'
  | 'ladder'
  | 'utcOffsetMinutes'
  | 'reasons'
  | 'heard'
>;

/** A change of a case, with what its timeline says of it. */
export interface CaseChange {
  readonly changed: CaseHead;
  readonly events: readonly TimelineEvent[];
}

/** A new case; its events begin with that of its opening. @param at epoch ms */
export function openCase(opening: CaseOpening, at: number): CaseChange {
  const { caseId, heard, kind, openedBy, policyVersion, tier } = opening;
  return {
    changed: {
      ...opening,
      peakTier: tier,
      state: 'open',
      openedAt: at,
      climb: [],
      tasksMade: 0,
      reopened: 0,
      lateReports: [],
      version: 0,
    },
    events: [
      {
        id: `${caseId}-opened`,
        at,
        kind: 'opened',
        by: openedBy,
        details: { tier, kind, policyVersion },
      },
      ...textEvents(caseId, {}, heard, at),
    ],
  };
}

/** A case that is one with another under way: closed as soon as it is opened. @param at epoch ms */
export function openAsDuplicate(opening: CaseOpening, of: string, at: number): CaseChange {
  const { changed, events } = openCase(opening, at);
  return {
    changed: { ...changed, state: 'closed', outcome: 'duplicate', closedAt: at, oneWith: of },
    events: [
      ...events,
      {
        id: `${opening.caseId}-closed`,
        at,
        kind: 'closed',
        by: WORKFLOW,
        details: { outcome: 'duplicate', of },
      },
    ],
  };
}

/** The attempts that nobody has answered yet. */
export function openAttempts({ climb }: CaseHead): Attempt[] {
  return climb.filter(({ ended }) => ended === undefined);
}

/**
 * Ends an attempt.
 *
 * @returns undefined when it has ended before, or is not of this round
 */
export function endAttempt(
  before: CaseHead,
  taskId: string,
  outcome: AttemptOutcome,
  by: string,
  at: number,
): CaseChange | undefined {
  const position = before.climb.findIndex((attempt) => attempt.taskId === taskId);
  const attempt = before.climb[position];
  if (attempt === undefined || attempt.ended !== undefined) return undefined;
  const { calledOff: _calledOff, ...kept } = attempt;
  const climb = before.climb.with(position, { ...kept, ended: { outcome, by, at } });
  const { step } = attempt;
  const byOfficer = by !== WORKFLOW;
  const kind = KIND_OF_END[outcome] ?? 'task-ended';
  return {
    changed: { ...before, climb, ...(byOfficer && { lastOfficer: by }) },
    events: [{ id: `${taskId}-ended`, at, kind, by, step, taskId, details: { outcome } }],
  };
}

/** What an officer reported of a task when the case had gone on without it. */
export interface LateReport {
  readonly taskId: string;
  readonly step: Step;
  readonly outcome: TaskOutcome;
  /** What counts instead. */
  readonly insteadOf: AttemptOutcome;
  readonly by: string;
  /** Of the report: the same again has the same. */
  readonly key: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Keeps a late report on the timeline; it changes nothing else. @returns undefined when it is kept already */
export function keepLateReport(before: CaseHead, report: LateReport): CaseChange | undefined {
  const { at, by, insteadOf, key, outcome, step, taskId } = report;
  const id = `${taskId}-late-${key}`;
  if (before.lateReports.includes(id)) return undefined;
  return {
    changed: { ...before, lateReports: [...before.lateReports, id] },
    events: [{ id, at, kind: 'late-result', by, step, taskId, details: { outcome, insteadOf } }],
  };
}

const KIND_OF_END: Partial<Record<AttemptOutcome, TimelineEvent['kind']>> = {
  overdue: 'task-overdue',
  cancelled: 'task-cancelled',
};

/** Marks open attempts as called off: `offer-task` sees it on a task that is just being put on its queue. */
export function callOff(before: CaseHead, which: (attempt: Attempt) => boolean): CaseHead {
  const climb = before.climb.map((attempt) =>
    attempt.ended === undefined && which(attempt) ? { ...attempt, calledOff: true } : attempt,
  );
  return { ...before, climb };
}

/** Open attempts whose people are still to be told. */
export function calledOffAttempts(head: CaseHead): Attempt[] {
  return openAttempts(head).filter(({ calledOff }) => calledOff === true);
}
