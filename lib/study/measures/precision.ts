import type { CaseHead } from '../../domain/ladder/case-head.ts';
import {
  isByPolicy,
  labelOf,
  type Precision,
  precisionBy,
  wasTexted,
} from '../../domain/ladder/case-statistics.ts';
import { shareInterval } from './intervals.ts';

/** What of a closed case its precision is counted by. */
export type JudgedCase = Pick<
  CaseHead,
  'outcome' | 'peakTier' | 'reasons' | 'kind' | 'openedBy' | 'heard'
>;

/** How many of those that officers judged were right, with the interval in which the share may lie. */
export interface NamedPrecision extends Precision {
  /** A tier, a reason or a kind of fraud. */
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

/** Precision as officers' outcomes have it. */
export interface PrecisionMeasures {
  readonly all: NamedPrecision;
  /** Closed cases whose outcome says nothing of the judgement: duplicates, and persons whom nobody learned of. */
  readonly unjudged: number;
  readonly byTier: readonly NamedPrecision[];
  /** By scorecard term and rule that spoke for deception; a case counts for each of its own. */
  readonly byReason: readonly NamedPrecision[];
  /** By the kind of fraud that the text named; cases without a text are left out. */
  readonly byText: readonly NamedPrecision[];
}

/**
 * Precision per tier, reason and text, from the outcomes of closed cases. Cases that an officer opened are left out:
 * nobody's judgement but the officer's would be measured.
 */
export function measurePrecision(closed: readonly JudgedCase[]): PrecisionMeasures {
  const own = closed.filter(isByPolicy);
  const labels = own.map(({ outcome }) => labelOf(outcome));
  const right = labels.filter((label) => label === 'right').length;
  const wrong = labels.filter((label) => label === 'wrong').length;
  return {
    all: namedPrecision('all', { right, wrong }),
    unjudged: own.length - right - wrong,
    byTier: allNamed(precisionBy(own, ({ peakTier }) => [peakTier])),
    byReason: allNamed(precisionBy(own, ({ reasons }) => reasons)),
    byText: allNamed(precisionBy(own.filter(wasTexted), ({ kind }) => [kind])),
  };
}

/** With their intervals, the most often judged first. */
export function allNamed(
  byName: Readonly<Record<string, Pick<Precision, 'right' | 'wrong'>>>,
): NamedPrecision[] {
  return Object.entries(byName)
    .map(([name, judged]) => namedPrecision(name, judged))
    .toSorted((a, b) => b.right + b.wrong - (a.right + a.wrong) || (a.name < b.name ? -1 : 1));
}

/** A share with the interval in which it may lie. */
export function namedPrecision(
  name: string,
  { right, wrong }: Pick<Precision, 'right' | 'wrong'>,
): NamedPrecision {
  const judged = right + wrong;
  const precision = judged === 0 ? null : right / judged;
  return { name, right, wrong, precision, ...shareInterval(right, judged) };
}
