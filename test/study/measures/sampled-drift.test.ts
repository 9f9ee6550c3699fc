import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealNumber } from '../../../functions/adapters/sealing.ts';
import { startOfDay } from '../../../lib/archive/archived-call.ts';
import type { DuckDbArchive } from '../../../lib/archive/duckdb-archive.ts';
import { importHistory } from '../../../lib/archive/import-history.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { createFeatureVector, FEATURES } from '../../../lib/domain/features.ts';
import { type Leg, legTime } from '../../../lib/domain/leg.ts';
import { createLegFolder } from '../../../lib/domain/profile/fold-legs.ts';
import { Profile } from '../../../lib/domain/profile/profile.ts';
import { computeFeatures } from '../../../lib/domain/profile/profile-features.ts';
import { parseScenario } from '../../../lib/simulation/scenario.ts';
import { simulateCity } from '../../../lib/simulation/simulate-city.ts';
import { DuckDbStudyArchive } from '../../../lib/study/duckdb-study-archive.ts';
import { countCallers } from '../../../lib/study/measures/count-callers.ts';
import {
  boundsOfPolicy,
  boundsOfReference,
  FeatureCounts,
  measureDrift,
  referenceOf,
} from '../../../lib/study/measures/drift.ts';
import { loadDefaultReference } from '../../../lib/study/measures/read-reference.ts';
import {
  countSampledCallers,
  measureSampledDrift,
  SAMPLE,
} from '../../../lib/study/measures/sampled-drift.ts';
import { CHENGDU_OFFSET, temporaryArchive } from '../../archive/simulated-archive.ts';
import { TEST_SEALER } from '../../support/in-memory-pipeline.ts';

const DAY = '2026-11-24';
const policy = loadDefaultPolicy();
const reference = loadDefaultReference();
const bounds = boundsOfReference(reference);
const scenario = parseScenario(
  JSON.stringify({ name: 'town', people: 300, days: 1, warmUpDays: 0 }),
  'the town',
);
const calls = () => Readable.from(simulateCity(scenario, 4).chunks());

let archive: DuckDbArchive;
let study: DuckDbStudyArchive;
let callers: readonly PlainCaller[];

beforeAll(async () => {
  archive = await temporaryArchive();
  await importHistory(calls(), archive, {
    country: 'CN',
    utcOffsetMinutes: CHENGDU_OFFSET,
    tokenOf: (party) => sealNumber(party, TEST_SEALER),
  });
  study = await DuckDbStudyArchive.open(archive);
  callers = await plainCallers();
});

afterAll(() => archive?.[Symbol.asyncDispose]());

async function sampled(size = SAMPLE) {
  const counts = new FeatureCounts(bounds);
  const isPart = await countSampledCallers(study, counts, { day: DAY, policy, size });
  return { counts, isPart };
}

const tailOf = (number: string) => number.slice(11);

interface PlainCaller {
  readonly number: string;
  readonly legs: readonly Leg[];
  readonly made: number;
}

/** All callers of the archived day, with their legs, in loops over its calls. */
async function plainCallers(): Promise<PlainCaller[]> {
  const rows = await archive.ask<Record<string, never>>(`SELECT * FROM calls WHERE day = '${DAY}'`);
  const legs = new Map<string, Leg[]>();
  for (const row of rows) {
    for (const side of ['caller', 'callee'] as const) {
      const other = side === 'caller' ? 'callee' : 'caller';
      if (row[`${side}_is_service`]) continue;
      const leg: Leg = {
        number: row[side] ?? '',
        counterpart: row[other] ?? '',
        originating: side === 'caller',
        phase: row.duration === null ? 'started' : 'complete',
        call: row.call ?? 0,
        start: row.start ?? 0,
        duration: row.duration ?? undefined,
        answered: row.answered ?? undefined,
        counterpartIsService: row[`${other}_is_service`] ?? false,
        international: row.international ?? false,
        district: 0,
        handset: side === 'caller' ? (row.handset ?? 0) : 0,
        arrivedAt: ((row.start ?? 0) + (row.duration ?? 0)) * 1000,
      };
      const own = legs.get(leg.number);
      if (own === undefined) legs.set(leg.number, [leg]);
      else own.push(leg);
    }
  }
  return [...legs]
    .map(([number, own]) => ({
      number,
      legs: own.toSorted((a, b) => legTime(a) - legTime(b) || a.call - b.call),
      made: own.filter(({ originating }) => originating).length,
    }))
    .filter(({ made }) => made >= policy.scoring.minimumCallsMade)
    .toSorted((a, b) => (tailOf(a.number) < tailOf(b.number) ? -1 : 1));
}

/** Counts callers leg by leg through the live fold. */
function counted(callers: readonly PlainCaller[]): FeatureCounts {
  const counts = new FeatureCounts(bounds);
  const fold = createLegFolder(policy);
  for (const { legs, number } of callers) {
    let stored: Buffer | undefined;
    for (const leg of legs) stored = fold(stored, number, [leg]).profile;
    const profile = new Profile();
    profile.load(stored);
    const features = computeFeatures(profile, createFeatureVector());
    const made = features[FEATURES.indexOf('calls-made-month')] ?? 0;
    if (made >= policy.scoring.minimumCallsMade) counts.add(features);
  }
  return counts;
}

describe('features of the callers of an archived day', () => {
  test('are those that the live fold makes of the same calls, of every caller', async () => {
    const { counts, isPart } = await sampled();
    expect(isPart).toBe(false);
    expect(counts.callers).toBeGreaterThan(100);
    expect(counts.counts()).toEqual(counted(callers).counts());
  });

  test('of a sample are those of the callers with the first tails, and of the same each time', async () => {
    const size = { ...SAMPLE, callers: 60 };
    const first = await sampled(size);
    expect(first.isPart).toBe(true);
    expect(first.counts.counts()).toEqual(counted(callers.slice(0, 60)).counts());
    expect((await sampled(size)).counts.counts()).toEqual(first.counts.counts());
  });

  test('of more calls than there is room for are those of the callers whose calls have room, whole', async () => {
    const room = callers.slice(0, 50).reduce((sum, { legs }) => sum + legs.length, 0);
    for (const size of [room, room + 1]) {
      const { counts, isPart } = await sampled({ ...SAMPLE, calls: size });
      expect(isPart).toBe(true);
      expect(counts.counts()).toEqual(counted(callers.slice(0, 50)).counts());
    }
  });

  test('leave out whoever alone has very many calls', async () => {
    const few = callers.filter(({ legs }) => legs.length <= 40);
    expect(few.length).toBeLessThan(callers.length);
    const { counts } = await sampled({ ...SAMPLE, callsOfOne: 40 });
    expect(counts.counts()).toEqual(counted(few).counts());
  });
});

describe('drift of an archived day', () => {
  test('is what the records themselves tell, within chance, but for what is not archived', async () => {
    const fromMs = startOfDay(DAY, CHENGDU_OFFSET) * 1000;
    const day = { fromMs, toMs: fromMs + 86_400_000 };
    const whole = new FeatureCounts(bounds);
    await countCallers(calls(), whole, { policy, country: 'CN', day });
    const records = measureDrift(reference, whole);
    const drift = await measureSampledDrift(study, reference, DAY, policy);
    expect(drift?.callers).toBeGreaterThan(0.98 * whole.callers);
    expect(drift).not.toHaveProperty('sampled');
    expect(drift?.unmeasured).toEqual(['places']);
    expect(drift?.features.map(({ feature }) => feature).toSorted()).toEqual(
      records.features
        .map(({ feature }) => feature)
        .filter((feature) => feature !== 'places')
        .toSorted(),
    );
    for (const { chance, feature, psi, verdict } of drift?.features ?? []) {
      const other = records.features.find((one) => one.feature === feature);
      expect(Math.abs(psi - (other?.psi ?? 0)), feature).toBeLessThan(chance);
      expect(verdict, feature).toBe(other?.verdict);
    }
  });

  test('shows in the feature that moved, and in that bin', async () => {
    const ofPolicy = new FeatureCounts(boundsOfPolicy(policy));
    await countSampledCallers(study, ofPolicy, { day: DAY, policy });
    const usual = referenceOf(ofPolicy, 'the day itself');
    const same = await measureSampledDrift(study, usual, DAY, policy);
    expect(same?.features.every(({ psi }) => psi < 1e-9)).toBe(true);
    // As if a switch had come to report tenfold durations.
    const longer: typeof study.ask = async (question, values) =>
      (await study.ask<never>(question, values)).map((row: Record<string, unknown>) => ({
        ...row,
        duration: typeof row.duration === 'number' ? row.duration * 10 : row.duration,
      })) as never;
    const moved = await measureSampledDrift({ ask: longer }, usual, DAY, policy);
    const drifted = moved?.features.filter(({ verdict }) => verdict === 'drifted');
    expect(drifted?.map(({ feature }) => feature)).toEqual(
      expect.arrayContaining(['mean-call-seconds', 'mean-talk-seconds']),
    );
    expect(drifted?.[0]?.most).toMatchObject({ below: null, missing: false });
  });

  test('is not told of a day on which nobody called enough', async () => {
    expect(await measureSampledDrift(study, reference, '2026-01-01', policy)).toBeUndefined();
  });
});
