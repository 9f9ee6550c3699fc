import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFeatureVector, FEATURES, type Feature } from '../../../lib/domain/features.ts';
import type { Leg, NumberToken } from '../../../lib/domain/leg.ts';
import { createLegFolder, createMemoryFolder } from '../../../lib/domain/profile/fold-legs.ts';
import {
  CONTACT_SKETCH_BYTES,
  CONTACTS_KEPT,
  DAY_WINDOW,
  HOUR_WINDOW,
  MONTH_WINDOW,
  WINDOW_BUCKETS,
  type Window,
} from '../../../lib/domain/profile/layout.ts';
import { StreamedLeg } from '../../../lib/domain/profile/leg-at-hand.ts';
import { Profile } from '../../../lib/domain/profile/profile.ts';
import { computeFeatures } from '../../../lib/domain/profile/profile-features.ts';
import { CALLER, legOf, MORNING, tokenOf } from '../factories.ts';
import { NERVOUS_POLICY } from '../risky-policy.ts';

const fold = createLegFolder(NERVOUS_POLICY);

/** Counterparts whom the sketch tells apart, so that whoever is new to it is new. */
const COUNTERPARTS: NumberToken[] = [];
const taken = new Set<number>();
for (let index = 0; COUNTERPARTS.length < 40; index++) {
  const token = tokenOf(index);
  const bit = Buffer.from(token.slice(1), 'base64url').readUInt16BE() % (CONTACT_SKETCH_BYTES * 8);
  if (!taken.has(bit)) COUNTERPARTS.push(token);
  taken.add(bit);
}

const anyCalls = fc
  .array(
    fc.record({
      gap: fc.oneof(
        fc.integer({ min: 0, max: 600 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.integer({ min: 0, max: 45_000 }),
      ),
      duration: fc.integer({ min: 0, max: 900 }),
      answered: fc.boolean(),
      originating: fc.boolean(),
      counterpart: fc.constantFrom(...COUNTERPARTS),
      handset: fc.nat({ max: 2 }),
      district: fc.constantFrom(0, 510_104, 510_105, 510_107),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((calls) => {
    let start = MORNING;
    return calls.map(({ gap, ...call }, i): Leg => {
      start += gap;
      return legOf({ ...call, call: i + 1, start });
    });
  });

/** The same features from nothing but the list of calls. */
function featuresOfList(legs: readonly Leg[]): Record<Feature, number> {
  const settled = legs.toSorted(
    (a, b) => a.start + (a.duration ?? 0) - b.start - (b.duration ?? 0) || a.call - b.call,
  );
  const newest = Math.max(...settled.map((leg) => leg.start));
  const inWindow = ({ seconds }: Window) => {
    const oldest = Math.floor(newest / seconds) - WINDOW_BUCKETS;
    return (leg: Leg) => Math.floor(leg.start / seconds) > oldest;
  };
  const recent: string[] = [];
  const calledBy = new Map<string, Set<boolean>>();
  const timesOf = new Map<string, number>();
  const ever = new Set<string>();
  const newContacts = new Set<Leg>();
  for (const leg of settled) {
    const at = recent.indexOf(leg.counterpart);
    if (at >= 0) recent.splice(at, 1);
    else {
      timesOf.set(leg.counterpart, 0);
      calledBy.set(leg.counterpart, new Set());
      if (leg.originating && !ever.has(leg.counterpart)) newContacts.add(leg);
    }
    ever.add(leg.counterpart);
    timesOf.set(leg.counterpart, (timesOf.get(leg.counterpart) ?? 0) + 1);
    recent.unshift(leg.counterpart);
    recent.splice(CONTACTS_KEPT);
    calledBy.get(leg.counterpart)?.add(leg.originating);
  }
  const made = settled.filter((leg) => leg.originating);
  const day = settled.filter(inWindow(DAY_WINDOW));
  const madeDay = day.filter((leg) => leg.originating);
  const month = settled.filter(inWindow(MONTH_WINDOW));
  const answered = madeDay.filter((leg) => leg.answered);
  const answeredMonth = month.filter((leg) => leg.answered);
  const talkOf = (legs: readonly Leg[]) => legs.reduce((sum, leg) => sum + (leg.duration ?? 0), 0);
  const twoWay = recent.filter((contact) => calledBy.get(contact)?.size === 2);
  const hours = new Map<number, number>();
  for (const { start } of settled) {
    const hour = Math.floor(start / 3_600) % 24;
    hours.set(hour, (hours.get(hour) ?? 0) + 1);
  }
  return {
    'calls-made-hour': made.filter(inWindow(HOUR_WINDOW)).length,
    'calls-made-day': madeDay.length,
    'calls-made-month': month.filter((leg) => leg.originating).length,
    'new-contact-share': madeDay.filter((leg) => newContacts.has(leg)).length / madeDay.length,
    'made-share-day': madeDay.length / day.length,
    'answered-share': answered.length / madeDay.length,
    'mean-talk-seconds': talkOf(answered) / answered.length,
    'two-way-share': twoWay.length / recent.length,
    'calls-per-contact': settled.length / new Set(settled.map((leg) => leg.counterpart)).size,
    'made-share': month.filter((leg) => leg.originating).length / month.length,
    'mean-call-seconds': talkOf(answeredMonth) / answeredMonth.length,
    'busiest-hour-share': Math.max(...hours.values()) / settled.length,
    'distinct-hours': hours.size,
    'top-contact-share': Math.max(...recent.map((one) => timesOf.get(one) ?? 0)) / settled.length,
    handsets: new Set(made.map((leg) => leg.handset).filter((one) => one !== 0)).size,
    places: new Set(settled.map((leg) => leg.district).filter((one) => one !== 0)).size,
    international: 0,
  };
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

        const named = Object.fromEntries(FEATURES.map((f, i) => [f, features[i]]));
        const plain = featuresOfList(legs);
        // Counterparts and districts are estimated from a sketch; all else is exact.
        for (const estimated of ['calls-per-contact', 'places'] as const) {
          const ratio = (named[estimated] ?? 0) / plain[estimated];
          if (plain[estimated] > 0) expect(Math.abs(Math.log(ratio))).toBeLessThan(0.2);
        }
        const { 'calls-per-contact': _, places: __, ...exact } = plain;
        expect(named).toMatchObject(exact);
      }),
      { numRuns: 300 },
    );
  });

  it('are the same from a profile that stays at hand as from one that is stored between calls', () => {
    const leg = new StreamedLeg();
    const foldAtHand = createMemoryFolder(leg, leg, NERVOUS_POLICY);
    // Months, too, so that every window moves on and is left behind.
    const gaps = fc.constantFrom(1, 40);
    fc.assert(
      fc.property(anyCalls, gaps, (legs, stretch) => {
        const kept = new Profile();
        const stored = new Profile();
        for (const own of legs) {
          const start = MORNING + (own.start - MORNING) * stretch;
          leg.fill(CALLER, { ...own, start, arrivedAt: (start + (own.duration ?? 0)) * 1000 });
          foldAtHand(kept, { exposures: [], findings: [] });
          stored.load(kept.save());

          const features = computeFeatures(kept, createFeatureVector());

          expect(features).toEqual(computeFeatures(stored, createFeatureVector()));
        }
      }),
      { numRuns: 200 },
    );
  });
});
