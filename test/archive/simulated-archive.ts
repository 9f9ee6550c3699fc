import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { sealNumber } from '../../functions/adapters/sealing.ts';
import { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import {
  type Imported,
  type ImportOptions,
  importHistory,
} from '../../lib/archive/import-history.ts';
import { historyContext } from '../../lib/backtest/read-history.ts';
import { type Call, type CallRecordInput, parseCallRecord } from '../../lib/domain/call-record.ts';
import type { PartyNumber } from '../../lib/domain/phone-number.ts';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import { TEST_SEALER } from '../support/in-memory-pipeline.ts';

export const CHENGDU_OFFSET = 480;

/** An archive in a folder of its own, which goes with it. */
export async function temporaryArchive(): Promise<DuckDbArchive> {
  const folder = await mkdtemp(join(tmpdir(), 'forewarn-archive-'));
  const archive = await DuckDbArchive.open(join(folder, "it's [here]"), {
    memoryMiB: 512,
    threads: 2,
  });
  const close = archive[Symbol.asyncDispose].bind(archive);
  archive[Symbol.asyncDispose] = async () => {
    await close();
    await rm(folder, { recursive: true, force: true });
  };
  return archive;
}

export function importRecords(
  archive: DuckDbArchive,
  records: Iterable<CallRecordInput | string>,
  options: Partial<ImportOptions> = {},
): Promise<Imported> {
  const lines = [...records].map((record) =>
    typeof record === 'string' ? record : JSON.stringify(record),
  );
  return importHistory(Readable.from([gzipSync(`${lines.join('\n')}\n`)]), archive, {
    country: 'CN',
    utcOffsetMinutes: CHENGDU_OFFSET,
    tokenOf: (party) => sealNumber(party, TEST_SEALER),
    ...options,
  });
}

/** Two evenings and the nights after them: starts and ends apart, repeats, broken lines, calls over midnight. */
export function simulatedTown(): (CallRecordInput | string)[] {
  return [
    ...simulateMorning({
      seed: 5,
      calls: 3_000,
      hours: 36,
      start: Date.UTC(2026, 10, 23, 8),
    }).records(),
  ];
}

/** One call, as the archive has to know it. */
export interface ExpectedCall {
  caller: string;
  callee: string;
  start: number;
  duration: number | null;
  answered: boolean | null;
  international: boolean;
  callerIsService: boolean;
  calleeIsService: boolean;
  district: number;
  knownHandset: boolean;
  day: string;
}

/** What the records come to, with the domain's own parser and plain loops. */
export function expectedCalls(
  records: Iterable<CallRecordInput | string>,
  tokenOf = (party: PartyNumber) => sealNumber(party, TEST_SEALER),
): ExpectedCall[] {
  const context = historyContext('CN');
  const calls = new Map<string, ExpectedCall>();
  for (const record of records) {
    if (typeof record === 'string') continue;
    const parsed = parseCallRecord(record, context);
    if (!parsed.ok) continue;
    const { call } = parsed;
    const id = `${call.caller.number} ${call.callId ?? `${call.callee.number} ${call.startMs}`}`;
    const known = calls.get(id);
    if (known === undefined) calls.set(id, expectedOf(call, tokenOf));
    else addTo(known, call);
  }
  return [...calls.values()];
}

function expectedOf(call: Call, tokenOf: (party: PartyNumber) => string): ExpectedCall {
  const start = Math.floor(call.startMs / 1000);
  const expected: ExpectedCall = {
    caller: tokenOf(call.caller),
    callee: tokenOf(call.callee),
    start,
    duration: null,
    answered: call.answered ?? null,
    international: call.international,
    callerIsService: call.caller.kind === 'service',
    calleeIsService: call.callee.kind === 'service',
    district: Number(call.callerDistrict ?? 0),
    knownHandset: call.imei !== undefined,
    day: new Date((start + CHENGDU_OFFSET * 60) * 1000).toISOString().slice(0, 10),
  };
  addTo(expected, call);
  return expected;
}

function addTo(expected: ExpectedCall, call: Call): void {
  if (call.phase !== 'started') {
    expected.duration = Math.max(expected.duration ?? 0, call.durationSeconds ?? 0);
    expected.answered = call.answered ?? expected.answered;
  }
  expected.international ||= call.international;
  expected.district = Math.max(expected.district, Number(call.callerDistrict ?? 0));
  expected.knownHandset ||= call.imei !== undefined;
}
