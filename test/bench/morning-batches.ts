import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import type { Frame } from '../../lib/wire/frames.ts';
import { kinesisRecord } from '../support/in-memory-pipeline.ts';

/** What `forewarn push` packs into one Kinesis record: one PUT payload unit. */
const PACKED_BYTES = 25_000;
/** Lambda hands over at most 6 MB an invocation, in which the data are base64. */
const INVOCATION_BYTES = 6 * 1024 * 1024;
const DAY_MS = 86_400_000;

export interface Morning {
  /** JSON lines of call records, in the order in which they are pushed, broken ones among them. */
  readonly lines: readonly string[];
  readonly distinctNumbers: number;
}

/** A simulated city's morning, as operators push it. @param daysLater the same habits on a later day */
export function morningOf(seed: number, calls: number, daysLater = 0): Morning {
  const numbers = new Set<string>();
  const lines: string[] = [];
  const start = Date.UTC(2026, 10, 22, 23) + daysLater * DAY_MS;
  for (const record of simulateMorning({ seed, calls, start }).records()) {
    lines.push(typeof record === 'string' ? record : JSON.stringify(record));
    if (typeof record === 'string') continue;
    // Operators differ in notation: the last eight digits tell the numbers apart.
    numbers.add(record.caller.slice(-8)).add(record.callee.slice(-8));
  }
  return { lines, distinctNumbers: numbers.size };
}

/** Sequence numbers as Kinesis gives them: 56 digits, ascending. */
export function createSequence(): () => string {
  let next = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898n;
  return () => String(next++);
}

/** Packs lines into Kinesis records of several JSON lines each, as the command line does. */
export function packLines(
  lines: readonly string[],
  arrivedAtMs: number,
  nextSequence: () => string,
): KinesisStreamRecord[] {
  const records: KinesisStreamRecord[] = [];
  let open: string[] = [];
  let bytes = 0;
  const close = () => {
    if (open.length > 0) records.push(kinesisRecord(open.join('\n'), nextSequence(), arrivedAtMs));
    open = [];
    bytes = 0;
  };
  for (const line of lines) {
    const size = Buffer.byteLength(line) + 1;
    if (bytes + size > PACKED_BYTES) close();
    open.push(line);
    bytes += size;
  }
  close();
  return records;
}

export function recordsOfFrames(
  frames: readonly Frame[],
  arrivedAtMs: number,
  nextSequence: () => string,
): KinesisStreamRecord[] {
  return frames.map(({ data }) => kinesisRecord(data, nextSequence(), arrivedAtMs));
}

/** Cuts a shard's records into the events that Lambda makes of them. */
export function eventsOf(
  records: readonly KinesisStreamRecord[],
  batchSize: number,
): KinesisStreamEvent[] {
  const events: KinesisStreamRecord[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const size = record.kinesis.data.length;
    const last = events.at(-1);
    if (last === undefined || last.length === batchSize || bytes + size > INVOCATION_BYTES) {
      events.push([record]);
      bytes = size;
    } else {
      last.push(record);
      bytes += size;
    }
  }
  return events.map((Records) => ({ Records }));
}
