import {
  type Attempt,
  type AttemptOutcome,
  addedRelatives,
  type CaseChange,
  type CaseHead,
  type CaseOutcome,
  callOff,
  openAttempts,
} from './case-head.ts';
import { CASE_TIERS, type CaseTier, nextTier, type Step } from './ladder-policy.ts';
import { type TimelineEvent, WORKFLOW } from './timeline-event.ts';

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

/** Outcomes of a task that decide a round, the one that counts most first: nobody to dissuade, then a loss. */
const VERDICTS = [
  'wrong-person',
  'not-a-fraud',
  'duplicate',
  'money-lost',
  'dissuaded',
] as const satisfies readonly (AttemptOutcome & CaseOutcome)[];
type Verdict = (typeof VERDICTS)[number];

/** What decides this round. Colleagues may differ who answer at the same time: the rank of what they say decides. */
function verdictOf({ climb }: CaseHead): Verdict | undefined {
  return VERDICTS.find((verdict) => climb.some(({ ended }) => ended?.outcome === verdict));
}

/** What became of a step in this round. */
type StepState =
  | { readonly kind: 'untried' }
  | { readonly kind: 'again'; readonly at: number; readonly busy: boolean }
  | { readonly kind: 'failed' };

function tried({ climb }: CaseHead, step: Step): Attempt[] {
  return climb.filter((attempt) => attempt.step === step && attempt.ended?.outcome !== 'cancelled');
}

/** An officer has learned of somebody to ask since there was nobody. */
function hasNewRelatives(current: CaseHead, last: NonNullable<Attempt['ended']>): boolean {
  return last.outcome === 'no-relatives' && addedRelatives(current).some(({ at }) => at > last.at);
}

function stateOfStep(current: CaseHead, step: Step): StepState {
  const attempts = tried(current, step);
  const last = attempts.at(-1)?.ended;
  if (last === undefined || hasNewRelatives(current, last)) return { kind: 'untried' };
  const { busyMinutes, mostDials, noAnswerMinutes } = current.ladder.redial;
  if (step !== 'call' || attempts.length >= mostDials) return { kind: 'failed' };
  if (last.outcome === 'busy') {
    return { kind: 'again', at: dialAt(current, last.at, busyMinutes), busy: true };
  }
  if (last.outcome !== 'no-answer') return { kind: 'failed' };
  const unanswered = attempts.filter(({ ended }) => ended?.outcome === 'no-answer').length;
  const pause = noAnswerMinutes[unanswered - 1];
  return pause === undefined
    ? { kind: 'failed' }
    : { kind: 'again', at: dialAt(current, last.at, pause), busy: false };
}

/** After a pause, unless something was heard since that makes waiting pointless. */
function dialAt({ dialNowAt = 0 }: CaseHead, endedAt: number, pauseMinutes: number): number {
  return dialNowAt > endedAt ? dialNowAt : endedAt + pauseMinutes * MINUTE;
}

interface WantedStep {
  readonly step: Step;
  readonly at: number;
}

/**
 * The steps to take now: the first that has not failed, or all where the tier takes them together. While a busy
 * line is dialled again, the steps after it begin: busy means talking to the swindler.
 */
function wantedSteps(current: CaseHead, tier: CaseTier, now: number): WantedStep[] {
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

function offer(current: CaseHead, wanted: readonly WantedStep[], now: number): CaseChange {
  const dueMinutes = current.ladder.dueMinutes[current.tier];
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
      climb: [...current.climb, ...attempts],
      tasksMade: current.tasksMade + attempts.length,
    },
    events: attempts.map(({ taskId, step, offerAt, dueAt }) => ({
      id: `${taskId}-offered`,
      at: now,
      kind: 'task-offered',
      by: WORKFLOW,
      step,
      taskId,
      details: { offerAt, dueAt },
    })),
  };
}

function isHigher(tier: CaseTier, than: CaseTier): boolean {
  return CASE_TIERS.indexOf(tier) > CASE_TIERS.indexOf(than);
}

/**
 * Raises a tier: what waits in the lower one is called off, and the higher one's steps begin. A tier that this round
 * has had before calls nothing off, so that a case cannot be kept waiting by raising and lowering it.
 *
 * @returns undefined where it is that high already, or the case is closed
 */
export function raiseTier(
  before: CaseHead,
  tier: CaseTier,
  by: string,
  at: number,
): CaseChange | undefined {
  if (before.state === 'closed' || !isHigher(tier, before.tier)) return undefined;
  const isNew = isHigher(tier, before.peakTier);
  const raised = { ...before, tier, ...(isNew && { peakTier: tier }) };
  return {
    changed: isNew ? callOff(raised, () => true) : raised,
    events: [
      {
        id: `${before.caseId}-raised-${before.version}`,
        at,
        kind: 'tier-raised',
        by,
        details: { from: before.tier, to: tier },
      },
    ],
  };
}

function close(current: CaseHead, outcome: CaseOutcome, now: number): PlannedMove {
  const { watchUntil: _watchUntil, ...kept } = current;
  return {
    changed: { ...kept, state: 'closed', outcome, closedAt: now },
    events: [
      {
        id: `${current.caseId}-closed`,
        at: now,
        kind: 'closed',
        by: WORKFLOW,
        details: { outcome, reopened: current.reopened },
      },
    ],
    move: { kind: 'close', outcome },
  };
}

function watch(current: CaseHead, now: number): PlannedMove {
  const until = current.watchUntil ?? now + current.ladder.watchHours * HOUR;
  const began: TimelineEvent[] =
    current.state === 'watching'
      ? []
      : [
          {
            id: `${current.caseId}-${current.reopened}-watch`,
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
export function reopen(before: CaseHead, at: number): CaseChange | undefined {
  if (before.state !== 'watching' || before.reopened >= before.ladder.mostReopenings) {
    return undefined;
  }
  const { watchUntil: _watchUntil, ...kept } = before;
  const tier = nextTier(before.tier);
  const reopened = before.reopened + 1;
  return {
    changed: { ...kept, tier, peakTier: tier, reopened, state: 'open', climb: [] },
    events: [
      {
        id: `${before.caseId}-reopened-${reopened}`,
        at,
        kind: 'reopened',
        by: WORKFLOW,
        details: { from: before.tier, to: tier },
      },
    ],
  };
}

/** Says that the banks are to be told, once a case. */
function stopPayments(
  current: CaseHead,
  reason: 'money-lost' | 'tier',
  now: number,
): CaseChange | undefined {
  if (current.paymentStopAt !== undefined) return undefined;
  return {
    changed: { ...current, paymentStopAt: now },
    events: [
      {
        id: `${current.caseId}-payment-stop`,
        at: now,
        kind: 'payment-stop',
        by: WORKFLOW,
        details: { reason },
      },
    ],
  };
}

/** Money was sent: the police station goes, and that ends it. */
function afterLoss(current: CaseHead, now: number): PlannedMove {
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
export function nextMove(current: CaseHead, now: number): PlannedMove {
  const open = openAttempts(current);
  // Of a case that was closed meanwhile, too: they are called off, and the timeline is to say so.
  if (open.length > 0) {
    const move: Move = { kind: 'climb', attempts: open };
    return { changed: current, events: [], move };
  }
  if (current.state === 'closed') {
    const outcome = current.outcome ?? 'not-dissuaded';
    return { changed: current, events: [], move: { kind: 'close', outcome } };
  }
  if (current.state === 'watching') {
    return now >= (current.watchUntil ?? now)
      ? close(current, 'dissuaded', now)
      : watch(current, now);
  }
  const verdict = verdictOf(current);
  switch (verdict) {
    case undefined:
      return climb(current, now);
    case 'money-lost':
      return afterLoss(current, now);
    case 'dissuaded':
      return watch(current, now);
    default:
      return close(current, verdict, now);
  }
}

/** Takes the next steps. Where the tier has none left, or a busy line alone, a higher tier that has more takes over. */
function climb(before: CaseHead, now: number): PlannedMove {
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
  const stop = current.ladder.tiers[current.tier].paymentStop
    ? stopPayments(current, 'tier', now)
    : undefined;
  const { changed, events } = offer(stop?.changed ?? current, wanted, now);
  const move: Move = { kind: 'climb', attempts: openAttempts(changed) };
  return { changed, events: [...said, ...(stop?.events ?? []), ...events], move };
}

/** What follows at once when an attempt has ended, while others go on. */
export interface AfterAttempt extends CaseChange {
  /** To be dialled again beside the others. */
  readonly again?: Attempt;
}

/**
 * Follows up an attempt that has just ended: what decides the round calls the others off (but for a visit after money
 * was lost, of which the banks are told at once), and nothing is begun after it; a line that is busy again is dialled
 * again beside steps under way.
 *
 * @param now epoch ms
 */
export function afterAttempt(current: CaseHead, taskId: string, now: number): AfterAttempt {
  const ended = current.climb.find((attempt) => attempt.taskId === taskId);
  const outcome = ended?.ended?.outcome;
  const nothing = { changed: current, events: [] };
  if (ended === undefined || outcome === undefined || current.state !== 'open') return nothing;
  const verdict = verdictOf(current);
  if (verdict !== undefined) {
    const off = callOff(current, ({ step }) => verdict !== 'money-lost' || step !== 'visit');
    const stop = outcome === 'money-lost' ? stopPayments(off, 'money-lost', now) : undefined;
    return stop ?? { changed: off, events: [] };
  }
  // The step is dialled again here only beside others under way; alone, the next move sees to it.
  const others = openAttempts(current).filter(({ calledOff }) => calledOff !== true);
  const state = stateOfStep(current, ended.step);
  if (others.length === 0 || state.kind !== 'again') return nothing;
  const { changed, events } = offer(
    current,
    [{ step: ended.step, at: Math.max(now, state.at) }],
    now,
  );
  const again = changed.climb.at(-1);
  return { changed, events, ...(again && { again }) };
}

/**
 * Dials now what waits for a pause to pass: the line is free again, or the call is the only way left to the person.
 *
 * @param now epoch ms
 */
export function dialNow(before: CaseHead, now: number): CaseHead {
  const hurried = { ...before, dialNowAt: now };
  return callOff(hurried, ({ offerAt, step }) => step === 'call' && offerAt > now);
}
