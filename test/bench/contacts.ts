import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { archiveBucket, dayAfter, startOfDay } from '../../lib/archive/archived-call.ts';
import {
  type CallsOfNumbersValues,
  callsOfNumbers,
  MOST_NUMBERS_AT_ONCE,
  readCallsOfNumbers,
} from '../../lib/archive/calls-of-numbers.ts';
import { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import { readQuestion } from '../../lib/archive/read-question.ts';
import { writeSyntheticDays } from './synthetic-archive.ts';

const CALLS = 1_000_000;
const DAYS = 30;
const DAY = '2026-11-26';
const UTC_OFFSET_MINUTES = 480;
const MOST_SECONDS = 120;
/** Whom the number called, and who called it. */
const CALLED = 300;
const CALLERS = 60;
/** A number of its own, and people of whom the town knows nothing. */
const NUMBER = '1planted-case-number-00';
/** As `archive.recordDays` and its grace keep them. */
const RECORD_DAYS = 8;
const RUNS = 3;
const USD_PER_TB = 5;

interface Options {
  readonly calls: number;
  readonly days: number;
  readonly archive: string | undefined;
}

function readOptions(): Options {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      calls: { type: 'string', default: String(CALLS) },
      days: { type: 'string', default: String(DAYS) },
      archive: { type: 'string' },
    },
  });
  return { calls: Number(values.calls), days: Number(values.days), archive: values.archive };
}

const personOf = (place: number) => `1planted-person-${String(place).padStart(7, '0')}`;

/** Lays the number's calls among those of the days, each contact's on some of them. Returns the contacts. */
async function plant(archive: DuckDbArchive, days: number): Promise<ReadonlySet<string>> {
  const bucket = archiveBucket(NUMBER);
  const people = new Set<string>();
  for (let back = 0; back < days; back++) {
    const day = dayAfter(DAY, -back);
    const start = startOfDay(day, UTC_OFFSET_MINUTES);
    const rows: string[] = [];
    for (let place = back; place < CALLED + CALLERS; place += days) {
      const person = personOf(place);
      people.add(person);
      const [caller, callee] = place < CALLED ? [NUMBER, person] : [person, NUMBER];
      for (const hour of [10, 15]) {
        const call = 1e13 + place * 100 + hour;
        rows.push(`(${call}, '${caller}', '${callee}', ${start + hour * 3_600}, ${60 + place})`);
      }
    }
    const target = join(archive.folder, 'calls', `day=${day}`);
    await mkdir(target, { recursive: true });
    await archive.run(`COPY (
      SELECT CAST(call AS BIGINT) AS call, caller, callee, CAST(start AS BIGINT) AS start, CAST(duration AS INTEGER) AS duration,
        true AS answered, false AS international, false AS caller_is_service, false AS callee_is_service,
        CAST(510104 AS INTEGER) AS district, CAST(7 AS INTEGER) AS handset, CAST(${bucket} AS INTEGER) AS bucket
      FROM (VALUES ${rows.join(', ')}) AS planted(call, caller, callee, start, duration)
    ) TO '${target.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (bucket), OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'planted_{i}')`);
  }
  await archive.refresh();
  return people;
}

/** The records of the last days, which the nights compacted and keep for those that come late. */
async function keepRecords(archive: DuckDbArchive): Promise<void> {
  const target = join(archive.folder, 'call_records').replaceAll("'", "''");
  await archive.run(`COPY (
    SELECT *, 'complete' AS phase, CAST(0 AS BIGINT) AS arrived_at FROM calls WHERE day > '${dayAfter(DAY, -RECORD_DAYS)}'
  ) TO '${target}' (FORMAT parquet, COMPRESSION snappy, PARTITION_BY (day, bucket), OVERWRITE_OR_IGNORE)`);
  await archive.refresh();
}

function searchOf(days: number, numbers: readonly string[] = [NUMBER]): CallsOfNumbersValues {
  const at = startOfDay(dayAfter(DAY, 1), UTC_OFFSET_MINUTES) - 1;
  return callsOfNumbers(numbers, at, days, UTC_OFFSET_MINUTES);
}

interface Told {
  readonly name: string;
  readonly seconds: number;
  readonly people: ReadonlySet<string>;
}

async function timed(
  name: string,
  runs: number,
  ask: () => Promise<ReadonlySet<string>>,
): Promise<Told> {
  let best = Number.POSITIVE_INFINITY;
  let people: ReadonlySet<string> = new Set();
  for (let run = 0; run < runs; run++) {
    const startedAt = performance.now();
    people = await ask();
    best = Math.min(best, (performance.now() - startedAt) / 1000);
  }
  return { name, seconds: best, people };
}

async function askOurs(
  archive: DuckDbArchive,
  days: number,
  numbers?: readonly string[],
): Promise<ReadonlySet<string>> {
  const sql = await readQuestion('calls-of-numbers');
  const { calls } = readCallsOfNumbers(await archive.ask(sql, searchOf(days, numbers)));
  return new Set((calls.get(NUMBER) ?? []).map(({ subject }) => subject));
}

/** The planted number among ordinary ones of the town. */
async function manyNumbers(archive: DuckDbArchive): Promise<string[]> {
  const rows = await archive.ask<{ caller: string }>(
    `SELECT DISTINCT caller FROM calls WHERE day = '${DAY}' AND caller <> '${NUMBER}' ORDER BY caller LIMIT ${MOST_NUMBERS_AT_ONCE - 1}`,
  );
  return [NUMBER, ...rows.map(({ caller }) => caller)];
}

/** The same without partitions: one pass over every bucket and every day that there is. */
async function askWhole(archive: DuckDbArchive): Promise<ReadonlySet<string>> {
  const rows = await archive.ask<{ contact: string }>(
    `SELECT CASE WHEN caller = '${NUMBER}' THEN callee ELSE caller END AS contact, max(start) AS last, max(duration) AS longest
     FROM (SELECT caller, callee, start, duration, answered FROM calls
       UNION ALL SELECT caller, callee, start, duration, answered FROM call_records) AS both_tables
     WHERE (caller = '${NUMBER}' OR callee = '${NUMBER}') AND answered GROUP BY 1`,
  );
  return new Set(rows.map(({ contact }) => contact));
}

/** The same by loops over the calls of the last day. */
async function askPlain(archive: DuckDbArchive): Promise<ReadonlySet<string>> {
  const people = new Set<string>();
  const result = await archive.connection.stream(
    `SELECT caller, callee, CAST(start AS DOUBLE) AS start, duration, answered FROM calls WHERE day = '${DAY}'`,
  );
  for await (const rows of result.yieldRowObjectJs()) {
    for (const { answered, callee, caller } of rows) {
      if (answered !== true) continue;
      if (caller === NUMBER) people.add(String(callee));
      else if (callee === NUMBER) people.add(String(caller));
    }
  }
  return people;
}

/** Bytes of the columns that a question reads of the archive's files, as Athena bills them. */
async function bytesOf(archive: DuckDbArchive, days: number): Promise<number> {
  const { firstDay } = searchOf(days);
  const bucket = archiveBucket(NUMBER);
  const files = ['calls', 'call_records'].map(
    (table) => `'${join(archive.folder, table).replaceAll("'", "''")}/day=*/bucket=*/*.parquet'`,
  );
  const columns =
    "'call', 'caller', 'callee', 'start', 'duration', 'answered', 'international', 'caller_is_service', 'callee_is_service'";
  const [row] = await archive.ask<{ bytes: number }>(
    `SELECT CAST(sum(total_compressed_size * CASE WHEN file_name LIKE '%bucket=${bucket}/%' THEN 2 ELSE 1 END) AS DOUBLE) AS bytes
     FROM parquet_metadata([${files.join(', ')}])
     WHERE path_in_schema IN (${columns}) AND regexp_extract(file_name, 'day=([0-9-]+)', 1) >= '${firstDay}'`,
  );
  return row?.bytes ?? 0;
}

/** Measures the search for the contacts of one number in a month of calls, beside the same without partitions, and by loops. */
export async function run(): Promise<void> {
  const options = readOptions();
  const { calls, days } = options;
  const own = await mkdtemp(join(tmpdir(), 'forewarn-bench-'));
  try {
    console.log(
      `${days} days of ${calls.toLocaleString('en')} calls; one number with ${CALLED + CALLERS} contacts. Load ${loadavg()[0]?.toFixed(1)}.`,
    );
    await using archive = await DuckDbArchive.open(options.archive ?? own);
    const madeAt = performance.now();
    await writeSyntheticDays(archive, { calls, day: DAY, days });
    const planted = await plant(archive, days);
    await keepRecords(archive);
    console.log(`Written in ${((performance.now() - madeAt) / 1000).toFixed(0)} s.`);
    const first = await timed('one number, first time', 1, () => askOurs(archive, days));
    const again = await timed('one number, again', RUNS, () => askOurs(archive, days));
    const numbers = await manyNumbers(archive);
    const many = await timed(`${numbers.length} numbers at once`, RUNS, () =>
      askOurs(archive, days, numbers),
    );
    const whole = await timed('all partitions, one pass', RUNS, () => askWhole(archive));
    const plain = await timed('plain loops, one day', 1, () => askPlain(archive));
    print([
      first,
      again,
      many,
      whole,
      plain,
      { ...plain, name: `plain loops, × ${days}`, seconds: plain.seconds * days },
    ]);
    for (const { name, people } of [first, again, many, whole]) expectAll(name, people, planted);
    const bytes = await bytesOf(archive, days);
    console.log(
      `Target ${MOST_SECONDS} s: ${first.seconds <= MOST_SECONDS ? 'reached' : 'missed'}. At most ${(bytes / 1e9).toFixed(2)} GB to read: ${((bytes / 1e12) * USD_PER_TB).toFixed(4)} USD by Athena’s list price.\n`,
    );
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

function expectAll(name: string, found: ReadonlySet<string>, planted: ReadonlySet<string>): void {
  const missed = [...planted].filter((person) => !found.has(person)).length;
  const wrong = [...found].filter((person) => !planted.has(person)).length;
  if (missed + wrong > 0) {
    throw new Error(`${name}: ${missed} contacts missed, ${wrong} found who are none`);
  }
}

function print(rows: readonly Told[]): void {
  const ours = rows[1]?.seconds ?? 0;
  const table = new Table({
    head: ['', 's', '× ours', 'contacts'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { name, people, seconds } of rows) {
    table.push([name, seconds.toFixed(2), (seconds / ours).toFixed(1), people.size]);
  }
  console.log(table.toString());
}
