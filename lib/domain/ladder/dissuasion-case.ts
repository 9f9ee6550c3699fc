import type { FraudKind } from '../fraud-kind.ts';
import type { NumberToken } from '../leg.ts';
import type { TaskOutcome } from '../task-outcome.ts';
import type { CaseTier, LadderPolicy, Step } from './ladder-policy.ts';

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
  /** Epoch ms from which it stands on its queue: a call may have to be dialled later. */
  readonly offerAt: number;
  /** Epoch ms; then the case goes on without it. */
  readonly dueAt: number;
  readonly ended?: {
    readonly outcome: AttemptOutcome;
    readonly by: string;
    /** Epoch ms. */
    readonly at: number;
  };
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

/** A case as the ladder sees it. All times are epoch ms. */
export interface DissuasionCase {
  readonly caseId: string;
  readonly subject: NumberToken;
  readonly kind: FraudKind;
  readonly tier: CaseTier;
  readonly state: 'open' | 'watching' | 'closed';
  readonly openedAt: number;
  readonly policyVersion: number;
  /** As it was when the case was opened: a later policy changes no case under way. */
  readonly ladder: LadderPolicy;
  /** Of this round, oldest first. A reopened case begins a new round. */
  readonly attempts: readonly Attempt[];
  /** Attempts ever made: names the next. */
  readonly tasksMade: number;
  readonly reopenings: number;
  /** The banks were told. */
  readonly paymentStopAt?: number;
  /** Of a watched case: when it closes. */
  readonly watchUntil?: number;
  readonly outcome?: CaseOutcome;
  readonly closedAt?: number;
}

/** Something that happened to a case, for its timeline. */
export interface CaseEvent {
  /** Names it, so that writing it twice is writing it once. */
  readonly id: string;
  readonly at: number;
  readonly kind:
    | 'opened'
    | 'tier-raised'
    | 'task-offered'
    | 'task-ended'
    | 'late-result'
    | 'payment-stop'
    | 'watch-began'
    | 'reopened'
    | 'closed';
  /** An officer, or the workflow. */
  readonly by: string;
  /** Names nobody. */
  readonly details: Readonly<Record<string, string | number>>;
}

/** The workflow's own name where a person's would stand. */
export const WORKFLOW = 'workflow';

/** A new case. @param at epoch ms */
export function openCase(
  opened: Pick<DissuasionCase, 'caseId' | 'subject' | 'kind' | 'tier' | 'policyVersion' | 'ladder'>,
  at: number,
): DissuasionCase {
  return { ...opened, state: 'open', openedAt: at, attempts: [], tasksMade: 0, reopenings: 0 };
}

/** The attempts that nobody has answered yet. */
export function openAttempts({ attempts }: DissuasionCase): Attempt[] {
  return attempts.filter(({ ended }) => ended === undefined);
}

/** A change of a case, with what its timeline says of it. */
export interface CaseChange {
  readonly changed: DissuasionCase;
  readonly events: readonly CaseEvent[];
}

/**
 * Ends an attempt.
 *
 * @returns undefined when it has ended before, or is not of this round
 */
export function endAttempt(
  before: DissuasionCase,
  taskId: string,
  outcome: AttemptOutcome,
  by: string,
  at: number,
): CaseChange | undefined {
  const position = before.attempts.findIndex((attempt) => attempt.taskId === taskId);
  const attempt = before.attempts[position];
  if (attempt === undefined || attempt.ended !== undefined) return undefined;
  const attempts = before.attempts.with(position, { ...attempt, ended: { outcome, by, at } });
  const { step } = attempt;
  return {
    changed: { ...before, attempts },
    events: [
      { id: `${taskId}-ended`, at, kind: 'task-ended', by, details: { taskId, step, outcome } },
    ],
  };
}
