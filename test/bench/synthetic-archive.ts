import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ARCHIVE_BUCKETS, dayAfter, startOfDay } from '../../lib/archive/archived-call.ts';
import type { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';

const UTC_OFFSET_MINUTES = 480;
const CALLS_PER_PERSON = 8;
const CIRCLE = 12;
/** Numbers elsewhere that each person alone has to do with. */
const OUTSIDERS = 3;
/** Of 1,000 people: callers of strangers for a living, slow campaigns. */
const TRADES_PER_THOUSAND = 4;
const SLOW_PER_MILLION = 100;

export interface SyntheticDays {
  readonly calls: number;
  /** The last day, and how many days there are. */
  readonly day: string;
  readonly days: number;
}

/**
 * Writes days of made-up calls straight into an archive: people in circles who call each other, outsiders whom only
 * one of them knows, trades that call strangers all day, and a few slow campaigns. Far quicker than a simulated city,
 * and with its shape: what matters here is how many pairs, circles and callers of strangers there are.
 */
export async function writeSyntheticDays(
  archive: DuckDbArchive,
  { calls, day, days }: SyntheticDays,
): Promise<void> {
  const people = Math.round(calls / CALLS_PER_PERSON);
  await archive.run(`CREATE OR REPLACE TEMP TABLE town AS
    SELECT place, token, CAST((ascii(substr(token, 2, 1)) * 7 + ascii(substr(token, 3, 1))) % ${ARCHIVE_BUCKETS} AS INTEGER) AS bucket
    FROM (SELECT range AS place, '1' || substr(replace(replace(to_base64(unhex(md5(CAST(range AS VARCHAR)))), '+', '-'), '/', '_'), 1, 22) AS token
      FROM range(${people * (2 + OUTSIDERS)})) AS numbers`);
  for (let back = days - 1; back >= 0; back--) {
    await writeDay(archive, { people, calls, day: dayAfter(day, -back), seed: back + 1 });
  }
  await archive.run('DROP TABLE town');
  await archive.refresh();
}

async function writeDay(
  archive: DuckDbArchive,
  { people, calls, day, seed }: { people: number; calls: number; day: string; seed: number },
): Promise<void> {
  const start = startOfDay(day, UTC_OFFSET_MINUTES);
  // A number in [0, 1) for a row and a purpose.
  const draw = (purpose: number) =>
    `(hash(range, ${seed * 100 + purpose}) >> 11) / 9007199254740992.0`;
  const trades = Math.round((people * TRADES_PER_THOUSAND) / 1000);
  const slow = Math.max(2, Math.round((people * SLOW_PER_MILLION) / 1e6));
  const tradeCalls = Math.round(calls * 0.12);
  const slowCalls = slow * 4;
  const target = join(archive.folder, 'calls', `day=${day}`);
  await mkdir(target, { recursive: true });
  await archive.run(`COPY (
    SELECT i + CAST(${seed} AS BIGINT) * 100000000 AS call, a.token AS caller, b.token AS callee,
      CAST(${start} + 86399 * (0.3 + 0.6 * u_time) AS BIGINT) AS start,
      CASE WHEN u_answer < answered THEN CAST(1 + exp(ln(median) + 1.2 * (u_talk + u_talk2 + u_talk3 - 1.5) * 2) AS INTEGER) ELSE 0 END AS duration,
      u_answer < answered AS answered, false AS international, false AS caller_is_service, false AS callee_is_service,
      CAST(510100 + caller_place % 20 AS INTEGER) AS district,
      CAST(1 + hash(caller_place) % 65535 AS INTEGER) AS handset,
      CAST(a.bucket AS INTEGER) AS bucket
    FROM (
      SELECT i, u_time, u_answer, u_talk, u_talk2, u_talk3,
        CASE WHEN i < ${slowCalls} THEN ${people} + ${trades} + i % ${slow}
          WHEN i < ${slowCalls + tradeCalls} THEN ${people} + i % ${trades}
          WHEN u_kind < 0.12 AND u_side < 0.5 THEN ${2 * people} + person * ${OUTSIDERS} + CAST(floor(u_other * ${OUTSIDERS}) AS BIGINT)
          ELSE person END AS caller_place,
        CASE WHEN i < ${slowCalls + tradeCalls} THEN CAST(floor(u_other * ${people}) AS BIGINT)
          WHEN u_kind < 0.12 AND u_side < 0.5 THEN person
          WHEN u_kind < 0.12 THEN ${2 * people} + person * ${OUTSIDERS} + CAST(floor(u_other * ${OUTSIDERS}) AS BIGINT)
          ELSE person - person % ${CIRCLE} + (person % ${CIRCLE} + 1 + CAST(floor(${CIRCLE - 1} * u_other * u_other) AS BIGINT)) % ${CIRCLE} END AS callee_place,
        CASE WHEN i < ${slowCalls} THEN 0.6 WHEN i < ${slowCalls + tradeCalls} THEN 0.65 ELSE 0.88 END AS answered,
        CASE WHEN i < ${slowCalls} THEN 400 ELSE 38 END AS median
      FROM (
        SELECT range AS i, CAST(floor(${people} * pow(${draw(1)}, 1.3)) AS BIGINT) AS person, ${draw(2)} AS u_kind, ${draw(3)} AS u_side,
          ${draw(4)} AS u_other, ${draw(5)} AS u_time, ${draw(6)} AS u_answer, ${draw(7)} AS u_talk, ${draw(8)} AS u_talk2, ${draw(9)} AS u_talk3
        FROM range(${calls})
      ) AS draws
    ) AS made
    JOIN town a ON a.place = caller_place
    JOIN town b ON b.place = callee_place
    WHERE caller_place <> callee_place
  ) TO '${target.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (bucket), OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'calls_{i}')`);
}
