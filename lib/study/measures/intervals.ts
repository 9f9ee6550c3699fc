import type { Random } from '../../fitting/random.ts';

/** Between what a figure may well be: 95 of 100 such intervals hold the true one. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A figure that was estimated from a sample, and between what it may well be. */
export interface Estimate extends Interval {
  readonly mean: number;
}

/** Of the normal distribution: 95 % lie within so many standard deviations of the mean. */
export const Z_95 = 1.96;
const DRAWS = 2_000;

/**
 * Wilson's interval of a share. Unlike the textbook's it stays within 0 and 1 and is right of few.
 *
 * @returns 0 to 1 of nothing
 */
export function shareInterval(hits: number, of: number): Interval {
  if (of === 0) return { low: 0, high: 1 };
  const share = hits / of;
  const z2 = Z_95 ** 2;
  const middle = (share + z2 / (2 * of)) / (1 + z2 / of);
  const half = (Z_95 * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of))) / (1 + z2 / of);
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/**
 * The mean of values, with the percentile interval of its bootstrap: the values need not be normal, and minutes of talk
 * are not.
 *
 * @returns undefined of fewer than two values
 */
export function meanEstimate(values: readonly number[], random: Random): Estimate | undefined {
  if (values.length < 2) return undefined;
  const means = Array.from({ length: DRAWS }, () => resampledMean(values, random));
  return { mean: meanOf(values), ...middle95(means) };
}

/** The same of the difference of two means: of the first sample less the second. */
export function differenceEstimate(
  first: readonly number[],
  second: readonly number[],
  random: Random,
): Estimate | undefined {
  if (first.length < 2 || second.length < 2) return undefined;
  const differences = Array.from(
    { length: DRAWS },
    () => resampledMean(first, random) - resampledMean(second, random),
  );
  return { mean: meanOf(first) - meanOf(second), ...middle95(differences) };
}

/** 0 of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function resampledMean(values: readonly number[], random: Random): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)] ?? 0;
  return sum / values.length;
}

function middle95(drawn: readonly number[]): Interval {
  const sorted = Float64Array.from(drawn).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return { low: at(0.025), high: at(0.975) };
}
