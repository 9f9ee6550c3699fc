import type { NumberToken } from '../domain/leg.ts';
import type { RememberedCall } from '../domain/profile/remembered-calls.ts';
import { archiveBucket, archiveDay, dayAfter } from './archived-call.ts';
import type { AnswerRow } from './duckdb-archive.ts';
import { ArchiveError } from './errors.ts';

/** Numbers that one question asks for: it reads the same columns of the same days for one as for many. */
export const MOST_NUMBERS_AT_ONCE = 100;

/** An answer holds at most so many calls: more than one number can have answered calls with people in a month. */
export const MOST_CALLS_OF_NUMBERS = 200_000;

/** What the question `calls-of-numbers` is given. */
export type CallsOfNumbersValues = {
  readonly numbers: readonly NumberToken[];
  /** Of the numbers' tokens: their own calls lie there. */
  readonly buckets: readonly number[];
  /** Local days, YYYY-MM-DD. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** Epoch seconds. */
  readonly since: number;
  readonly mostCalls: number;
};

/**
 * Asks for the calls of numbers in the days before a moment, and in those around it: a clock may be a little ahead.
 *
 * @param numbers {@link MOST_NUMBERS_AT_ONCE} at the most
 * @param at epoch seconds
 */
export function callsOfNumbers(
  numbers: readonly NumberToken[],
  at: number,
  days: number,
  utcOffsetMinutes: number,
): CallsOfNumbersValues {
  const since = at - days * 86_400;
  return {
    numbers,
    buckets: [...new Set(numbers.map(archiveBucket))].sort((a, b) => a - b),
    firstDay: archiveDay(since, utcOffsetMinutes),
    lastDay: dayAfter(archiveDay(at, utcOffsetMinutes), 1),
    since,
    mostCalls: MOST_CALLS_OF_NUMBERS,
  };
}

/** What the answer of `calls-of-numbers` says. */
export interface CallsFound {
  /** By number, of each person the last and the longest, the newest first; the subject is the other party. */
  readonly calls: ReadonlyMap<NumberToken, readonly RememberedCall[]>;
  /** Calls that an answer had no room for, the oldest. */
  readonly leftOut: number;
}

/** @throws {ArchiveError} `bad-answer` for rows of another question */
export function readCallsOfNumbers(rows: readonly AnswerRow[]): CallsFound {
  const found = Number(rows[0]?.found ?? 0);
  const calls = new Map<NumberToken, RememberedCall[]>();
  for (const row of rows) {
    const call = callOfRow(row);
    const number = row.number as NumberToken;
    const known = calls.get(number);
    if (known === undefined) calls.set(number, [call]);
    else known.push(call);
  }
  return { calls, leftOut: found - rows.length };
}

function callOfRow(row: AnswerRow): RememberedCall {
  const { answered, call, contact, duration, international, number, start } = row;
  if (
    typeof call !== 'number' ||
    typeof contact !== 'string' ||
    typeof number !== 'string' ||
    typeof start !== 'number' ||
    typeof international !== 'boolean'
  ) {
    throw new ArchiveError('bad-answer', 'The answer is not one of calls-of-numbers.');
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
