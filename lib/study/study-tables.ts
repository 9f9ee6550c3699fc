import type { ArchiveColumn } from '../archive/archived-call.ts';
import { ArchiveError } from '../archive/errors.ts';

const bigint = { duckdb: 'BIGINT', glue: 'bigint' } as const;
const int = { duckdb: 'INTEGER', glue: 'int' } as const;
const text = { duckdb: 'VARCHAR', glue: 'string' } as const;
const flag = { duckdb: 'BOOLEAN', glue: 'boolean' } as const;

/** A table that the study makes of a day's calls, so that later studies need not read these again. */
export interface StudyTable {
  readonly name: string;
  /** The question whose answer it keeps. */
  readonly question: string;
  /** Columns beside the partition `day`. */
  readonly columns: readonly ArchiveColumn[];
  /** Summaries are of one day alone; the others look back from it and are made anew by each study. */
  readonly summary: boolean;
}

const NUMBER = { name: 'number', ...text, meaning: 'number token' };
const FIRST_CALL = { name: 'first_call', ...bigint, meaning: 'epoch seconds' };
const LAST_CALL = { name: 'last_call', ...bigint, meaning: 'epoch seconds' };

/** All tables of the study, in the order in which they are made. */
export const STUDY_TABLES: readonly StudyTable[] = [
  {
    name: 'study_pairs',
    question: 'pairs-of-day',
    summary: true,
    columns: [
      { name: 'a', ...text, meaning: 'number token, the lesser of the two' },
      { name: 'b', ...text, meaning: 'number token, the greater of the two' },
      { name: 'made_a', ...int, meaning: 'calls that a made' },
      { name: 'made_b', ...int, meaning: 'calls that b made' },
      { name: 'talks', ...int, meaning: 'calls that were answered' },
      { name: 'talk', ...int, meaning: 'seconds of all of them' },
      { name: 'longest', ...int, meaning: 'seconds of the longest' },
      {
        name: 'first_talk',
        ...int,
        meaning: 'seconds of the first call, 0 when it was not answered',
      },
      {
        name: 'first_a',
        ...bigint,
        meaning: 'first call that a made, epoch seconds; null when none',
      },
      {
        name: 'first_b',
        ...bigint,
        meaning: 'first call that b made, epoch seconds; null when none',
      },
      LAST_CALL,
      { name: 'international', ...flag, meaning: 'one of the calls crossed the border' },
    ],
  },
  {
    name: 'study_numbers',
    question: 'numbers-of-day',
    summary: true,
    columns: [
      NUMBER,
      { name: 'made', ...int, meaning: 'calls made' },
      { name: 'received', ...int, meaning: 'calls received' },
      { name: 'opened', ...int, meaning: 'numbers in touch with, of which it dialled first' },
      {
        name: 'approached',
        ...int,
        meaning: 'numbers in touch with, of which the other dialled first',
      },
      { name: 'talk', ...int, meaning: 'seconds of talk' },
      { name: 'deepest', ...int, meaning: 'most seconds with a number that it dialled first' },
    ],
  },
  {
    name: 'study_handsets',
    question: 'handsets-of-day',
    summary: true,
    columns: [
      NUMBER,
      { name: 'handset', ...int, meaning: 'fingerprint, 0 when unknown' },
      { name: 'made', ...int, meaning: 'calls made from it' },
      FIRST_CALL,
      LAST_CALL,
      { name: 'district', ...int, meaning: 'of the caller, 0 when unknown' },
    ],
  },
  {
    name: 'study_contacts',
    question: 'contacts',
    summary: false,
    columns: [
      NUMBER,
      { name: 'other', ...text, meaning: 'number token of the contact' },
      { name: 'made', ...int, meaning: 'calls made to the contact' },
      { name: 'received', ...int, meaning: 'calls of the contact' },
      { name: 'talks', ...int, meaning: 'calls that were answered' },
      { name: 'talk', ...int, meaning: 'seconds of all of them' },
      { name: 'longest', ...int, meaning: 'seconds of the longest' },
      { name: 'first_talk', ...int, meaning: 'seconds of the first call' },
      { name: 'opened', ...flag, meaning: 'the number dialled first' },
      FIRST_CALL,
      LAST_CALL,
      { name: 'first_day', ...text, meaning: 'YYYY-MM-DD' },
      { name: 'last_day', ...text, meaning: 'YYYY-MM-DD' },
      { name: 'days', ...int, meaning: 'days on which they had to do with each other' },
      { name: 'international', ...flag, meaning: 'one of the calls crossed the border' },
    ],
  },
  {
    name: 'study_suspects',
    question: 'suspects',
    summary: false,
    columns: [
      NUMBER,
      { name: 'made', ...int, meaning: 'calls made' },
      { name: 'received', ...int, meaning: 'calls received' },
      { name: 'talk', ...int, meaning: 'seconds of talk' },
      { name: 'contacts', ...int, meaning: 'numbers in touch with' },
      { name: 'opened', ...int, meaning: 'contacts that it dialled first' },
      { name: 'came_back', ...int, meaning: 'of these, those that called it, too' },
      { name: 'reached', ...int, meaning: 'of these, those that it talked with' },
      { name: 'kept_long', ...int, meaning: 'of these, those with a talk of five minutes' },
      { name: 'held', ...int, meaning: 'of these, those with long talks again' },
      { name: 'held_talk', ...int, meaning: 'seconds with those kept long' },
      { name: 'longest', ...int, meaning: 'seconds of the longest talk with one of these' },
      { name: 'grown', ...int, meaning: 'of these, those whose talks became long' },
      { name: 'rung', ...int, meaning: 'of these, those that never answered nor called' },
      { name: 'trapped', ...int, meaning: 'of these, those that called back a call not answered' },
      { name: 'trapped_talk', ...int, meaning: 'seconds of talk with these' },
      FIRST_CALL,
      LAST_CALL,
      { name: 'active', ...int, meaning: '1 when it was in touch with somebody on the day' },
      { name: 'international', ...flag, meaning: 'one of the calls crossed the border' },
    ],
  },
];

/** Numbers that questions look up, where they cannot be kept with the connection: by the partition `list`. */
export const LISTS_TABLE = {
  name: 'study_given',
  columns: [NUMBER, { name: 'found', ...flag, meaning: 'found by the study itself' }],
} as const satisfies Pick<StudyTable, 'columns' | 'name'>;

/** The table of that name. */
export function studyTable(name: string): StudyTable {
  const table = STUDY_TABLES.find((one) => one.name === name);
  if (table === undefined) throw new ArchiveError('bad-question', `The study has no table ${name}`);
  return table;
}
