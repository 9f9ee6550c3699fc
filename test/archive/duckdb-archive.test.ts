import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import { ArchiveError } from '../../lib/archive/errors.ts';
import { fillQuestion, placesOf, type QuestionValue } from '../../lib/archive/question.ts';
import { temporaryArchive } from './simulated-archive.ts';

describe('an archive', () => {
  test('of a new folder is empty, and has all its columns', async () => {
    await using archive = await temporaryArchive();
    expect(await archive.ask('SELECT * FROM calls')).toEqual([]);
    expect(await archive.ask('SELECT phase, arrived_at, day, bucket FROM call_records')).toEqual(
      [],
    );
  });

  test('is no file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'forewarn-no-archive-'));
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(DuckDbArchive.open(file)).rejects.toMatchObject({ code: 'not-an-archive' });
    await rm(folder, { recursive: true });
  });

  test('takes no more of the machine than it is given', async () => {
    await using archive = await temporaryArchive();
    const [limits] = await archive.ask(
      "SELECT current_setting('memory_limit') AS memory, current_setting('threads') AS threads",
    );
    expect(limits).toEqual({ memory: '512.0 MiB', threads: 2 });
    const greedy = archive.ask(
      "SELECT length(string_agg(repeat('x', 1000000), '')) AS l FROM range(5000)",
    );
    await expect(greedy).rejects.toMatchObject({ code: 'engine-failed' });
    expect(await archive.ask('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('tells what the engine said of a question that it cannot answer', async () => {
    await using archive = await temporaryArchive();
    const failing = archive.ask('SELECT nothing FROM calls');
    await expect(failing).rejects.toThrow(ArchiveError);
    await expect(failing).rejects.toThrow(/nothing/);
  });

  test('divides whole numbers as Athena does', async () => {
    await using archive = await temporaryArchive();
    expect(await archive.ask('SELECT 7 / 2 AS half')).toEqual([{ half: 3 }]);
  });

  test.each([
    'DROP VIEW calls',
    'SELECT 1; SELECT 2',
    "COPY (SELECT 1) TO 'out.csv'",
    'SET threads = 64',
  ])('only reads for a question of others: %j', async (sql) => {
    await using archive = await temporaryArchive();
    await expect(archive.askReading(sql)).rejects.toMatchObject({ code: 'bad-question' });
  });

  test('keeps to its folder once confined', async () => {
    await using archive = await temporaryArchive();
    await archive.confine();
    expect(await archive.askReading('SELECT count(*) AS calls FROM calls')).toEqual([{ calls: 0 }]);
    const prying = archive.askReading("SELECT * FROM read_text('/etc/hostname')");
    await expect(prying).rejects.toThrow(/disabled by configuration/);
    await expect(archive.run('SET enable_external_access = true')).rejects.toThrow(/locked/);
  });
});

describe('the values of a question', () => {
  test('fill its places by their names', () => {
    const sql = 'SELECT * FROM calls WHERE day = ${day} AND duration > ${least} - ${least}';
    expect(placesOf(sql)).toEqual(['day', 'least']);
    expect(fillQuestion(sql, { day: '2026-11-23', least: -5 })).toBe(
      "SELECT * FROM calls WHERE day = '2026-11-23' AND duration > (-5) - (-5)",
    );
  });

  test.each<[string, QuestionValue]>([
    ['a quote', "2026-11-23' OR '1' = '1"],
    ['another statement', '1; DROP VIEW calls'],
    ['a comment', "x' --"],
    ['a backslash', '\\'],
    ['a line feed', 'a\nb'],
    ['nothing', ''],
    ['too much', 'a'.repeat(41)],
    ['no number', Number.NaN],
    ['no end', Number.POSITIVE_INFINITY],
    ['a place of another value', '${other}'],
  ])('cannot be %s', (_, value) => {
    expect(() => fillQuestion('SELECT ${value}', { value, other: '1' })).toThrow(
      expect.objectContaining({ code: 'bad-value' }),
    );
  });

  test.each(['value', 'constructor', 'toString'])('cannot be left out: %s', (name) => {
    expect(() => fillQuestion(`SELECT \${${name}}`, {})).toThrow(`needs a ${name}`);
  });
});
