import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Exposure } from '../../lib/domain/exposure.ts';
import { FRAUD_KINDS } from '../../lib/domain/fraud-kind.ts';
import type { Leg } from '../../lib/domain/leg.ts';
import {
  BUCKETS,
  bucketOf,
  FRAME_BYTES,
  FrameError,
  packExposures,
  packLegs,
  unpackExposures,
  unpackLegs,
} from '../../lib/wire/frames.ts';
import { exposureOf, findingOf, legOf, tokenOf } from '../domain/factories.ts';

const token = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((sealed) => `1${Buffer.from(sealed).toString('base64url')}`);
const seconds = fc.option(fc.nat({ max: 86_400 }), { nil: undefined });
const answered = fc.constantFrom(true, false, undefined);

const anyLeg: fc.Arbitrary<Leg> = fc.record({
  number: token,
  counterpart: token,
  originating: fc.boolean(),
  phase: fc.constantFrom('complete', 'started', 'ended'),
  call: fc.nat({ max: 2 ** 48 - 1 }),
  start: fc.nat({ max: 0xffff_ffff }),
  duration: seconds,
  answered,
  counterpartIsService: fc.boolean(),
  international: fc.boolean(),
  district: fc.nat({ max: 999_999 }),
  handset: fc.nat({ max: 0xffff }),
  arrivedAt: fc.nat({ max: 2 ** 43 }),
});

const anyExposure: fc.Arbitrary<Exposure> = fc.record({
  subject: token,
  caller: token,
  call: fc.nat({ max: 2 ** 48 - 1 }),
  start: fc.nat({ max: 0xffff_ffff }),
  duration: seconds,
  answered,
  international: fc.boolean(),
  track: fc.constantFrom('live', 'shadow'),
  side: fc.constantFrom('caller', 'subject', 'list'),
  arrivedAt: fc.nat({ max: 2 ** 43 }),
  finding: fc.record({
    probability: fc.double({ min: 0, max: 1, noNaN: true }).filter((p) => !Object.is(p, -0)),
    at: fc.nat({ max: 0xffff_ffff }),
    until: fc.nat({ max: 0xffff_ffff }),
    points: fc.integer({ min: -3_000, max: 3_000 }).map((cents) => cents / 100),
    kind: fc.constantFrom(...FRAUD_KINDS),
    reasons: fc.array(
      fc.record({
        id: fc.stringMatching(/^[a-z0-9-]{1,40}$/),
        points: fc.integer({ min: -900, max: 900 }).map((cents) => cents / 100),
      }),
      { maxLength: 4 },
    ),
    policyVersion: fc.nat({ max: 65_535 }),
  }),
});

describe('a number beyond all bounds', () => {
  it.each(['legs', 'exposures'])('makes a frame of %s bad', (header) => {
    const [frame] =
      header === 'legs'
        ? packLegs([legOf()])
        : packExposures([exposureOf({ finding: findingOf() })]);
    const rows = JSON.parse(frame?.data.toString() ?? '')[header] as unknown[][];
    const [row = []] = rows;
    const text = (value: unknown) => (value === undefined ? '1e999' : JSON.stringify(value));
    row.forEach((part, i) => {
      if (typeof part !== 'number') return;
      const broken = row.map((one, j) => text(i === j ? undefined : one)).join(',');
      const data = Buffer.from(`{"v":1,"${header}":[[${broken}]]}`);
      expect(() => (header === 'legs' ? unpackLegs(data) : unpackExposures(data))).toThrow(
        FrameError,
      );
    });
  });
});

describe('frames', () => {
  it('give back the legs that were packed', () => {
    fc.assert(
      fc.property(fc.array(anyLeg, { maxLength: 50 }), (legs) => {
        for (const { data, items } of packLegs(legs)) {
          expect(unpackLegs(data)).toEqual(items.map((item) => legs[item]));
        }
        const packed = packLegs(legs).flatMap((frame) => frame.items);
        expect(packed.toSorted((a, b) => a - b)).toEqual(legs.map((_, i) => i));
      }),
    );
  });

  it('give back the exposures that were packed', () => {
    fc.assert(
      fc.property(fc.array(anyExposure, { maxLength: 30 }), (exposures) => {
        for (const { data, items } of packExposures(exposures)) {
          expect(unpackExposures(data)).toEqual(items.map((item) => exposures[item]));
        }
        const packed = packExposures(exposures).flatMap((frame) => frame.items);
        expect(packed.toSorted((a, b) => a - b)).toEqual(exposures.map((_, i) => i));
      }),
    );
  });

  it('are none for nothing', () => {
    expect(packLegs([])).toEqual([]);
    expect(packExposures([])).toEqual([]);
  });

  it('are filled to one PUT unit and never beyond', () => {
    const legs = Array.from({ length: 5_000 }, (_, i) =>
      legOf({ number: tokenOf(i % 40), call: 2 ** 47 + i, duration: 86_400 }),
    );
    const exposures = Array.from({ length: 2_000 }, (_, i) =>
      exposureOf({ subject: tokenOf(i % 8), call: 2 ** 47 + i }),
    );
    for (const frames of [packLegs(legs), packExposures(exposures)]) {
      const sizes = frames.map((frame) => frame.data.byteLength);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(FRAME_BYTES);
      expect(Math.max(...sizes)).toBeGreaterThan(FRAME_BYTES - 400);
    }
  });

  it('keep the order of each number, over all frames of its bucket', () => {
    const legs = Array.from({ length: 3_000 }, (_, i) =>
      legOf({ number: tokenOf(i % 7), call: i }),
    );
    const seen = new Map<string, number>();
    for (const { data, partitionKey } of packLegs(legs)) {
      for (const leg of unpackLegs(data)) {
        expect(partitionKey).toBe(String(bucketOf(leg.number)));
        expect(leg.call).toBeGreaterThan(seen.get(leg.number) ?? -1);
        seen.set(leg.number, leg.call);
      }
    }
    expect(seen.size).toBe(7);
  });

  it('travel by the subject when they hold exposures', () => {
    const [frame] = packExposures([exposureOf()]);
    expect(frame?.partitionKey).toBe(String(bucketOf(exposureOf().subject)));
  });

  it.each([1, 2, 4, 8, 16])('are spread evenly over %i shards by their hash keys', (shards) => {
    const legs = Array.from({ length: 4_000 }, (_, i) => legOf({ number: tokenOf(i) }));
    const keys = new Map(
      packLegs(legs).map((frame) => [frame.partitionKey, frame.explicitHashKey]),
    );
    expect(keys.size).toBe(BUCKETS);
    const perShard = new Array<number>(shards).fill(0);
    for (const key of keys.values()) {
      const shard = Number((BigInt(key) * BigInt(shards)) / 2n ** 128n);
      perShard[shard] = (perShard[shard] ?? 0) + 1;
    }
    expect(new Set(perShard)).toEqual(new Set([BUCKETS / shards]));
  });

  it('take about as many numbers each', () => {
    const perBucket = new Array<number>(BUCKETS).fill(0);
    for (let i = 0; i < 32_000; i++) {
      const bucket = bucketOf(tokenOf(i));
      perBucket[bucket] = (perBucket[bucket] ?? 0) + 1;
    }
    expect(Math.max(...perBucket) / Math.min(...perBucket)).toBeLessThan(2);
  });
});

const LEG_ROW = [tokenOf(1), tokenOf(2), 1, 2, 3, 4, 5, 6, 7];
const EXPOSURE_ROW = [
  tokenOf(1),
  tokenOf(2),
  1,
  2,
  3,
  1,
  5,
  6,
  7,
  8,
  0,
  [['a', 1]],
  1,
  0.5,
  0,
  1,
  0,
];
const without = (row: readonly unknown[], at: number, value: unknown) => row.with(at, value);

describe('a frame that is none', () => {
  it.each([
    ['no bytes', ''],
    ['no JSON', '{"v":1,"legs":['],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[]'],
    ['another version', '{"v":2,"legs":[],"exposures":[]}'],
    ['no rows', '{"v":1}'],
    ['rows of another shape', '{"v":1,"legs":{},"exposures":{}}'],
    ['rows that are null', '{"v":1,"legs":[null],"exposures":[null]}'],
    ['rows that are text', '{"v":1,"legs":["x"],"exposures":["x"]}'],
    ['empty rows', '{"v":1,"legs":[[]],"exposures":[[]]}'],
  ])('is refused: %s', (_, text) => {
    expect(() => unpackLegs(Buffer.from(text))).toThrow(FrameError);
    expect(() => unpackExposures(Buffer.from(text))).toThrow(FrameError);
  });

  it('is refused when any part of a leg is of another type', () => {
    const read = (row: unknown) => unpackLegs(Buffer.from(JSON.stringify({ v: 1, legs: [row] })));
    expect(read(LEG_ROW)).toHaveLength(1);
    for (let at = 0; at < LEG_ROW.length; at++) {
      expect(() => read(without(LEG_ROW, at, null))).toThrow(FrameError);
      expect(() => read(LEG_ROW.slice(0, at))).toThrow(FrameError);
    }
    expect(() => read(without(LEG_ROW, 0, 'short'))).toThrow(FrameError);
  });

  it('is refused when any part of an exposure is of another type', () => {
    const read = (row: unknown) =>
      unpackExposures(Buffer.from(JSON.stringify({ v: 1, exposures: [row] })));
    expect(read(EXPOSURE_ROW)).toHaveLength(1);
    for (let at = 0; at < EXPOSURE_ROW.length; at++) {
      expect(() => read(without(EXPOSURE_ROW, at, null))).toThrow(FrameError);
    }
    expect(() => read(without(EXPOSURE_ROW, 11, [['a']]))).toThrow(FrameError);
  });

  it('never fails in another way, whatever bytes it is', () => {
    const [frame] = packExposures([exposureOf({ finding: findingOf() })]);
    const spoilt = fc
      .tuple(fc.nat({ max: (frame?.data.length ?? 1) - 1 }), fc.nat({ max: 255 }))
      .map(([at, byte]) => {
        const data = Buffer.from(frame?.data ?? []);
        data[at] = byte;
        return data;
      });
    fc.assert(
      fc.property(spoilt, (data) => {
        try {
          expect(unpackExposures(data)).toHaveLength(1);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
