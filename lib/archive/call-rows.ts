import type { Leg } from '../domain/leg.ts';
import { archiveBucket, archiveDay } from './archived-call.ts';

/** A row of the table `call_records`, with the partition that it belongs to. */
export interface CallRow {
  readonly call: number;
  readonly caller: string;
  readonly callee: string;
  readonly start: number;
  readonly duration: number | null;
  readonly answered: boolean | null;
  readonly international: boolean;
  readonly caller_is_service: boolean;
  readonly callee_is_service: boolean;
  readonly district: number;
  readonly handset: number;
  readonly phase: string;
  readonly arrived_at: number;
  readonly day: string;
  /** As text: partitions are named by it. */
  readonly bucket: string;
}

/**
 * The row of a record, from one of its two legs: the caller's. A service number that calls has no leg, so its call is
 * told of by the callee's.
 *
 * @returns undefined for a leg whose call another one tells of
 */
export function rowOfLeg(leg: Leg, utcOffsetMinutes: number): CallRow | undefined {
  const { counterpart, counterpartIsService, number, originating } = leg;
  if (!originating && !counterpartIsService) return undefined;
  const caller = originating ? number : counterpart;
  return {
    call: leg.call,
    caller,
    callee: originating ? counterpart : number,
    start: leg.start,
    duration: leg.duration ?? null,
    answered: leg.answered ?? null,
    international: leg.international,
    caller_is_service: !originating,
    callee_is_service: originating && counterpartIsService,
    district: originating ? leg.district : 0,
    handset: leg.handset,
    phase: leg.phase,
    arrived_at: leg.arrivedAt,
    day: archiveDay(leg.start, utcOffsetMinutes),
    bucket: String(archiveBucket(caller)),
  };
}

/** Firehose takes apart at most so many rows of a record. */
const RECORD_ROWS = 500;
/** A record may have 1,000 KB; rows are far shorter. */
const RECORD_BYTES = 900_000;

/**
 * Rows as few records, each of many lines of JSON: Firehose bills every record as a multiple of 5 KB, so a row alone
 * would cost twenty times what it needs.
 */
export function packRows(rows: readonly CallRow[]): Buffer[] {
  const records: Buffer[] = [];
  let lines: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    // Tokens, days and numbers: a character is a byte.
    const line = `${JSON.stringify(row)}\n`;
    if (lines.length === RECORD_ROWS || bytes + line.length > RECORD_BYTES) {
      records.push(Buffer.from(lines.join(''), 'latin1'));
      lines = [];
      bytes = 0;
    }
    lines.push(line);
    bytes += line.length;
  }
  if (lines.length > 0) records.push(Buffer.from(lines.join(''), 'latin1'));
  return records;
}
