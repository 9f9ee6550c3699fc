import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveColumn } from '../archive/archived-call.ts';
import type { DuckDbArchive } from '../archive/duckdb-archive.ts';
import { ArchiveError } from '../archive/errors.ts';
import { fillQuestion, type QuestionValues } from '../archive/question.ts';
import { readStudyQuestion } from './read-question.ts';

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

/** Numbers that a study hands to its questions: those that are risky, and those whose home is asked for. */
const NUMBER_LISTS = ['study_known', 'study_shown'] as const;
export type NumberList = (typeof NUMBER_LISTS)[number];

/** Where the study's tables lie, beside the archive's own. */
function partitionOf(archive: DuckDbArchive, table: string, day: string): string {
  return join(archive.folder, table, `day=${day}`);
}

const quoted = (path: string) => path.replaceAll("'", "''");

/** Writes the answer of a table's question as its partition of a day, in place of what was there. */
async function writeStudyTable(
  archive: DuckDbArchive,
  table: StudyTable,
  day: string,
  values: QuestionValues,
): Promise<void> {
  const folder = partitionOf(archive, table.name, day);
  await mkdir(folder, { recursive: true });
  const columns = table.columns.map(({ name, duckdb }) => `CAST(${name} AS ${duckdb}) AS ${name}`);
  const sql = fillQuestion(await readStudyQuestion(table.question), values);
  const partial = join(folder, '.partial');
  await archive.run(
    `COPY (SELECT ${columns.join(', ')} FROM (${sql}) AS answer) TO '${quoted(partial)}'
     (FORMAT parquet, COMPRESSION zstd)`,
  );
  await rename(partial, join(folder, 'rows.parquet'));
}

/** Takes up the partitions of the study's tables as they are now; a table without any is an empty one. */
export async function openStudyTables(archive: DuckDbArchive): Promise<void> {
  for (const table of STUDY_TABLES) await archive.run(await viewOf(archive, table));
  for (const list of NUMBER_LISTS) {
    await archive.run(`CREATE TEMP TABLE IF NOT EXISTS ${list} (number VARCHAR, found BOOLEAN)`);
  }
}

/** Makes a table that looks back over the window from a day. */
export async function lookBack(
  archive: DuckDbArchive,
  name: string,
  values: QuestionValues & { readonly day: string },
): Promise<void> {
  const table = STUDY_TABLES.find((one) => one.name === name && !one.summary);
  if (table === undefined) throw new ArchiveError('bad-question', `The study has no table ${name}`);
  await writeStudyTable(archive, table, values.day, values);
  await archive.run(await viewOf(archive, table));
}

async function viewOf(archive: DuckDbArchive, { name, columns }: StudyTable): Promise<string> {
  const days = await readdir(join(archive.folder, name)).catch(() => []);
  const whole: string[] = [];
  for (const day of days.toSorted()) {
    const file = join(archive.folder, name, day, 'rows.parquet');
    if (await isThere(file)) whole.push(`'${quoted(file)}'`);
  }
  if (whole.length === 0) {
    const nothing = [...columns, { name: 'day', duckdb: 'VARCHAR' }].map(
      (column) => `CAST(NULL AS ${column.duckdb}) AS ${column.name}`,
    );
    return `CREATE OR REPLACE VIEW ${name} AS SELECT ${nothing.join(', ')} WHERE false`;
  }
  const names = [...columns.map((column) => column.name), 'day'].join(', ');
  return `CREATE OR REPLACE VIEW ${name} AS SELECT ${names}
    FROM read_parquet([${whole.join(', ')}], hive_partitioning = true, hive_types = {'day': VARCHAR})`;
}

/**
 * Makes what the archive lacks of a day's summaries, or has of calls that were replaced since.
 *
 * @returns whether there was anything to do
 */
export async function summariseDay(archive: DuckDbArchive, day: string): Promise<boolean> {
  const state = await stateOfCalls(archive, day);
  const mark = join(partitionOf(archive, 'study_pairs', day), '.calls');
  if ((await readFile(mark, 'utf8').catch(() => '')) === state) return false;
  await rm(mark, { force: true });
  for (const table of STUDY_TABLES.filter(({ summary }) => summary)) {
    await writeStudyTable(archive, table, day, { day });
    await archive.run(await viewOf(archive, table));
  }
  await writeFile(mark, state);
  return true;
}

/** Changes whenever the calls of a day do. */
async function stateOfCalls(archive: DuckDbArchive, day: string): Promise<string> {
  const hash = createHash('sha256').update(STUDY_TABLES.map(({ name }) => name).join());
  const folder = partitionOf(archive, 'calls', day);
  const files = await readdir(folder, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('.parquet')).toSorted()) {
    const { size, mtimeMs } = await stat(join(folder, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

/** Days that the archive has calls of, in order. */
export async function archivedDays(archive: DuckDbArchive): Promise<string[]> {
  const folders = await readdir(join(archive.folder, 'calls')).catch(() => []);
  return folders.flatMap((name) => /^day=(\d{4}-\d\d-\d\d)$/.exec(name)?.[1] ?? []).toSorted();
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
