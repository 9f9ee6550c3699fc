import { TIERS, type Tier } from '../domain/tiers.ts';
import type { Backtest } from './backtest.ts';
import type { PolicyTrack } from './policy-track.ts';
import { measureAgainstTruth, type TruthMeasures } from './truth-measures.ts';

/** What people and texts cost, which no history tells. */
export interface CostAssumptions {
  /** Minutes of officers for a case, by the highest tier that it rose to. */
  readonly officerMinutes: Readonly<Record<Tier, number>>;
  /** Price of one text, in the reader's own currency. */
  readonly textPrice: number;
}

/**
 * [assumption] By the ladder of design section 7: a police call with its notes for a medium case; the relatives
 * and a visit of two officers in part of the high ones; all of it at once for an urgent one.
 */
export const DEFAULT_COSTS: CostAssumptions = {
  officerMinutes: { low: 5, medium: 15, high: 45, urgent: 120 },
  textPrice: 0.05,
};

/** What one policy did to the people of a history. */
export interface PolicyMeasures {
  readonly version: number;
  readonly exposures: number;
  readonly findings: number;
  /** Different numbers found risky, by their score or by a call of theirs that people were warned of. */
  readonly callersFound: number;
  readonly warnings: {
    readonly decided: number;
    readonly sent: number;
    /** Held back by the day's budget, by band of certainty. */
    readonly overBudget: Readonly<Record<string, number>>;
    /** To numbers that take no texts. */
    readonly undeliverable: number;
    /** Not decided on, because the person had been warned. */
    readonly suppressed: { readonly cooldown: number; readonly cap: number };
    readonly sentPer100kNumbersAndDay: number;
    readonly cost: number;
    readonly costPerDay: number;
    /** People by how many texts they were sent. */
    readonly peopleByTexts: Readonly<Record<string, number>>;
  };
  readonly tiers: Readonly<Record<Tier, { readonly texts: number; readonly cases: number }>>;
  readonly officerHoursPerDay: number;
  /** Texts by hour, the hours without any included. */
  readonly hours: readonly { readonly hourMs: number; readonly texts: number }[];
  readonly truth?: TruthMeasures;
}

/** What a backtest came to. */
export interface BacktestMeasures {
  readonly records: number;
  readonly calls: number;
  readonly rejected: Readonly<Record<string, number>>;
  /** Subscribers' numbers that were seen. */
  readonly numbers: number;
  /** Whom figures per 100,000 people are about. */
  readonly people: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly days: number;
  readonly policies: readonly PolicyMeasures[];
  readonly comparison?: Comparison;
}

/** Who is warned by one policy and not by the other. */
export interface Comparison {
  readonly warnedByBoth: number;
  readonly onlyByFirst: Difference;
  readonly onlyBySecond: Difference;
  /** Of those whom both warn: by how many minutes the second is ahead, in the median; negative when behind. */
  readonly medianMinutesEarlier: number | null;
}

interface Difference {
  readonly people: number;
  /** With truth: those who had talked with a fraud caller. */
  readonly right?: number;
  readonly wrong?: number;
  /** How often each reason stood in their warnings, the most frequent first. */
  readonly reasons: readonly { readonly id: string; readonly texts: number }[];
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SHOWN_REASONS = 12;

/** Works out all measures of a backtest that has read its history. */
export function measureBacktest(
  backtest: Backtest,
  costs: CostAssumptions = DEFAULT_COSTS,
  people?: number,
): BacktestMeasures {
  const { numbers, truth, tracks } = backtest;
  const countedFromMs = Math.max(backtest.fromMs, backtest.countFromMs);
  const span = Math.max(0, backtest.toMs - countedFromMs);
  const period = {
    days: Math.max(span / DAY_MS, 1 / 24),
    numbers: backtest.subscribersSeen,
    people: people ?? truth?.people ?? backtest.subscribersSeen,
  };
  const isEmpty = backtest.records === 0;
  const [first, second] = tracks;
  return {
    records: backtest.records,
    calls: backtest.calls,
    rejected: Object.fromEntries(backtest.rejected),
    numbers: period.numbers,
    people: period.people,
    from: isEmpty ? null : new Date(backtest.fromMs).toISOString(),
    to: isEmpty ? null : new Date(backtest.toMs).toISOString(),
    days: period.days,
    policies: tracks.map((track) => ({
      ...measurePolicy(track, backtest, period, costs),
      ...(truth !== undefined && { truth: measureAgainstTruth(track, truth, numbers, period) }),
    })),
    ...(first !== undefined &&
      second !== undefined && { comparison: compare(first, second, backtest) }),
  };
}

/** What figures are divided by. */
export interface Period {
  readonly days: number;
  readonly numbers: number;
  readonly people: number;
}

function measurePolicy(
  track: PolicyTrack,
  backtest: Backtest,
  { days, numbers }: Period,
  { officerMinutes, textPrice }: CostAssumptions,
): PolicyMeasures {
  const { warnings, cases } = track;
  const sent = warnings.filter(({ outcome }) => outcome === 'sent');
  const minutes = cases.reduce((sum, { tier }) => sum + officerMinutes[tier], 0);
  const cost = sent.length * textPrice;
  const texts = countBy(sent.map(({ subject }) => subject));
  return {
    version: track.policy.version,
    exposures: track.exposures,
    findings: track.findings,
    callersFound: track.found.size,
    warnings: {
      decided: warnings.length,
      sent: sent.length,
      overBudget: Object.fromEntries(track.dropped),
      undeliverable: warnings.filter(
        ({ outcome }) => outcome === 'landline' || outcome === 'service',
      ).length,
      suppressed: { ...track.suppressed },
      sentPer100kNumbersAndDay: perHundredThousand(sent.length, numbers, days),
      cost,
      costPerDay: cost / days,
      peopleByTexts: Object.fromEntries(
        [...countBy([...texts.values()])].toSorted(([a], [b]) => a - b),
      ),
    },
    tiers: Object.fromEntries(
      TIERS.map((tier) => [
        tier,
        {
          texts: sent.filter((warning) => warning.tier === tier).length,
          cases: cases.filter((one) => one.tier === tier).length,
        },
      ]),
    ) as PolicyMeasures['tiers'],
    officerHoursPerDay: minutes / 60 / days,
    hours: textsByHour(
      sent.map(({ at }) => at),
      backtest.fromMs,
      backtest.toMs,
    ),
  };
}

/** Events per 100,000 and day. */
export function perHundredThousand(events: number, people: number, days: number): number {
  return people === 0 ? 0 : (events * 100_000) / people / days;
}

/** How often each value comes. */
export function countBy<T>(values: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function textsByHour(
  times: readonly number[],
  fromMs: number,
  toMs: number,
): PolicyMeasures['hours'] {
  if (!Number.isFinite(fromMs)) return [];
  const counts = countBy(times.map((time) => Math.floor(time / HOUR_MS)));
  const first = Math.floor(fromMs / HOUR_MS);
  const length = Math.floor(toMs / HOUR_MS) - first + 1;
  return Array.from({ length }, (_, i) => ({
    hourMs: (first + i) * HOUR_MS,
    texts: counts.get(first + i) ?? 0,
  }));
}

/** Nearest-rank percentile; null of nothing. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** By person, when he was sent his first text. */
function firstTexts({ warnings }: PolicyTrack): Map<number, number> {
  const first = new Map<number, number>();
  for (const { outcome, subject, at } of warnings) {
    if (outcome === 'sent' && !first.has(subject)) first.set(subject, at);
  }
  return first;
}

function compare(first: PolicyTrack, second: PolicyTrack, { truth }: Backtest): Comparison {
  const byFirst = firstTexts(first);
  const bySecond = firstTexts(second);
  const both = [...byFirst.keys()].filter((person) => bySecond.has(person));
  const lead = both.map((person) => (byFirst.get(person) ?? 0) - (bySecond.get(person) ?? 0));
  const difference = (track: PolicyTrack, other: ReadonlyMap<number, number>): Difference => {
    const own = track.warnings.filter(
      ({ outcome, subject }) => outcome === 'sent' && !other.has(subject),
    );
    const people = new Set(own.map(({ subject }) => subject));
    const reasons = countBy(own.flatMap((warning) => warning.reasons));
    const right = new Set(
      own.filter(({ subject, at }) => truth?.hadTalked(subject, at)).map(({ subject }) => subject),
    );
    return {
      people: people.size,
      ...(truth !== undefined && { right: right.size, wrong: people.size - right.size }),
      reasons: [...reasons]
        .map(([id, texts]) => ({ id, texts }))
        .toSorted((a, b) => b.texts - a.texts || (a.id < b.id ? -1 : 1))
        .slice(0, SHOWN_REASONS),
    };
  };
  const median = percentile(lead, 0.5);
  return {
    warnedByBoth: both.length,
    onlyByFirst: difference(first, bySecond),
    onlyBySecond: difference(second, byFirst),
    medianMinutesEarlier: median === null ? null : median / 60_000,
  };
}
