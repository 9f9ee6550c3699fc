import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SHARED_FUNCTIONS } from '../../lib/archive/dialect.ts';
import type { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import { fillQuestion, placesOf, type QuestionValues } from '../../lib/archive/question.ts';
import { DuckDbStudyArchive } from '../../lib/study/duckdb-study-archive.ts';
import { loadTrinoParser } from '../support/trino-parser.ts';
import { importRecords, simulatedTown, temporaryArchive } from './simulated-archive.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** Every question that there is, wherever it is asked. */
const QUESTIONS = globSync('lib/{archive,study}/questions/*.sql', { cwd: ROOT }).map((file) => ({
  file,
  name: basename(file, '.sql'),
  sql: readFileSync(join(ROOT, file), 'utf8'),
}));

/** Values of any question's places: days and numbers by their names, and numbers of calls, seconds or points. */
function valuesOf(sql: string): QuestionValues {
  const value = (place: string) => {
    if (place === 'startOfDay') return 1_795_795_200;
    if (/day$/i.test(place)) return place === 'firstDay' ? '2026-11-22' : '2026-11-24';
    if (/number|token|caller$|callee$/i.test(place)) return '1AAAAAAAAAAAAAAAAAAAAAA';
    return 3;
  };
  return Object.fromEntries(placesOf(sql).map((place) => [place, value(place)]));
}

/** Functions that the text calls; what stands before a bracket and is no word of the language. */
function functionsOf(sql: string): string[] {
  const plain = sql.replaceAll(/--.*$/gm, '').replaceAll(/'(?:[^']|'')*'/g, "''");
  const named = new Set(
    [...plain.matchAll(/(?:^|,|\bWITH)\s*([a-z_]+)\s*(?:\([^()]*\)\s*)?AS\s*\(/gi)].map(
      ([, name]) => name?.toLowerCase(),
    ),
  );
  return [...plain.matchAll(/\b([a-z_][a-z0-9_]*)\s*\(/gi)]
    .map(([, name = '']) => name.toLowerCase())
    .filter((name) => !WORDS_BEFORE_BRACKETS.has(name) && !named.has(name));
}

const WORDS_BEFORE_BRACKETS = new Set(
  'all and any as between by case distinct else end except exists filter from group having in intersect is join lateral like not on or over partition select then union unnest using values when where with'.split(
    ' ',
  ),
);

let validate: (sql: string) => readonly unknown[];
let empty: DuckDbArchive;
let full: DuckDbArchive;

beforeAll(async () => {
  const parser = await loadTrinoParser();
  validate = (sql) => parser.validate(sql);
  empty = await temporaryArchive();
  full = await temporaryArchive();
  await importRecords(full, simulatedTown());
  await DuckDbStudyArchive.open(empty);
  await DuckDbStudyArchive.open(full);
});

afterAll(async () => {
  await empty[Symbol.asyncDispose]();
  await full[Symbol.asyncDispose]();
});

describe.each(QUESTIONS)('the question $file', ({ sql }) => {
  test('is SQL as Athena reads it', () => {
    expect(validate(fillQuestion(sql, valuesOf(sql)))).toEqual([]);
  });

  test('calls only functions that both engines have', () => {
    expect(functionsOf(sql).filter((name) => !SHARED_FUNCTIONS.has(name))).toEqual([]);
  });

  test('is answered of an archive without and with calls', async () => {
    await empty.ask(sql, valuesOf(sql));
    await full.ask(sql, valuesOf(sql));
  });
});

test('the parser refuses what only the other engine knows', () => {
  expect(QUESTIONS.length).toBeGreaterThan(0);
  expect(validate('SELECT * EXCLUDE (caller) FROM calls')).not.toEqual([]);
  expect(functionsOf('WITH a AS (SELECT strftime(x) FROM calls) SELECT count(*) FROM a')).toEqual([
    'strftime',
    'count',
  ]);
});
