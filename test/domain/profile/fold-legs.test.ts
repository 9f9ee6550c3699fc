import { describe, expect, it } from 'vitest';
import { createFeatureVector, FEATURES, type Feature } from '../../../lib/domain/features.ts';
import type { Leg } from '../../../lib/domain/leg.ts';
import { createLegFolder, type FoldResult } from '../../../lib/domain/profile/fold-legs.ts';
import {
  CONTACTS_AT,
  ENTRY_BYTES,
  OFFSET,
  PENDING_KEPT,
  PROFILE_BYTES,
  PROFILE_FORMAT,
  SETTLED_KEPT,
} from '../../../lib/domain/profile/layout.ts';
import { Profile, ProfileFormatError } from '../../../lib/domain/profile/profile.ts';
import { computeFeatures } from '../../../lib/domain/profile/profile-features.ts';
import { CALLER, legOf, legsInRow, MORNING, tokenOf } from '../factories.ts';
import { NERVOUS_POLICY } from '../risky-policy.ts';

const fold = createLegFolder(NERVOUS_POLICY);
const run = (legs: readonly Leg[], stored?: Uint8Array): FoldResult => fold(stored, CALLER, legs);

/** A received call that does nothing but let the clock go on. */
const tick = (start: number): Leg =>
  legOf({ call: start, counterpart: tokenOf(99), originating: false, start, duration: 0 });

const subjectsOf = ({ exposures }: FoldResult) =>
  new Set(exposures.map((exposure) => exposure.subject));

function featuresOf(stored: Uint8Array): Record<Feature, number> {
  const profile = new Profile();
  profile.load(stored);
  const values = computeFeatures(profile, createFeatureVector());
  return Object.fromEntries(FEATURES.map((name, i) => [name, values[i]])) as Record<
    Feature,
    number
  >;
}

describe('a stored profile', () => {
  /** What DynamoDB counts of an item besides the profile: names, token, sequence number, time to live. */
  const ITEM_OVERHEAD = 'number'.length + 23 + 'seq'.length + 56 + 'profile'.length + 15;

  it('stays within 1 KB with its keys for a busy number, one DynamoDB write unit', () => {
    const { profile } = run(legsInRow(200));
    expect(profile.byteLength + ITEM_OVERHEAD).toBeLessThanOrEqual(1024);
  });

  it('stays within it for started and ended calls', () => {
    const legs = legsInRow(200, 150).flatMap((leg): Leg[] => [
      { ...leg, phase: 'started', duration: undefined },
      { ...leg, phase: 'ended' },
    ]);
    expect(run(legs).profile.byteLength + ITEM_OVERHEAD).toBeLessThanOrEqual(1024);
  });

  it('cannot grow beyond its block, however fast the calls come', () => {
    const { profile, applied } = run(legsInRow(500, 1));
    expect(applied).toBe(500);
    expect(profile.byteLength).toBeLessThanOrEqual(PROFILE_BYTES);
    expect(profile.readUInt8(OFFSET.pendingCount)).toBe(PENDING_KEPT);
    expect(profile.readUInt8(OFFSET.settledCount)).toBe(SETTLED_KEPT);
  });

  it('is the same after it was loaded and saved', () => {
    for (const count of [0, 1, 3, 20, 90]) {
      const { profile } = run(legsInRow(count, 30));
      const block = new Profile();
      block.bytes.fill(0xab);
      block.load(profile);
      expect(block.save()).toEqual(profile);
    }
  });

  it('is empty without its former content when a new one is begun in the same block', () => {
    const block = new Profile();
    block.load(run(legsInRow(50)).profile);
    block.load(undefined);
    expect(block.save()).toEqual(new Profile().save().fill(PROFILE_FORMAT, 0, 1));
  });

  it.each([
    ['of another format', (stored: Buffer) => stored.fill(9, 0, 1)],
    ['cut off', (stored: Buffer) => stored.subarray(0, -1)],
    ['with more than it says', (stored: Buffer) => Buffer.concat([stored, Buffer.alloc(1)])],
    [
      'with more entries than there is room for',
      (stored: Buffer) => {
        const many = Buffer.concat([stored, Buffer.alloc(200 * ENTRY_BYTES)]);
        many[OFFSET.pendingCount] = 200 + (stored[OFFSET.pendingCount] ?? 0);
        return many;
      },
    ],
    ['of nothing', () => Buffer.alloc(0)],
  ])('is refused %s', (_, spoil) => {
    const spoilt = spoil(run(legsInRow(5)).profile);
    expect(() => run([legOf()], spoilt)).toThrow(ProfileFormatError);
  });
});

describe('a repeated record', () => {
  it('is a duplicate while the call is remembered, and changes nothing', () => {
    const once = run([legOf(), tick(MORNING + 600)]);
    const again = run([legOf(), legOf({ arrivedAt: legOf().arrivedAt + 9_000 })], once.profile);
    expect(again).toMatchObject({ applied: 0, duplicates: 2, late: 0 });
    expect(again.profile).toEqual(once.profile);
  });

  it('is late once the call is forgotten, and changes nothing', () => {
    const once = run(legsInRow(60));
    const again = run(legsInRow(10), once.profile);
    expect(again).toMatchObject({ applied: 0, duplicates: 0, late: 10 });
    expect(again.profile).toEqual(once.profile);
  });

  it.each([
    ['a whole call after its end', 'ended', 'complete'],
    ['an end after the whole call', 'complete', 'ended'],
    ['a start after a counted whole call', 'complete', 'started'],
    ['a start after a counted end', 'ended', 'started'],
  ] as const)('is known as %s', (_, first, second) => {
    const once = run([legOf({ phase: first }), tick(MORNING + 600), tick(MORNING + 1_200)]);
    const again = run([legOf({ phase: second })], once.profile);
    expect(again).toMatchObject({ applied: 0, duplicates: 1 });
    expect(again.profile).toEqual(once.profile);
  });
});

describe('the records of one call', () => {
  const started = legOf({ phase: 'started', duration: undefined });
  const ended = legOf({ phase: 'ended', duration: 40 });

  it('come to the same in either order', () => {
    const inOrder = run([started, ended, tick(MORNING + 600)]);
    expect(run([ended, started, tick(MORNING + 600)]).profile).toEqual(inOrder.profile);
    expect(inOrder.applied).toBe(3);
  });

  it('count as one call made, and once its talk', () => {
    const both = run([started, ended, tick(MORNING + 600)]);
    const whole = run([legOf({ duration: 40 }), tick(MORNING + 600)]);
    const windowsOf = ({ profile }: FoldResult) => profile.subarray(OFFSET.calls, CONTACTS_AT);
    expect(windowsOf(both)).toEqual(windowsOf(whole));
  });

  it('count as one call where only its end was pushed', () => {
    const endOnly = run([ended, tick(MORNING + 600)]);
    const whole = run([legOf({ duration: 40 }), tick(MORNING + 600)]);
    expect(endOnly.profile.subarray(OFFSET.calls, CONTACTS_AT)).toEqual(
      whole.profile.subarray(OFFSET.calls, CONTACTS_AT),
    );
  });
});

describe('a broken duration', () => {
  it('cannot run the clock of its number ahead', () => {
    const arrivedAt = (MORNING + 10) * 1000;
    const broken = legOf({ call: 5, duration: 80_000, arrivedAt });
    const { profile } = run([broken]);
    const next = run(legsInRow(5, 120, { arrivedAt: arrivedAt + 600_000 }), profile);
    expect(next).toMatchObject({ applied: 5, late: 0 });
    expect(next.profile.readUInt32BE(OFFSET.newest)).toBe(MORNING + 480);
  });
});

describe('a caller who turns risky', () => {
  it('exposes the people called before, and each whom he calls from then on at once', () => {
    const legs = legsInRow(6);

    const result = run(legs);
    const next = run(
      [legOf({ call: 77, counterpart: tokenOf(50), start: MORNING + 900 })],
      result.profile,
    );

    expect(result.findings).toHaveLength(1);
    expect(subjectsOf(result)).toEqual(new Set(legs.map((leg) => leg.counterpart)));
    expect(subjectsOf(next)).toEqual(new Set([tokenOf(50)]));
  });

  it('names the reasons, the kind and the policy of the finding', () => {
    const { findings, exposures } = run(legsInRow(6));
    expect(findings[0]?.finding).toMatchObject({
      at: MORNING + 2 * 120 + 60,
      until: MORNING + 2 * 120 + 60 + 3_600,
      points: 1.75,
      kind: 'other',
      policyVersion: NERVOUS_POLICY.version,
      reasons: [
        { id: 'strangers', points: 1 },
        { id: 'talks', points: 0.5 },
        { id: 'called', points: 0.25 },
      ],
    });
    expect(exposures.every((exposure) => exposure.finding.at === findings[0]?.finding.at)).toBe(
      true,
    );
  });

  it('exposes nobody whom he did not call himself, and no service', () => {
    const legs = legsInRow(6).map((leg, i) =>
      i === 4 ? { ...leg, counterpartIsService: true } : leg,
    );
    const received = legOf({
      call: 9,
      counterpart: tokenOf(70),
      originating: false,
      start: MORNING,
    });
    const result = run([received, ...legs]);
    expect(result.findings).toHaveLength(1);
    expect(subjectsOf(result).has(tokenOf(70))).toBe(false);
    expect(subjectsOf(result).has(tokenOf(4))).toBe(false);
  });

  it('exposes nobody called before the days that the policy looks back', () => {
    const early = legOf({ call: 3, counterpart: tokenOf(80), start: MORNING - 3 * 3_600 });
    const result = run([early, ...legsInRow(6)]);
    expect(result.findings).toHaveLength(1);
    expect(subjectsOf(result).has(tokenOf(80))).toBe(false);
  });

  it('is let go once the score falls, and exposes nobody from a minute later on', () => {
    const risky = run(legsInRow(6));
    const calledBack = Array.from({ length: 12 }, (_, i) =>
      legOf({
        call: 200 + i,
        counterpart: tokenOf(i),
        originating: false,
        start: MORNING + 1_000 + i * 5,
        duration: 3,
      }),
    );
    const onceMore = legOf({ call: 300, counterpart: tokenOf(0), start: MORNING + 1_200 });
    const later = legOf({ call: 301, counterpart: tokenOf(61), start: MORNING + 1_400 });
    const last = legOf({ call: 302, counterpart: tokenOf(62), start: MORNING + 1_600 });

    const result = run([...calledBack, onceMore, later, last], risky.profile);

    expect(result.findings).toEqual([]);
    expect(subjectsOf(result).has(tokenOf(0))).toBe(true);
    expect(subjectsOf(result).has(tokenOf(62))).toBe(false);
  });

  it('is found again when the finding has run out and the calls go on', () => {
    const risky = run(legsInRow(6));
    const goesOn = legsInRow(40).slice(6);
    const result = run(goesOn, risky.profile);
    expect(result.findings).toHaveLength(1);
    expect(result.findings[0]?.finding.at).toBeGreaterThan(MORNING + 3_600);
  });

  it('still exposes those whom a long settling would have pushed out of memory', () => {
    const legs = legsInRow(12, 4, { duration: 3 });
    const slow: Leg[] = legs.map((leg, i) => ({
      ...leg,
      call: 500 + i,
      start: MORNING - 4_000 + i * 100,
      duration: 60,
      originating: i > 9,
      counterpart: tokenOf(200 + i),
    }));
    // One record settles all of them at once; the finding is made at the first of the three to count.
    const atOnce = run([...slow, ...legs, tick(MORNING + 600)]);
    const oneByOne = run([...slow, ...legs, tick(MORNING + 64), tick(MORNING + 600)]);
    expect(subjectsOf(atOnce)).toEqual(subjectsOf(oneByOne));
  });
});

describe('what counts for the score', () => {
  const contactsOf = ({ profile }: FoldResult) => profile.readUInt8(OFFSET.contactCount);

  it('leaves services out of the contacts', () => {
    const result = run([
      legOf({ counterpartIsService: true }),
      legOf({ call: 2, counterpart: tokenOf(2), start: MORNING + 120 }),
      tick(MORNING + 600),
    ]);
    expect(contactsOf(result)).toBe(1);
  });

  it('takes a call from abroad only once it is settled', () => {
    const abroad = legOf({ international: true });
    expect(run([abroad]).profile.readUInt8(OFFSET.flags)).toBe(0);
    expect(run([abroad, tick(MORNING + 600)]).profile.readUInt8(OFFSET.flags)).toBe(1);
  });

  it('takes handsets and districts of calls made, each once', () => {
    const legs = legsInRow(8).map((leg, i) => ({
      ...leg,
      handset: [5, 6][i % 2] ?? 0,
      district: i === 3 ? 0 : 510_104,
    }));
    const { profile } = run([
      ...legs,
      legOf({ call: 7, originating: false, handset: 9, start: MORNING + 1_000 }),
      tick(MORNING + 2_000),
    ]);
    const features = featuresOf(profile);
    expect(features.handsets).toBe(2);
    expect(features.places).toBe(1);
  });

  it('keeps a call that comes too late for its turn, at its place', () => {
    const inTime = run([...legsInRow(4), tick(MORNING + 2_000)]);
    const [first, second, ...rest] = legsInRow(4);
    if (first === undefined || second === undefined) throw new Error('no legs');
    const late = run([first, ...rest, tick(MORNING + 2_000), second]);
    const entriesOf = ({ profile }: FoldResult) => profile.subarray(-5 * ENTRY_BYTES);
    expect(entriesOf(late)).toEqual(entriesOf(inTime));
    expect(late.profile.subarray(OFFSET.calls, CONTACTS_AT)).toEqual(
      inTime.profile.subarray(OFFSET.calls, CONTACTS_AT),
    );
  });
});
