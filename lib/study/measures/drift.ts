import { FEATURES, type Feature, type FeatureVector } from '../../domain/features.ts';
import type { Policy } from '../../domain/policy.ts';

/** How the values of one feature spread: over the bins of a scorecard's term, and without a value. */
export interface FeatureShares {
  readonly feature: Feature;
  /** Rising; a value belongs to the first bin whose bound it is under. The last bin has none. */
  readonly bounds: readonly number[];
  /** Share of callers in each bin; the last is of those without a value. Sums to 1. */
  readonly shares: readonly number[];
}

/** How the features of callers spread on days on which the scorecard was trusted. */
export interface FeatureReference {
  readonly schema: 'forewarn-reference/1';
  /** Where it comes from: read by people. */
  readonly source: string;
  /** Caller-days that were looked at. */
  readonly callers: number;
  readonly features: readonly FeatureShares[];
}

/** How one feature differs from the reference. */
export interface FeatureDrift {
  readonly feature: Feature;
  /** Population stability index: the sum over bins of (is − was) · ln(is / was). */
  readonly psi: number;
  /** What it would be in the mean by chance alone, with so few callers. */
  readonly chance: number;
  readonly verdict: 'stable' | 'shifting' | 'drifted';
  /** The bin that adds most to it: from, up to, and its share then and now. A null pair is callers without a value. */
  readonly most: {
    readonly from: number | null;
    readonly below: number | null;
    readonly missing: boolean;
    readonly was: number;
    readonly is: number;
  };
}

/** How a day's callers differ from those that the scorecard was made for. */
export interface DriftMeasures {
  readonly source: string;
  readonly callers: number;
  /** There were more callers than were looked at. */
  readonly sampled?: true;
  /** The largest first. */
  readonly features: readonly FeatureDrift[];
  /** Features of the reference that could not be counted where the calls came from. */
  readonly unmeasured?: readonly Feature[];
}

/** [assumption] The customary readings of a population stability index. */
export const PSI_SHIFTING = 0.1;
export const PSI_DRIFTED = 0.25;
/** Neighbouring bins are joined until each holds so much of the reference: rare ones only measure chance. */
const LEAST_SHARE = 0.02;
/** Where one side has nobody, the logarithm has no value: half a caller stands there. */
const NOBODY = 0.5;

/** Counts callers over the bins of each feature. */
export class FeatureCounts {
  readonly #bounds: ReadonlyMap<Feature, readonly number[]>;
  readonly #counts: ReadonlyMap<Feature, Float64Array>;
  callers = 0;

  constructor(bounds: ReadonlyMap<Feature, readonly number[]>) {
    this.#bounds = bounds;
    this.#counts = new Map(
      [...bounds].map(([feature, list]) => [feature, new Float64Array(list.length + 2)]),
    );
  }

  /** Takes a caller in. */
  add(vector: FeatureVector): void {
    this.callers++;
    FEATURES.forEach((feature, i) => {
      const counts = this.#counts.get(feature);
      if (counts === undefined) return;
      const value = vector[i] ?? Number.NaN;
      const place = Number.isNaN(value)
        ? counts.length - 1
        : binOf(this.#bounds.get(feature) ?? [], value);
      counts[place] = (counts[place] ?? 0) + 1;
    });
  }

  /** Of each feature: callers by bin, those without a value last. */
  counts(): { feature: Feature; bounds: readonly number[]; counts: Float64Array }[] {
    return [...this.#counts].map(([feature, counts]) => ({
      feature,
      bounds: this.#bounds.get(feature) ?? [],
      counts,
    }));
  }
}

/** The bounds of a policy's habit scorecard, by feature. */
export function boundsOfPolicy({ scoring }: Policy): Map<Feature, readonly number[]> {
  return new Map(
    scoring.scorecard.terms.map(({ feature, bins }) => [
      feature as Feature,
      bins.flatMap(({ below }) => (below === undefined ? [] : [below])),
    ]),
  );
}

/** The bounds of a reference, by feature: a day to be compared with it is counted over these. */
export function boundsOfReference({ features }: FeatureReference): Map<Feature, readonly number[]> {
  return new Map(features.map(({ feature, bounds }) => [feature, bounds]));
}

/** Makes a reference of what was counted, with bins joined until none is rare. */
export function referenceOf(counted: FeatureCounts, source: string): FeatureReference {
  return {
    schema: 'forewarn-reference/1',
    source,
    callers: counted.callers,
    features: counted.counts().map(({ feature, bounds, counts }) => {
      const joined = joinRare(bounds, [...counts], LEAST_SHARE * counted.callers);
      return {
        feature,
        bounds: joined.bounds,
        shares: joined.counts.map((count) => count / Math.max(1, counted.callers)),
      };
    }),
  };
}

/** Callers were counted over other bins than the reference's: the two cannot be compared. */
export class OtherBinsError extends Error {
  readonly code = 'other-bins';
  override readonly name = 'OtherBinsError';
}

/**
 * Compares callers with a reference, over whose bins they were counted.
 *
 * @throws {OtherBinsError}
 */
export function measureDrift(reference: FeatureReference, counted: FeatureCounts): DriftMeasures {
  const observed = new Map(counted.counts().map((each) => [each.feature, each]));
  return {
    source: reference.source,
    callers: counted.callers,
    features: reference.features
      .map((was) => {
        const is = observed.get(was.feature);
        if (is === undefined || String(is.bounds) !== String(was.bounds)) {
          throw new OtherBinsError(
            `${was.feature} was not counted over the bins of the reference; make the counts from its bounds.`,
          );
        }
        return driftOf(was, is.counts, counted.callers, reference.callers);
      })
      .toSorted((a, b) => b.psi - a.psi),
  };
}

function driftOf(
  { feature, bounds, shares }: FeatureShares,
  counts: Float64Array,
  callers: number,
  referenceCallers: number,
): FeatureDrift {
  const parts = shares.map((share, bin) => {
    const count = counts[bin] ?? 0;
    const was = Math.max(share, NOBODY / referenceCallers);
    const is = Math.max(count, NOBODY) / Math.max(1, callers);
    // A bin that is empty on both sides is no bin.
    return share === 0 && count === 0 ? 0 : (is - was) * Math.log(is / was);
  });
  const psi = parts.reduce((sum, part) => sum + part, 0);
  const used = shares.filter((share, bin) => share > 0 || (counts[bin] ?? 0) > 0).length;
  // Each side's counts scatter like chi-squared with one degree of freedom fewer than bins.
  const chance = (used - 1) * (1 / Math.max(1, callers) + 1 / referenceCallers);
  const largest = parts.indexOf(Math.max(...parts));
  const missing = largest === shares.length - 1;
  return {
    feature,
    psi,
    chance,
    verdict: verdictOf(psi - chance),
    most: {
      from: missing ? null : (bounds[largest - 1] ?? null),
      below: missing ? null : (bounds[largest] ?? null),
      missing,
      was: shares[largest] ?? 0,
      is: (counts[largest] ?? 0) / Math.max(1, callers),
    },
  };
}

function verdictOf(beyondChance: number): FeatureDrift['verdict'] {
  if (beyondChance >= PSI_DRIFTED) return 'drifted';
  return beyondChance >= PSI_SHIFTING ? 'shifting' : 'stable';
}

function binOf(bounds: readonly number[], value: number): number {
  const bin = bounds.findIndex((bound) => value < bound);
  return bin === -1 ? bounds.length : bin;
}

/** Joins a bin that holds too little with the next, and the last with the one before; those without a value stay. */
function joinRare(bounds: readonly number[], counts: readonly number[], least: number) {
  const joinedBounds: number[] = [];
  const joined: number[] = [];
  let held = 0;
  for (let bin = 0; bin <= bounds.length; bin++) {
    held += counts[bin] ?? 0;
    const bound = bounds[bin];
    if (bound !== undefined && held >= least) {
      joinedBounds.push(bound);
      joined.push(held);
      held = 0;
    }
  }
  if (held < least && joinedBounds.length > 0) {
    joinedBounds.pop();
    held += joined.pop() ?? 0;
  }
  return { bounds: joinedBounds, counts: [...joined, held, counts.at(-1) ?? 0] };
}
