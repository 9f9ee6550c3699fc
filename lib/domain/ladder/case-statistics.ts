import { type CaseHead, type CaseOutcome, openAttempts } from './case-head.ts';
import { CASE_TIERS, type CaseTier, STEPS, type Step } from './ladder-policy.ts';
import { type StepWork, workBySteps } from './step-work.ts';
import { WORKFLOW } from './timeline-event.ts';

/** Of those that were judged: how many people were being deceived, and how many were not. */
export interface Precision {
  readonly right: number;
  readonly wrong: number;
  /** Null of nothing. */
  readonly precision: number | null;
}

/** What a chief asks of the cases. Times are epoch ms. */
export interface CaseStatistics {
  readonly open: Readonly<Record<CaseTier, number>>;
  readonly watching: number;
  readonly dueSoon: number;
  readonly overdue: number;
  readonly closed: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** From a step's offer until an officer reported on it; steps that nobody reported on are left out. */
  readonly medianMinutes: Readonly<Partial<Record<Step, number>>>;
  readonly precisionByTier: Readonly<Record<string, Precision>>;
  readonly precisionByReason: Readonly<Record<string, Precision>>;
  /** By the kind of fraud that a text named; cases without one are left out. */
  readonly precisionByText: Readonly<Record<string, Precision>>;
  /** Tasks offered in the last 24 hours. */
  readonly work: readonly StepWork[];
}

const MINUTE = 60_000;
const SOON_MS = 10 * MINUTE;
const DAY = 24 * 60 * MINUTE;
const BY_POLICY = 'policy';

/** What an outcome says of the judgement: a duplicate, or nothing learned of a person, says nothing. */
const LABEL: Partial<Record<CaseOutcome, 'right' | 'wrong'>> = {
  dissuaded: 'right',
  'not-dissuaded': 'right',
  'money-lost': 'right',
  'wrong-person': 'wrong',
  'not-a-fraud': 'wrong',
};

/** What an outcome says of the judgement that led to the case; undefined where it says nothing. */
export function labelOf(outcome: CaseOutcome | undefined): 'right' | 'wrong' | undefined {
  return outcome && LABEL[outcome];
}

/** Whether the policy opened the case; else an officer did. */
export function isByPolicy({ openedBy }: Pick<CaseHead, 'openedBy'>): boolean {
  return openedBy === BY_POLICY;
}

/** Whether a text went before the case: the policy opened it, and the text could be delivered. */
export function wasTexted(head: Pick<CaseHead, 'heard' | 'openedBy'>): boolean {
  return isByPolicy(head) && head.heard.undeliverable === undefined;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}

/** Counts closed cases by name, in order of name; a case counts for each of its names, and only if it was judged. */
export function precisionBy<Head extends Pick<CaseHead, 'outcome'>>(
  closed: readonly Head[],
  namesOf: (head: Head) => readonly string[],
): Record<string, Precision> {
  const counts = new Map<string, { right: number; wrong: number }>();
  for (const head of closed) {
    const label = labelOf(head.outcome);
    if (label === undefined) continue;
    for (const name of namesOf(head)) {
      const count = counts.get(name) ?? { right: 0, wrong: 0 };
      count[label]++;
      counts.set(name, count);
    }
  }
  return Object.fromEntries(
    [...counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { right, wrong }]) => [
        name,
        { right, wrong, precision: right / (right + wrong) },
      ]),
  );
}

function minutesBy(cases: readonly CaseHead[]): Partial<Record<Step, number>> {
  const minutes: Partial<Record<Step, number>> = {};
  for (const step of STEPS) {
    const durations = cases
      .flatMap(({ climb }) => climb)
      .filter((attempt) => attempt.step === step)
      .flatMap(({ ended, offerAt }) =>
        ended === undefined || ended.by === WORKFLOW ? [] : [(ended.at - offerAt) / MINUTE],
      );
    if (durations.length > 0) minutes[step] = Math.round(median(durations) * 10) / 10;
  }
  return minutes;
}

/**
 * Counts cases.
 *
 * @param underWay all that are open or watched
 * @param closed those of the time that is asked for
 * @param now epoch ms
 */
export function caseStatistics(
  underWay: readonly CaseHead[],
  closed: readonly CaseHead[],
  now: number,
): CaseStatistics {
  const open = underWay.filter(({ state }) => state === 'open');
  const dueTimes = open.flatMap((head) => openAttempts(head)).map(({ dueAt }) => dueAt);
  const outcomes: Record<string, number> = {};
  for (const { outcome = 'not-dissuaded' } of closed) {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  const countOf = (tier: CaseTier) => open.filter((head) => head.tier === tier).length;
  return {
    open: Object.fromEntries(CASE_TIERS.map((tier) => [tier, countOf(tier)])) as Record<
      CaseTier,
      number
    >,
    watching: underWay.length - open.length,
    dueSoon: dueTimes.filter((dueAt) => dueAt > now && dueAt <= now + SOON_MS).length,
    overdue: dueTimes.filter((dueAt) => dueAt <= now).length,
    closed: closed.length,
    outcomes,
    medianMinutes: minutesBy([...underWay, ...closed]),
    precisionByTier: precisionBy(closed, ({ peakTier }) => [peakTier]),
    precisionByReason: precisionBy(closed, ({ reasons }) => reasons),
    precisionByText: precisionBy(closed.filter(wasTexted), ({ kind }) => [kind]),
    work: workBySteps([...underWay, ...closed], { fromMs: now - DAY, toMs: now }),
  };
}
