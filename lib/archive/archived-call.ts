import type { NumberToken } from '../domain/leg.ts';

/** A column of the archive's tables, by the names that both engines know its type by. */
export interface ArchiveColumn {
  readonly name: string;
  readonly duckdb: 'BIGINT' | 'INTEGER' | 'VARCHAR' | 'BOOLEAN';
  readonly glue: 'bigint' | 'int' | 'string' | 'boolean';
  readonly meaning: string;
}

const bigint = { duckdb: 'BIGINT', glue: 'bigint' } as const;
const int = { duckdb: 'INTEGER', glue: 'int' } as const;
const text = { duckdb: 'VARCHAR', glue: 'string' } as const;
const flag = { duckdb: 'BOOLEAN', glue: 'boolean' } as const;

/** Columns of the table `calls`, beside its partitions: one row a call. */
export const CALL_COLUMNS: readonly ArchiveColumn[] = [
  { name: 'call', ...bigint, meaning: 'key of the call, 48 bits' },
  { name: 'caller', ...text, meaning: 'number token' },
  { name: 'callee', ...text, meaning: 'number token' },
  { name: 'start', ...bigint, meaning: 'epoch seconds' },
  { name: 'duration', ...int, meaning: 'seconds; null when its end is unknown' },
  { name: 'answered', ...flag, meaning: 'null when unknown' },
  { name: 'international', ...flag, meaning: 'came from or went abroad' },
  { name: 'caller_is_service', ...flag, meaning: 'a short or hotline number' },
  { name: 'callee_is_service', ...flag, meaning: 'a short or hotline number' },
  { name: 'district', ...int, meaning: 'of the caller (GB/T 2260), 0 when unknown' },
  { name: 'handset', ...int, meaning: 'fingerprint of the caller’s handset, 0 when unknown' },
];

/** Columns of the table `call_records`, as they arrive: a call may have several rows, and rows may repeat. */
export const RECORD_COLUMNS: readonly ArchiveColumn[] = [
  ...CALL_COLUMNS,
  { name: 'phase', ...text, meaning: 'complete, started or ended' },
  { name: 'arrived_at', ...bigint, meaning: 'epoch ms' },
];

/** Partitions of both tables. */
export const PARTITION_COLUMNS: readonly ArchiveColumn[] = [
  { name: 'day', ...text, meaning: 'of the start, local time, YYYY-MM-DD' },
  { name: 'bucket', ...int, meaning: 'of the caller’s token' },
];

/** A caller's calls of a day lie in one of so many partitions. */
export const ARCHIVE_BUCKETS = 8;

const DAY_SECONDS = 86_400;

/** The bucket of a caller: by two characters of the sealed number, of which all values are equally likely. */
export function archiveBucket(caller: NumberToken): number {
  return (caller.charCodeAt(1) * 7 + caller.charCodeAt(2)) % ARCHIVE_BUCKETS;
}

/** The day that was asked for last: calls come by the million, and mostly of one day. */
let lastDay = { number: 0, text: '1970-01-01' };

/**
 * The local day of a moment, `YYYY-MM-DD`.
 *
 * @param start epoch seconds
 */
export function archiveDay(start: number, utcOffsetMinutes: number): string {
  const number = Math.floor((start + utcOffsetMinutes * 60) / DAY_SECONDS);
  if (number !== lastDay.number) {
    const text = new Date(number * DAY_SECONDS * 1000).toISOString().slice(0, 10);
    lastDay = { number, text };
  }
  return lastDay.text;
}

/** When a local day begins, epoch seconds. @param day `YYYY-MM-DD` */
export function startOfDay(day: string, utcOffsetMinutes: number): number {
  return Date.parse(`${day}T00:00:00Z`) / 1000 - utcOffsetMinutes * 60;
}

/** The day so many days later, or earlier. */
export function dayAfter(day: string, days: number): string {
  return archiveDay(startOfDay(day, 0) + days * DAY_SECONDS, 0);
}
