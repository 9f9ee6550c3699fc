import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { archiveCalls } from '../../../functions/archive-calls/archive-calls.ts';
import { processCalls } from '../../../functions/intake/process-calls.ts';
import { archiveBucket, archiveDay } from '../../../lib/archive/archived-call.ts';
import { type CallRow, packRows, rowOfLeg } from '../../../lib/archive/call-rows.ts';
import type { CallRecordInput } from '../../../lib/domain/call-record.ts';
import type { Frame } from '../../../lib/wire/frames.ts';
import { kinesisRecord, TEST_CONTEXT, TEST_SEALER } from '../../support/in-memory-pipeline.ts';

const CALL: CallRecordInput = {
  callId: 'a',
  caller: '+8613800138000',
  callee: '+8613900139000',
  start: '2026-11-23T23:59:50+08:00',
  duration: 61,
  answered: true,
  callerDistrict: '510104',
  imei: '490154203237518',
};

/** What intake makes of records, as the archive's reader is given it. */
async function framesOf(records: readonly CallRecordInput[]): Promise<Frame[]> {
  const frames: Frame[] = [];
  const lines = records.map((record) => JSON.stringify(record)).join('\n');
  await processCalls({ Records: [kinesisRecord(lines, '1')] }, { ...TEST_CONTEXT }, TEST_SEALER, {
    putLegs: async (made) => void frames.push(...made),
    putQuarantine: async () => undefined,
    count: () => undefined,
    onFailure: expect.unreachable,
  });
  return frames;
}

async function archived(records: readonly CallRecordInput[]): Promise<CallRow[]> {
  const delivered: Buffer[] = [];
  const counted: { rows: number; records: number }[] = [];
  const frames = await framesOf(records);
  await archiveCalls(
    { Records: frames.map(({ data }, i) => kinesisRecord(data, String(i + 1))) },
    480,
    {
      deliver: async (made) => void delivered.push(...made),
      count: (counts) => counted.push(counts),
    },
  );
  const rows = delivered.flatMap((record) => record.toString().trim().split('\n'));
  expect(counted).toEqual([{ rows: rows.length, records: delivered.length }]);
  return rows.map((row) => JSON.parse(row) as CallRow);
}

describe('the archive of calls', () => {
  test('has a record of a call once, from the caller’s leg, sealed, on the local day of its start', async () => {
    const [row, ...others] = await archived([CALL]);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      duration: 61,
      answered: true,
      caller_is_service: false,
      callee_is_service: false,
      district: 510104,
      phase: 'complete',
      day: '2026-11-23',
      bucket: String(archiveBucket(row?.caller ?? '')),
    });
    expect(row?.handset).toBeGreaterThan(0);
    expect(TEST_SEALER.unseal(row?.caller ?? '').number).toBe(CALL.caller);
    expect(TEST_SEALER.unseal(row?.callee ?? '').number).toBe(CALL.callee);
    expect(JSON.stringify(row)).not.toMatch(/13[89]00/);
  });

  test('has calls from and to service numbers, which have no leg of their own', async () => {
    const rows = await archived([
      { ...CALL, callId: 'from', caller: '95588' },
      { ...CALL, callId: 'to', callee: '95588' },
    ]);
    const services = rows.map((row) => [row.caller_is_service, row.callee_is_service]);
    expect(services.sort()).toEqual([
      [false, true],
      [true, false],
    ]);
    for (const row of rows) {
      const service = row.caller_is_service ? row.caller : row.callee;
      expect(TEST_SEALER.unseal(service)).toEqual({ kind: 'service', number: 'CN:95588' });
    }
  });

  test('has a call that goes on, whose end is not known', async () => {
    const { answered: _, duration: __, ...begun } = CALL;
    const [row] = await archived([{ ...begun, event: 'call.started' }]);
    expect(row).toMatchObject({ phase: 'started', duration: null, answered: null });
  });

  test('hands the batch back when it is not taken', async () => {
    const frames = await framesOf([CALL]);
    const outage = archiveCalls(
      { Records: frames.map(({ data }) => kinesisRecord(data, '1')) },
      480,
      {
        deliver: () => Promise.reject(new Error('outage')),
        count: () => expect.unreachable(),
      },
    );
    await expect(outage).rejects.toThrow('outage');
  });
});

describe('rows on their way', () => {
  const leg = {
    number: `1${'A'.repeat(22)}`,
    counterpart: `1${'B'.repeat(22)}`,
    originating: true,
    phase: 'complete',
    call: 2 ** 48 - 1,
    start: 1_795_399_200,
    duration: 60,
    answered: true,
    counterpartIsService: false,
    international: false,
    district: 510104,
    handset: 1,
    arrivedAt: 1_795_399_260_000,
  } as const;

  test('are packed within what Firehose takes apart, in order, none lost', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_800 }), (count) => {
        const rows = Array.from({ length: count }, (_, call) =>
          rowOfLeg({ ...leg, call }, 0),
        ).filter((row) => row !== undefined);
        const records = packRows(rows);
        const lines = records.map((record) => record.toString().trimEnd().split('\n'));
        for (const some of lines) expect(some.length).toBeLessThanOrEqual(500);
        for (const record of records) expect(record.byteLength).toBeLessThan(1_000 * 1024);
        expect(records).toHaveLength(Math.ceil(count / 500));
        expect(lines.flat().map((line) => JSON.parse(line).call)).toEqual(
          rows.map(({ call }) => call),
        );
      }),
      { numRuns: 20 },
    );
  });

  test('have the day of the local calendar, whichever was asked for before', () => {
    const day = (text: string, offset: number) => archiveDay(Date.parse(text) / 1000, offset);
    expect(day('2026-11-23T15:59:59Z', 480)).toBe('2026-11-23');
    expect(day('2026-11-23T16:00:00Z', 480)).toBe('2026-11-24');
    expect(day('2026-11-23T03:00:00Z', -300)).toBe('2026-11-22');
    expect(day('1970-01-01T00:00:00Z', 0)).toBe('1970-01-01');
    expect(day('2024-02-29T12:00:00Z', 0)).toBe('2024-02-29');
  });
});
