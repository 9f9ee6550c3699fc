import type { AnswerRow } from '../../archive/duckdb-archive.ts';
import { createFeatureVector, FEATURES, type Feature } from '../../domain/features.ts';
import { type Leg, legTime, type NumberToken } from '../../domain/leg.ts';
import type { Policy } from '../../domain/policy.ts';
import { Profile } from '../../domain/profile/profile.ts';
import { computeFeatures } from '../../domain/profile/profile-features.ts';
import { foldOnly } from '../../fitting/fold-features.ts';
import type { StudyArchive } from '../study-archive.ts';
import {
  boundsOfReference,
  type DriftMeasures,
  FeatureCounts,
  type FeatureReference,
  measureDrift,
} from './drift.ts';

/** How much of a day is looked at. */
export interface SampleSize {
  readonly callers: number;
  /** Calls made and taken of all of them; whoever has no more room is left out. */
  readonly calls: number;
  /** Of one caller; whoever has more is left out. */
  readonly callsOfOne: number;
}

/** By chance alone, shares of so many callers differ by far less than what is called drift. */
export const SAMPLE: SampleSize = { callers: 5_000, calls: 150_000, callsOfOne: 2_000 };

/** What the archive cannot tell: it keeps where a caller was, and not where the person called was. */
const NOT_ARCHIVED: ReadonlySet<Feature> = new Set(['places']);

const CALLS_MADE = FEATURES.indexOf('calls-made-month');

/** A row of the answer of `calls-of-sample`. */
type LegRow = AnswerRow & {
  readonly number: NumberToken;
  readonly counterpart: NumberToken;
  readonly originating: boolean;
  readonly to_service: boolean;
  readonly handset: number;
  readonly call: number;
  readonly start: number;
  readonly duration: number | null;
  readonly answered: boolean | null;
  readonly international: boolean;
};

/**
 * Counts the features of a sample of an archived day's callers as they are at its end, by the fold that judges calls.
 * The same day has the same sample, and so has every day of those who call on it.
 *
 * @returns whether there may be callers who were not looked at
 * @throws {ArchiveError} when the archive cannot be asked
 */
export async function countSampledCallers(
  archive: Pick<StudyArchive, 'ask'>,
  counts: FeatureCounts,
  { day, policy, size = SAMPLE }: { day: string; policy: Policy; size?: SampleSize },
): Promise<boolean> {
  const { minimumCallsMade, settleSeconds } = policy.scoring;
  const rows = await archive.ask<LegRow>('calls-of-sample', {
    day,
    fewestMade: minimumCallsMade,
    mostCallers: size.callers,
    mostOfOne: size.callsOfOne,
    // One more tells whether there was room for all.
    mostLegs: size.calls + 1,
  });
  const byNumber = Map.groupBy(rows, ({ number }) => number);
  const cut = rows.length > size.calls ? rows.at(-1)?.number : undefined;
  const fold = foldOnly(policy, settleSeconds);
  const profile = new Profile();
  const features = createFeatureVector();
  for (const [number, own] of byNumber) {
    if (number === cut) continue;
    const legs = own.map(legOfRow).toSorted((a, b) => legTime(a) - legTime(b) || a.call - b.call);
    profile.load(fold(undefined, number, legs).profile);
    computeFeatures(profile, features);
    if ((features[CALLS_MADE] ?? 0) >= minimumCallsMade) counts.add(features);
  }
  return cut !== undefined || byNumber.size >= size.callers;
}

/**
 * How a sample of an archived day's callers differs from a reference.
 *
 * @returns undefined where nobody made enough calls
 * @throws {ArchiveError} when the archive cannot be asked
 */
export async function measureSampledDrift(
  archive: Pick<StudyArchive, 'ask'>,
  reference: FeatureReference,
  day: string,
  policy: Policy,
): Promise<DriftMeasures | undefined> {
  const archived = {
    ...reference,
    features: reference.features.filter(({ feature }) => !NOT_ARCHIVED.has(feature)),
  };
  const unmeasured = reference.features
    .map(({ feature }) => feature)
    .filter((feature) => NOT_ARCHIVED.has(feature));
  const counts = new FeatureCounts(boundsOfReference(archived));
  const sampled = await countSampledCallers(archive, counts, { day, policy });
  if (counts.callers === 0) return undefined;
  return {
    ...measureDrift(archived, counts),
    ...(sampled && { sampled: true }),
    ...(unmeasured.length > 0 && { unmeasured }),
  };
}

/** It arrives when it becomes news. */
function legOfRow(row: LegRow): Leg {
  const { answered, call, counterpart, duration, number, originating, start } = row;
  return {
    number,
    counterpart,
    originating,
    phase: duration === null ? 'started' : 'complete',
    call,
    start,
    duration: duration ?? undefined,
    answered: answered ?? undefined,
    counterpartIsService: row.to_service,
    international: row.international,
    district: 0,
    handset: row.handset,
    arrivedAt: (start + (duration ?? 0)) * 1000,
  };
}
