import type { FraudKind } from '../../domain/fraud-kind.ts';
import type { NumberToken } from '../../domain/leg.ts';
import type { FoundCaller } from '../study-result.ts';
import { type Interval, shareInterval } from './intervals.ts';

/** A number that turned out to be fraudulent, whoever says so. */
export interface ConfirmedNumber {
  readonly number: NumberToken;
  /** Epoch seconds of its confirmation. */
  readonly at: number;
  readonly source: 'case-number' | 'officer';
  readonly kind: FraudKind;
  /** People who were in touch with it before, where that is known. */
  readonly people?: number;
}

/** A confirmed number of which nobody had been warned when it was confirmed. */
export interface MissedNumber extends ConfirmedNumber {
  /** The study of this day finds it by itself. */
  readonly foundByStudy: boolean;
}

/** How much of what turned out to be fraud had been warned of in time. */
export interface MissedMeasures {
  readonly confirmed: number;
  readonly warnedBefore: number;
  /** Share warned of before. */
  readonly share: Interval & { readonly value: number | null };
  /** Those with most people first. */
  readonly missed: readonly MissedNumber[];
}

/**
 * Confirmed frauds of which nobody had been warned before.
 *
 * @param firstWarned epoch seconds at which somebody was first warned of a number
 * @param found what the study lists
 */
export function measureMissed(
  confirmed: readonly ConfirmedNumber[],
  firstWarned: ReadonlyMap<NumberToken, number>,
  found: readonly Pick<FoundCaller, 'number'>[],
): MissedMeasures {
  const listed = new Set(found.map(({ number }) => number));
  const first = earliestOfEach(confirmed);
  const missed = first.filter(
    ({ number, at }) => (firstWarned.get(number) ?? Number.POSITIVE_INFINITY) >= at,
  );
  const warnedBefore = first.length - missed.length;
  return {
    confirmed: first.length,
    warnedBefore,
    share: {
      value: first.length === 0 ? null : warnedBefore / first.length,
      ...shareInterval(warnedBefore, first.length),
    },
    missed: missed
      .map((one) => ({ ...one, foundByStudy: listed.has(one.number) }))
      .toSorted((a, b) => (b.people ?? 0) - (a.people ?? 0) || a.at - b.at),
  };
}

/** A number may be confirmed by several: the first counts. */
function earliestOfEach(confirmed: readonly ConfirmedNumber[]): ConfirmedNumber[] {
  const first = new Map<NumberToken, ConfirmedNumber>();
  for (const one of confirmed) {
    const held = first.get(one.number);
    if (held === undefined || one.at < held.at) first.set(one.number, one);
  }
  return [...first.values()];
}
