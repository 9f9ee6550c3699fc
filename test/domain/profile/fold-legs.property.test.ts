import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exposure } from '../../../lib/domain/exposure.ts';
import { type Leg, legTime } from '../../../lib/domain/leg.ts';
import { createLegFolder } from '../../../lib/domain/profile/fold-legs.ts';
import { CALLER, MORNING } from '../factories.ts';
import { NERVOUS_POLICY } from '../risky-policy.ts';
import { callFields, wholeLeg } from './any-legs.ts';

const fold = createLegFolder(NERVOUS_POLICY);

/** What a number's legs come to: the stored bytes, and per exposure what its subject keeps of it. */
interface Outcome {
  readonly profile: string;
  readonly exposures: readonly string[];
}

function outcomeOf(batches: readonly (readonly Leg[])[]): Outcome {
  let stored: Buffer | undefined;
  const exposures: Exposure[] = [];
  for (const batch of batches) {
    const folded = fold(stored, CALLER, batch);
    stored = folded.profile;
    exposures.push(...folded.exposures);
  }
  const durations = new Map<string, number>();
  for (const { subject, caller, call, start, duration = -1 } of exposures) {
    const key = `${subject} ${caller} ${call} ${start}`;
    durations.set(key, Math.max(durations.get(key) ?? -1, duration));
  }
  return {
    profile: stored?.toString('hex') ?? '',
    exposures: [...durations].map(([key, duration]) => `${key} ${duration}`).sort(),
  };
}

const HOW = ['complete', 'pair', 'pair', 'end only', 'start only', 'start and complete'] as const;

const anyCall = fc.record({
  ...callFields,
  how: fc.constantFrom(...HOW),
  gap: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 90 }) },
    { weight: 3, arbitrary: fc.integer({ min: 60, max: 900 }) },
    { weight: 1, arbitrary: fc.integer({ min: 3_000, max: 9_000 }) },
  ),
  international: fc.integer({ min: 0, max: 30 }),
});

/** The records of some calls, as they become news. */
const anyHistory = fc.array(anyCall, { minLength: 1, maxLength: 30 }).map((calls) => {
  let start = MORNING;
  return calls.flatMap((call, i): Leg[] => {
    start += call.gap;
    const shared = wholeLeg(call, i, start);
    const started: Leg = { ...shared, phase: 'started', duration: undefined };
    switch (call.how) {
      case 'complete':
        return [shared];
      case 'end only':
        return [{ ...shared, phase: 'ended' }];
      case 'start only':
        return [started];
      case 'pair':
        return [started, { ...shared, phase: 'ended' }];
      default:
        return [started, shared];
    }
  });
});

const sortedBy = (legs: readonly Leg[], keyOf: (leg: Leg, i: number) => number): Leg[] =>
  legs
    .map((leg, i) => ({ leg, key: keyOf(leg, i) }))
    .sort((a, b) => a.key - b.key)
    .map(({ leg }) => leg);

/** Cuts a list after the positions given. */
function batchesOf(legs: readonly Leg[], cuts: readonly number[]): Leg[][] {
  const at = [...new Set(cuts.map((cut) => cut % (legs.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => legs.slice(from, at[i] ?? legs.length));
}

/** The legs with some repeated, each behind its first. */
function withRepeats(legs: readonly Leg[], repeats: readonly number[]): Leg[] {
  const all = [...legs];
  for (const repeat of repeats) {
    const position = repeat % all.length;
    const leg = all[position];
    if (leg === undefined) continue;
    const later = position + 1 + (repeat % 97) * 3;
    all.splice(Math.min(later, all.length), 0, leg);
  }
  return all;
}

const disturbances = fc.record({
  jitters: fc.array(fc.double({ min: 0, max: 59.9, noNaN: true }), {
    minLength: 64,
    maxLength: 64,
  }),
  repeats: fc.array(fc.nat({ max: 9_999 }), { maxLength: 8 }),
  cuts: fc.array(fc.nat({ max: 9_999 }), { maxLength: 8 }),
});

type Disturbances = typeof disturbances extends fc.Arbitrary<infer T> ? T : never;

const arrivedLate = (legs: readonly Leg[], { jitters }: Disturbances, timeOf = legTime) =>
  sortedBy(legs, (leg, i) => timeOf(leg) + (jitters[i % 64] ?? 0));

const shuffledInMinutes = (legs: readonly Leg[], { jitters }: Disturbances) =>
  sortedBy(legs, (leg, i) => Math.floor(legTime(leg) / 60) + (jitters[i % 64] ?? 0) / 60);

const RUNS = { numRuns: 400 };

describe('the same calls', () => {
  it('come to the same profile and exposures, jittered by less than a minute, repeated, in any batches', () => {
    let exposed = 0;
    fc.assert(
      fc.property(anyHistory, disturbances, (legs, how) => {
        const expected = outcomeOf([sortedBy(legs, legTime)]);
        exposed += expected.exposures.length;
        const disturbed = withRepeats(arrivedLate(legs, how), how.repeats);
        expect(outcomeOf(batchesOf(disturbed, how.cuts))).toEqual(expected);
      }),
      RUNS,
    );
    // Or the property would say nothing of exposures.
    expect(exposed).toBeGreaterThan(RUNS.numRuns);
  });

  it('come to the same, shuffled within each minute', () => {
    fc.assert(
      fc.property(anyHistory, disturbances, (legs, how) => {
        const expected = outcomeOf([sortedBy(legs, legTime)]);
        const disturbed = withRepeats(shuffledInMinutes(legs, how), how.repeats);
        expect(outcomeOf(batchesOf(disturbed, how.cuts))).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('come to the same in a whole second pass, in another order', () => {
    fc.assert(
      fc.property(anyHistory, disturbances, (legs, how) => {
        const inOrder = sortedBy(legs, legTime);
        const expected = outcomeOf([inOrder]);
        const twice = [...inOrder, ...shuffledInMinutes(legs, how)];
        expect(outcomeOf(batchesOf(twice, how.cuts))).toEqual(expected);
      }),
      RUNS,
    );
  });

  it('come to the same in about the order of their starts, and to the same profile as in that of their ends', () => {
    fc.assert(
      fc.property(anyHistory, disturbances, (records, how) => {
        const legs = records.filter((leg) => leg.phase === 'complete');
        const startOf = (leg: Leg) => leg.start;
        const expected = outcomeOf([sortedBy(legs, startOf)]);
        expect(outcomeOf(batchesOf(arrivedLate(legs, how, startOf), how.cuts))).toEqual(expected);
        expect(outcomeOf([sortedBy(legs, legTime)]).profile).toBe(expected.profile);
      }),
      RUNS,
    );
  });
});
