import { gzipSync } from 'node:zlib';
import type { KinesisStreamRecord } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { KinesisWriteError } from '../../../functions/adapters/errors.ts';
import {
  type QuarantineObject,
  quarantineKey,
} from '../../../functions/adapters/quarantine-bucket.ts';
import { type IntakeCounts, processCalls } from '../../../functions/intake/process-calls.ts';
import type { Leg } from '../../../lib/domain/leg.ts';
import { type Frame, unpackLegs } from '../../../lib/wire/frames.ts';
import { kinesisRecord, TEST_CONTEXT, TEST_SEALER } from '../../support/in-memory-pipeline.ts';

const START = Date.UTC(2026, 10, 23, 1);
const ARRIVED = START + 1_500;

function lineOf(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    caller: '13800138000',
    callee: '13900139000',
    start: START,
    duration: 60,
    ...changes,
  });
}

const record = (data: string | Uint8Array, sequenceNumber: string): KinesisStreamRecord =>
  kinesisRecord(data, sequenceNumber, ARRIVED);

/** The stages around intake: what it wrote, quarantined and counted. */
function surroundings(putLegs: (frames: readonly Frame[]) => void = () => {}) {
  const legs: Leg[] = [];
  const quarantined = new Map<string, QuarantineObject>();
  const counts: IntakeCounts[] = [];
  const failures: unknown[] = [];
  const take = (records: readonly KinesisStreamRecord[]) =>
    processCalls({ Records: [...records] }, TEST_CONTEXT, TEST_SEALER, {
      putLegs: async (frames) => {
        putLegs(frames);
        legs.push(...frames.flatMap((frame) => unpackLegs(frame.data)));
      },
      putQuarantine: async (object) => {
        quarantined.set(quarantineKey(object), object);
      },
      count: (one) => counts.push(one),
      onFailure: (_, cause) => failures.push(cause),
    });
  return { take, legs, quarantined, counts, failures };
}

describe('a batch of calls', () => {
  test('becomes the legs of both parties, with pseudonyms only', async () => {
    const { take, legs, counts } = surroundings();

    expect(await take([record(lineOf(), '1')])).toEqual({ batchItemFailures: [] });

    const [caller, callee] = [...legs].sort((a) => (a.originating ? -1 : 1));
    expect(TEST_SEALER.unseal(caller?.number ?? '').number).toBe('+8613800138000');
    expect(TEST_SEALER.unseal(callee?.number ?? '').number).toBe('+8613900139000');
    expect(caller).toMatchObject({ counterpart: callee?.number, originating: true, duration: 60 });
    expect(callee).toMatchObject({ counterpart: caller?.number, originating: false });
    expect(callee?.call).toBe(caller?.call);
    expect(legs.every((leg) => leg.arrivedAt === ARRIVED)).toBe(true);
    expect(JSON.stringify(legs)).not.toMatch(/13800138|13900139/);
    expect(counts).toEqual([{ received: 1, accepted: 1, legs: 2, rejected: new Map() }]);
  });

  test('has no leg for a service number', async () => {
    const { take, legs } = surroundings();
    await take([record(lineOf({ caller: '95588' }), '1'), record(lineOf({ callee: '110' }), '2')]);
    expect(legs).toHaveLength(2);
    expect(legs).toContainEqual(
      expect.objectContaining({ originating: true, counterpartIsService: true }),
    );
    expect(legs).toContainEqual(
      expect.objectContaining({ originating: false, counterpartIsService: true }),
    );
  });

  test('gives a call the same key in every record of it', async () => {
    const { take, legs } = surroundings();
    await take([
      record(lineOf({ callId: 'a', event: 'call.started', duration: undefined }), '1'),
      record(lineOf({ callId: 'a', event: 'call.ended', start: START + 1 }), '2'),
      record(lineOf({ callId: 'a', caller: '13700137000' }), '3'),
      record(lineOf({ callId: undefined }), '4'),
      record(lineOf({ callId: undefined, caller: '+86 138 0013 8000' }), '5'),
    ]);
    expect(new Set(legs.map((leg) => leg.call)).size).toBe(3);
  });

  test('keeps its bad pieces with reason, place and time, and goes on with the rest', async () => {
    const { take, legs, quarantined, counts } = surroundings();
    const lines = [lineOf(), '{broken', lineOf({ callee: '12' }), '', lineOf({ duration: -1 })];

    await take([
      record(lines.join('\n'), '17'),
      record(gzipSync(lineOf({ callee: '13700137000' })), '18'),
      record(new Uint8Array([0xff, 0xfe]), '19'),
    ]);

    expect(legs).toHaveLength(4);
    expect([...quarantined.keys()]).toEqual([
      'quarantine/2026-11-23/shardId-000000000000-17.json',
      'quarantine/2026-11-23/shardId-000000000000-19.json',
    ]);
    const [first] = quarantined.values();
    expect(first?.arrivedAt).toBe(ARRIVED);
    expect(first?.entries).toMatchObject([
      { reason: 'not-json', position: { line: 2 }, raw: '{broken', encoding: 'utf8' },
      { reason: 'bad-number', field: 'callee', position: { line: 3 }, raw: lines[2] },
      { reason: 'bad-duration', field: 'duration', position: { line: 5 } },
    ]);
    expect(counts[0]).toMatchObject({ received: 6, accepted: 2 });
    expect(Object.fromEntries(counts[0]?.rejected ?? [])).toEqual({
      'not-json': 1,
      'bad-number': 1,
      'bad-duration': 1,
      'bad-encoding': 1,
    });
  });

  test('lies in quarantine once, however often it is delivered', async () => {
    const { take, quarantined } = surroundings();
    const batch = [record('{broken', '17')];
    await take(batch);
    await take(batch);
    expect(quarantined.size).toBe(1);
  });
});

describe('a batch whose legs were not all taken', () => {
  /** Ten calls between as many pairs, in ten records. */
  const batch = Array.from({ length: 10 }, (_, i) =>
    record(
      lineOf({ callId: `c${i}`, caller: `1380013800${i}`, callee: `1390013900${i}` }),
      String(95 + i),
    ),
  );

  test('is asked for again from the first record with such a leg on', async () => {
    const tokenOfCaller = (i: number) =>
      TEST_SEALER.seal([
        {
          caller: { kind: 'subscriber', number: `+861380013800${i}` },
          callee: { kind: 'service', number: 'CN:110' },
          imei: undefined,
        },
      ])[0]?.caller ?? '';
    const refusedTokens = [3, 7].map(tokenOfCaller);
    let failed: number[] = [];
    const { take, failures, counts } = surroundings((frames) => {
      failed = frames.flatMap((frame, i) =>
        unpackLegs(frame.data).some((leg) => refusedTokens.includes(leg.number)) ? [i] : [],
      );
      throw new KinesisWriteError(failed);
    });

    const response = await take(batch);

    expect(failed.length).toBeGreaterThan(0);
    // Buckets are shared, so an earlier record may have a leg in the same frame.
    const from = Number(response.batchItemFailures[0]?.itemIdentifier);
    expect(from).toBeGreaterThanOrEqual(95);
    expect(from).toBeLessThanOrEqual(98);
    expect(failures).toHaveLength(1);
    expect(counts).toMatchObject([{ accepted: from - 95 }]);
  });

  test('counts each call once, over the failure and the retry', async () => {
    let fails = true;
    const { take, counts } = surroundings((frames) => {
      if (!fails) return;
      fails = false;
      throw new KinesisWriteError([frames.length - 1]);
    });

    const response = await take(batch);
    const from = response.batchItemFailures[0]?.itemIdentifier ?? '';
    const rest = batch.filter((one) => Number(one.kinesis.sequenceNumber) >= Number(from));
    expect(await take(rest)).toEqual({ batchItemFailures: [] });

    expect(counts.reduce((sum, one) => sum + one.accepted, 0)).toBe(batch.length);
  });

  test('fails as a whole for an error of another kind', async () => {
    const { take } = surroundings(() => {
      throw new Error('no network');
    });
    await expect(take(batch)).rejects.toThrow('no network');
  });
});
