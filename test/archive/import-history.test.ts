import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sealNumber } from '../../functions/adapters/sealing.ts';
import { ARCHIVE_BUCKETS, archiveBucket } from '../../lib/archive/archived-call.ts';
import type { CallRecordInput } from '../../lib/domain/call-record.ts';
import { TEST_SEALER } from '../support/in-memory-pipeline.ts';
import {
  type ExpectedCall,
  expectedCalls,
  importRecords,
  simulatedTown,
  temporaryArchive,
} from './simulated-archive.ts';

const ALL_CALLS = `SELECT caller, callee, start, duration, answered, international,
  caller_is_service, callee_is_service, district, handset, day, bucket FROM calls`;

function tokenOf(number: string): string {
  return sealNumber({ kind: 'subscriber', number }, TEST_SEALER);
}

function callAt(start: string, more: Partial<CallRecordInput> = {}): CallRecordInput {
  return {
    callId: start,
    caller: '+8613800138000',
    callee: '+8613900139000',
    start,
    duration: 60,
    answered: true,
    ...more,
  };
}

const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

describe('an import of a simulated town', () => {
  test('gives one row a call, as plain code finds them', async () => {
    await using archive = await temporaryArchive();
    const records = simulatedTown();
    const imported = await importRecords(archive, records);
    const expected = expectedCalls(records);
    const rows = await archive.ask(ALL_CALLS);
    const found = rows.map(
      (row): ExpectedCall => ({
        caller: row.caller as string,
        callee: row.callee as string,
        start: row.start as number,
        duration: row.duration as number | null,
        answered: row.answered as boolean | null,
        international: row.international as boolean,
        callerIsService: row.caller_is_service as boolean,
        calleeIsService: row.callee_is_service as boolean,
        district: row.district as number,
        knownHandset: (row.handset as number) > 0,
        day: row.day as string,
      }),
    );
    expect(expected.length).toBeGreaterThan(1_000);
    expect(new Set(expected.map(({ day }) => day)).size).toBeGreaterThan(1);
    expect(found.sort(byText)).toEqual(expected.sort(byText));
    expect(imported.calls).toBe(expected.length);
    expect(imported.records).toBeGreaterThan(imported.calls);
    expect(imported.days).toEqual([...new Set(expected.map(({ day }) => day))].sort());
    expect([...imported.rejected.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThan(0);
    for (const row of rows) expect(row.bucket).toBe(archiveBucket(row.caller as string));
    expect(new Set(rows.map(({ bucket }) => bucket)).size).toBe(ARCHIVE_BUCKETS);
  });

  test('leaves no other file than those of its days and buckets', async () => {
    await using archive = await temporaryArchive();
    await importRecords(archive, simulatedTown());
    const entries = await readdir(archive.folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(archive.folder.length + 1));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      expect(file).toMatch(/^calls\/day=\d{4}-\d\d-\d\d\/bucket=\d\/calls_\d+\.parquet$/);
    }
  });
});

describe('the records of a call', () => {
  const start = callAt('2026-11-23T10:00:00+08:00');
  const { duration: _, answered: __, ...begun } = start;

  test('are one call, whichever comes first and however often', async () => {
    const started: CallRecordInput = { ...begun, event: 'call.started', callerDistrict: '510104' };
    const ended: CallRecordInput = { ...start, event: 'call.ended', duration: 754 };
    for (const records of [
      [started, ended],
      [ended, started],
      [started, ended, ended, started, ended],
    ]) {
      await using archive = await temporaryArchive();
      await importRecords(archive, records);
      expect(await archive.ask(ALL_CALLS)).toMatchObject([
        { caller: tokenOf(start.caller), duration: 754, answered: true, district: 510104 },
      ]);
    }
  });

  test('leave the duration open while nobody told of the end', async () => {
    await using archive = await temporaryArchive();
    await importRecords(archive, [{ ...begun, event: 'call.started' }]);
    expect(await archive.ask(ALL_CALLS)).toMatchObject([{ duration: null, start: 1795399200 }]);
  });

  test('belong to the local day on which the call began', async () => {
    await using archive = await temporaryArchive();
    await importRecords(archive, [
      callAt('2026-11-23T15:59:59Z', { duration: 600 }),
      callAt('2026-11-23T16:00:00Z'),
      callAt('2026-11-24T00:00:00Z'),
    ]);
    const rows = await archive.ask('SELECT start, day FROM calls ORDER BY start');
    expect(rows.map(({ day }) => day)).toEqual(['2026-11-23', '2026-11-24', '2026-11-24']);
  });
});

describe('an import of days that were there before', () => {
  test('replaces them whole, and leaves no call of a bucket that is empty now', async () => {
    await using archive = await temporaryArchive();
    await importRecords(archive, simulatedTown());
    const before = await archive.ask<{ day: string; calls: number }>(
      'SELECT day, count(*) AS calls FROM calls GROUP BY day ORDER BY day',
    );
    await importRecords(archive, [callAt('2026-11-23T10:00:00Z')]);
    expect(
      await archive.ask('SELECT day, count(*) AS calls FROM calls GROUP BY day ORDER BY day'),
    ).toEqual(before.map((day, i) => (i === 0 ? { ...day, calls: 1 } : day)));
  });

  test('changes nothing when it holds no record', async () => {
    await using archive = await temporaryArchive();
    await importRecords(archive, [callAt('2026-11-23T10:00:00Z')]);
    expect(await importRecords(archive, ['{}'])).toMatchObject({ calls: 0, days: [] });
    expect(await archive.ask('SELECT count(*) AS calls FROM calls')).toEqual([{ calls: 1 }]);
  });

  test('is refused, and changes nothing, where days may not be replaced', async () => {
    await using archive = await temporaryArchive();
    await importRecords(archive, [callAt('2026-11-23T10:00:00Z')]);
    const more = [callAt('2026-11-23T11:00:00Z'), callAt('2026-11-24T11:00:00Z')];
    await expect(importRecords(archive, more, { mayReplace: false })).rejects.toMatchObject({
      code: 'day-there',
      message: expect.stringContaining('2026-11-23'),
    });
    expect(await archive.days()).toEqual(['2026-11-23']);
    expect(await archive.ask('SELECT count(*) AS calls FROM calls')).toEqual([{ calls: 1 }]);
    expect(await archive.ask('SELECT count(*) AS records FROM call_records')).toEqual([
      { records: 0 },
    ]);
  });

  test('that is interrupted changes nothing', async () => {
    await using archive = await temporaryArchive();
    await importRecords(archive, [callAt('2026-11-23T10:00:00Z')]);
    const interrupted = importRecords(archive, [callAt('2026-11-23T11:00:00Z')], {
      signal: AbortSignal.abort(),
    });
    await expect(interrupted).rejects.toMatchObject({ name: 'AbortError' });
    expect(await archive.ask('SELECT start FROM calls')).toEqual([{ start: 1795428000 }]);
  });

  test('that the engine gives up leaves the days as they were, and nothing beside them', async () => {
    await using archive = await temporaryArchive();
    await importRecords(archive, [callAt('2026-11-23T10:00:00Z')]);
    const failing = archive.writeCalls('SELECT * FROM nowhere', {});
    await expect(failing).rejects.toMatchObject({ code: 'engine-failed' });
    expect(await readdir(archive.folder)).toEqual(['calls']);
    expect(await archive.ask('SELECT count(*) AS calls FROM calls')).toEqual([{ calls: 1 }]);
  });
});
