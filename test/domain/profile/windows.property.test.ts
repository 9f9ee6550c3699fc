import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FEATURES } from '../../../lib/domain/features.ts';
import type { Leg } from '../../../lib/domain/leg.ts';
import { createLegFolder } from '../../../lib/domain/profile/fold-legs.ts';
import {
  BUCKET_SECONDS,
  CONTACTS_KEPT,
  WINDOW_BUCKETS,
} from '../../../lib/domain/profile/layout.ts';
import { Profile } from '../../../lib/domain/profile/profile.ts';
import { computeFeatures, createFeatureVector } from '../../../lib/domain/profile/windows.ts';
import { CALLER, legOf, MORNING, tokenOf } from '../factories.ts';
import { NERVOUS_POLICY } from '../risky-policy.ts';

const fold = createLegFolder(NERVOUS_POLICY);

const anyCalls = fc
  .array(
    fc.record({
      gap: fc.oneof(
        fc.integer({ min: 0, max: 600 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 0, max: 400_000 }),
      ),
      duration: fc.integer({ min: 0, max: 900 }),
      answered: fc.boolean(),
      originating: fc.boolean(),
      counterpart: fc.nat({ max: 40 }),
      handset: fc.nat({ max: 2 }),
      district: fc.constantFrom(0, 510_104, 510_105, 510_107),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((calls) => {
    let start = MORNING;
    return calls.map(({ gap, counterpart, ...call }, i): Leg => {
      start += gap;
      return legOf({ ...call, call: i + 1, counterpart: tokenOf(counterpart), start });
    });
  });

/** The same features from nothing but the list of calls. */
function featuresOfList(legs: readonly Leg[]): number[] {
  const settled = legs.toSorted(
    (a, b) => a.start + (a.duration ?? 0) - b.start - (b.duration ?? 0) || a.call - b.call,
  );
  const newest = Math.max(...settled.map((leg) => leg.start));
  const inWindow = (window: number) => {
    const seconds = BUCKET_SECONDS[window] ?? 1;
    const oldest = Math.floor(newest / seconds) - WINDOW_BUCKETS;
    return (leg: Leg) => Math.floor(leg.start / seconds) > oldest;
  };
  const recent: string[] = [];
  const calledBy = new Map<string, Set<boolean>>();
  const newContacts = new Set<Leg>();
  for (const leg of settled) {
    const at = recent.indexOf(leg.counterpart);
    if (at >= 0) recent.splice(at, 1);
    else {
      calledBy.set(leg.counterpart, new Set());
      if (leg.originating) newContacts.add(leg);
    }
    recent.unshift(leg.counterpart);
    recent.splice(CONTACTS_KEPT);
    calledBy.get(leg.counterpart)?.add(leg.originating);
  }
  const made = settled.filter((leg) => leg.originating);
  const day = made.filter(inWindow(1));
  const week = made.filter(inWindow(2));
  const received = settled.filter((leg) => !leg.originating).filter(inWindow(1));
  const answered = day.filter((leg) => leg.answered);
  const talk = answered.reduce((sum, leg) => sum + (leg.duration ?? 0), 0);
  const twoWay = recent.filter((contact) => calledBy.get(contact)?.size === 2);
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return [
    made.filter(inWindow(0)).length,
    day.length,
    week.length,
    share(day.filter((leg) => newContacts.has(leg)).length, day.length),
    week.length / Math.max(1, week.filter((leg) => newContacts.has(leg)).length),
    share(day.length, day.length + received.length),
    share(answered.length, day.length),
    share(talk, answered.length),
    share(twoWay.length, recent.length),
    new Set(made.map((leg) => leg.handset).filter((one) => one !== 0)).size,
    new Set(made.map((leg) => leg.district).filter((one) => one !== 0)).size,
    0,
  ];
}

describe('the features of a number', () => {
  it('are those of the plain list of its calls, over sliding windows', () => {
    fc.assert(
      fc.property(anyCalls, (legs) => {
        const after = Math.max(...legs.map((leg) => leg.start + (leg.duration ?? 0))) + 61;
        const clock = legOf({ call: 9_999, originating: false, start: after, duration: 0 });
        const profile = new Profile();
        profile.load(fold(undefined, CALLER, [...legs, clock]).profile);

        const features = [...computeFeatures(profile, createFeatureVector())];

        const named = (values: number[]) =>
          Object.fromEntries(FEATURES.map((f, i) => [f, values[i]]));
        expect(named(features)).toEqual(named(featuresOfList(legs)));
      }),
      { numRuns: 300 },
    );
  });
});
