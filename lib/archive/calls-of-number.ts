import type { NumberToken } from '../domain/leg.ts';
import type { RememberedCall } from '../domain/profile/remembered-calls.ts';
import { archiveBucket, archiveDay, dayAfter } from './archived-call.ts';
import type { AnswerRow } from './duckdb-archive.ts';
import { ArchiveError } from './errors.ts';

/** An answer holds at most so many calls: more than one number can have answered calls with people in a month. */
export const MOST_CALLS_OF_NUMBER = 200_000;

/** What the question `calls-of-number` is given. */
export type CallsOfNumberValues = {
  readonly number: NumberToken;
  /** Of the number's token: its own calls lie there. */
  readonly bucket: number;
  /** Local days, YYYY-MM-DD. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** Epoch seconds. */
  readonly since: number;
  readonly mostCalls: number;
};

/**
 * Asks for the calls of a number in the days before a moment, and in those around it: a clock may be a little ahead.
 *
 * @param at epoch seconds
 */
export function callsOfNumber(
  number: NumberToken,
  at: number,
  days: number,
  utcOffsetMinutes: number,
): CallsOfNumberValues {
  const since = at - days * 86_400;
  return {
    number,
    bucket: archiveBucket(number),
    firstDay: archiveDay(since, utcOffsetMinutes),
    lastDay: dayAfter(archiveDay(at, utcOffsetMinutes), 1),
    since,
    mostCalls: MOST_CALLS_OF_NUMBER,
  };
}

/** What the answer of `calls-of-number` says. */
export interface CallsFound {
  /** Of each person the last and the longest, the newest first; the subject is the other party. */
  readonly calls: readonly RememberedCall[];
  /** Calls that an answer had no room for, the oldest. */
  readonly leftOut: number;
}

/** @throws {ArchiveError} `bad-answer` for rows of another question */
export function readCallsOfNumber(rows: readonly AnswerRow[]): CallsFound {
  const found = Number(rows[0]?.found ?? 0);
  return { calls: rows.map(callOfRow), leftOut: found - rows.length };
}

function callOfRow(row: AnswerRow): RememberedCall {
  const { answered, call, contact, duration, international, start } = row;
  if (
    typeof call !== 'number' ||
    typeof contact !== 'string' ||
    typeof start !== 'number' ||
    typeof international !== 'boolean'
  ) {
    throw new ArchiveError('bad-answer', 'The answer is not one of calls-of-number.');
  }
  return {
    subject: contact as NumberToken,
    call,
    start,
    duration: typeof duration === 'number' ? duration : undefined,
    answered: typeof answered === 'boolean' ? answered : undefined,
    international,
  };
}
