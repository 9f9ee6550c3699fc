import {
  type Attempt,
  type AttemptOutcome,
  type CaseChange,
  type CaseEvent,
  type CaseOutcome,
  type DissuasionCase,
  openAttempts,
  WORKFLOW,
} from './dissuasion-case.ts';
import { CASE_TIERS, type CaseTier, nextTier, type Step } from './ladder-policy.ts';

/** What a case does next. */
export type Move =
  /** Waits for its open attempts, whose tasks people do side by side. */
  | { readonly kind: 'climb'; readonly attempts: readonly Attempt[] }
  /** Waits for news until a time, epoch ms. */
  | { readonly kind: 'watch'; readonly until: number }
  | { readonly kind: 'close'; readonly outcome: CaseOutcome };

/** A move, and the case as it is after it. */
export interface PlannedMove extends CaseChange {
  readonly move: Move;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Outcomes that say that there is nobody to dissuade. */
const LABELS: Partial<Record<AttemptOutcome, CaseOutcome>> = {
  'wrong-person': 'wrong-person',
  'not-a-fraud': 'not-a-fraud',
  duplicate: 'duplicate',
};

/** What became of a step in this round. */
type StepState =
  | { readonly kind: 'untried' }
  | { readonly kind: 'again'; readonly at: number; readonly busy: boolean }
  | { readonly kind: 'failed' };

function tried({ attempts }: DissuasionCase, step: Step): Attempt[] {
  return attempts.filter(
    (attempt) => attempt.step === step && attempt.ended?.outcome !== 'cancelled',
  );
}

function stateOfStep(current: DissuasionCase, step: Step): StepState {
  const attempts = tried(current, step);
  const last = attempts.at(-1)?.ended;
  if (last === undefined) return { kind: 'untried' };
  const { busyMinutes, mostDials, noAnswerMinutes } = current.ladder.redial;
  if (step !== 'call' || attempts.length >= mostDials) return { kind: 'failed' };
  if (last.outcome === 'busy') {
    return { kind: 'again', at: last.at + busyMinutes * MINUTE, busy: true };
  }
  if (last.outcome !== 'no-answer') return { kind: 'failed' };
  const unanswered = attempts.filter(({ ended }) => ended?.outcome === 'no-answer').length;
  const pause = noAnswerMinutes[unanswered - 1];
  return pause === undefined
    ? { kind: 'failed' }
    : { kind: 'again', at: last.at + pause * MINUTE, busy: false };
}

interface WantedStep {
  readonly step: Step;
  readonly at: number;
}

/**
 * The steps to take now: the first that has not failed, or all where the tier takes them together. While a busy
 * line is dialled again, the steps after it begin: busy means talking to the swindler.
 */
function wantedSteps(current: DissuasionCase, tier: CaseTier, now: number): WantedStep[] {
  const { steps, together } = current.ladder.tiers[tier];
  const wanted: WantedStep[] = [];
  let sideBySide = together;
  for (const step of steps) {
    const state = stateOfStep(current, step);
    if (state.kind === 'failed') continue;
    wanted.push({ step, at: state.kind === 'again' ? Math.max(now, state.at) : now });
    sideBySide ||= state.kind === 'again' && state.busy;
    if (!sideBySide) break;
  }
  return wanted;
}

function latestOutcome(current: DissuasionCase, of: (outcome: AttemptOutcome) => boolean) {
  return current.attempts.findLast(({ ended }) => ended !== undefined && of(ended.outcome))?.ended;
}

function offer(current: DissuasionCase, wanted: readonly WantedStep[], now: number): CaseChange {
  const { dueMinutes } = current.ladder.tiers[current.tier];
  const attempts = wanted.map(
    ({ step, at }, i): Attempt => ({
      taskId: `${current.caseId}-${current.tasksMade + 1 + i}`,
      step,
      offerAt: at,
      dueAt: at + dueMinutes[step] * MINUTE,
    }),
  );
  return {
    changed: {
      ...current,
      attempts: [...current.attempts, ...attempts],
      tasksMade: current.tasksMade + attempts.length,
    },
    events: attempts.map(({ taskId, step, offerAt, dueAt }) => ({
      id: `${taskId}-offered`,
      at: now,
      kind: 'task-offered',
      by: WORKFLOW,
      details: { taskId, step, offerAt, dueAt },
    })),
  };
}

/** Raises a tier. @returns undefined where it is that high already */
export function raiseTier(
  before: DissuasionCase,
  tier: CaseTier,
  by: string,
  at: number,
): CaseChange | undefined {
  if (before.state === 'closed') return undefined;
  if (CASE_TIERS.indexOf(tier) <= CASE_TIERS.indexOf(before.tier)) return undefined;
  return {
    changed: { ...before, tier },
    events: [
      {
        id: `${before.caseId}-${before.reopenings}-${tier}`,
        at,
        kind: 'tier-raised',
        by,
        details: { from: before.tier, to: tier },
      },
    ],
  };
}

function close(current: DissuasionCase, outcome: CaseOutcome, now: number): PlannedMove {
  const { attempts, watchUntil: _watchUntil, ...kept } = current;
  return {
    changed: { ...kept, attempts, state: 'closed', outcome, closedAt: now },
    events: [
      {
        id: `${current.caseId}-closed`,
        at: now,
        kind: 'closed',
        by: WORKFLOW,
        details: { outcome, reopenings: current.reopenings },
      },
    ],
    move: { kind: 'close', outcome },
  };
}

function watch(current: DissuasionCase, now: number): PlannedMove {
  const until = current.watchUntil ?? now + current.ladder.watchHours * HOUR;
  const began: CaseEvent[] =
    current.state === 'watching'
      ? []
      : [
          {
            id: `${current.caseId}-${current.reopenings}-watch`,
            at: now,
            kind: 'watch-began',
            by: WORKFLOW,
            details: { until },
          },
        ];
  return {
    changed: { ...current, state: 'watching', watchUntil: until },
    events: began,
    move: { kind: 'watch', until },
  };
}

/**
 * News of another exposure reopens a watched case one tier higher, in a new round.
 *
 * @returns undefined where the case is not watched, or was reopened often enough
 */
export function reopen(before: DissuasionCase, at: number): CaseChange | undefined {
  if (before.state !== 'watching' || before.reopenings >= before.ladder.mostReopenings) {
    return undefined;
  }
  const { watchUntil: _watchUntil, ...kept } = before;
  const tier = nextTier(before.tier);
  const reopenings = before.reopenings + 1;
  return {
    changed: { ...kept, tier, reopenings, state: 'open', attempts: [] },
    events: [
      {
        id: `${before.caseId}-${reopenings}-reopened`,
        at,
        kind: 'reopened',
        by: WORKFLOW,
        details: { from: before.tier, to: tier },
      },
    ],
  };
}

function paymentStopOf({ caseId }: DissuasionCase, now: number): CaseEvent {
  return { id: `${caseId}-payment-stop`, at: now, kind: 'payment-stop', by: WORKFLOW, details: {} };
}

/** Money was sent: the police station goes, and that ends it. */
function afterLoss(current: DissuasionCase, now: number): PlannedMove {
  if (tried(current, 'visit').length > 0) return close(current, 'money-lost', now);
  const { changed, events } = offer(current, [{ step: 'visit', at: now }], now);
  return { changed, events, move: { kind: 'climb', attempts: openAttempts(changed) } };
}

/**
 * Decides what a case does next, by what was tried. Asked again while attempts are open, it answers with those: so it
 * can be asked any number of times.
 *
 * @param now epoch ms
 */
export function nextMove(current: DissuasionCase, now: number): PlannedMove {
  if (current.state === 'closed') {
    const outcome = current.outcome ?? 'not-dissuaded';
    return { changed: current, events: [], move: { kind: 'close', outcome } };
  }
  const open = openAttempts(current);
  if (open.length > 0) {
    const move: Move = { kind: 'climb', attempts: open };
    return { changed: current, events: [], move };
  }
  if (current.state === 'watching') {
    return now >= (current.watchUntil ?? now)
      ? close(current, 'dissuaded', now)
      : watch(current, now);
  }
  const label = latestOutcome(current, (outcome) => LABELS[outcome] !== undefined);
  const labelled = label && LABELS[label.outcome];
  if (labelled !== undefined) return close(current, labelled, now);
  if (latestOutcome(current, (outcome) => outcome === 'money-lost') !== undefined) {
    return afterLoss(current, now);
  }
  if (latestOutcome(current, (outcome) => outcome === 'dissuaded') !== undefined) {
    return watch(current, now);
  }
  return climb(current, now);
}

/** Takes the next steps. Where the tier has none left, or a busy line alone, a higher tier that has more takes over. */
function climb(before: DissuasionCase, now: number): PlannedMove {
  const own = wantedSteps(before, before.tier, now);
  const isBusy = stateOfStep(before, 'call');
  const stuck = own.length === 0 || (own.length === 1 && isBusy.kind === 'again' && isBusy.busy);
  const higher = CASE_TIERS.slice(CASE_TIERS.indexOf(before.tier) + 1);
  const better = stuck
    ? higher.find((tier) => wantedSteps(before, tier, now).length > own.length)
    : undefined;
  const raised = better && raiseTier(before, better, WORKFLOW, now);
  const current = raised?.changed ?? before;
  const said = raised?.events ?? [];
  const wanted = wantedSteps(current, current.tier, now);
  if (wanted.length === 0) {
    const closed = close(current, 'not-dissuaded', now);
    return { ...closed, events: [...said, ...closed.events] };
  }
  const { changed, events } = offer(current, wanted, now);
  const move: Move = { kind: 'climb', attempts: openAttempts(changed) };
  return { changed, events: [...said, ...events], move };
}

/** Outcomes after which the other tasks of a case are pointless. */
const DECISIVE: ReadonlySet<AttemptOutcome> = new Set([
  'dissuaded',
  'wrong-person',
  'not-a-fraud',
  'duplicate',
  'money-lost',
]);

/** What follows at once when an attempt has ended, while others go on. */
export interface AfterAttempt extends CaseChange {
  /** To be dialled again beside the others. */
  readonly again?: Attempt;
  /** Tasks that are pointless now. */
  readonly cancel: readonly Attempt[];
  readonly paymentStop: boolean;
}

/**
 * Follows up an attempt that has just ended: a decisive outcome calls the others off (but for a visit after money was
 * lost, of which the banks are told at once); a line that is busy again is dialled again beside steps under way.
 *
 * @param now epoch ms
 */
export function afterAttempt(current: DissuasionCase, taskId: string, now: number): AfterAttempt {
  const ended = current.attempts.find((attempt) => attempt.taskId === taskId);
  const outcome = ended?.ended?.outcome;
  const others = openAttempts(current);
  const nothing = { changed: current, events: [], cancel: [], paymentStop: false };
  if (ended === undefined || outcome === undefined || current.state !== 'open') return nothing;
  if (DECISIVE.has(outcome)) {
    const cancel = others.filter(({ step }) => outcome !== 'money-lost' || step !== 'visit');
    if (outcome !== 'money-lost' || current.paymentStopAt !== undefined) {
      return { ...nothing, cancel };
    }
    return {
      changed: { ...current, paymentStopAt: now },
      events: [paymentStopOf(current, now)],
      cancel,
      paymentStop: true,
    };
  }
  const state = stateOfStep(current, ended.step);
  if (others.length === 0 || state.kind !== 'again') return nothing;
  const { changed, events } = offer(current, [{ step: ended.step, at: state.at }], now);
  const again = changed.attempts.at(-1);
  return { changed, events, cancel: [], paymentStop: false, ...(again && { again }) };
}
