import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { runProgram } from '../../bin/program.ts';
import { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import { loadDefaultReference } from '../../lib/study/measures/read-reference.ts';
import { parseStudy } from '../../lib/study/read-study.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';
import { writeSyntheticDays } from '../bench/synthetic-archive.ts';

const DAY = '2026-11-26';
let folder: string;
let archive: string;
let out: string;
let err: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forewarn-study-'));
  archive = join(folder, 'archive');
  await using made = await DuckDbArchive.open(archive);
  await writeSyntheticDays(made, { calls: 20_000, day: DAY, days: 4 });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const study = (...words: string[]) =>
  runProgram(['node', 'forewarn', 'study', '--archive', archive, ...words]);

it('prints whom a day shows, and why, in both languages', async () => {
  expect(await study('--day', DAY)).toBe(0);
  expect(out).toMatch(/^2026-11-26: 20,000 calls of [\d,]+ callers/);
  expect(out).toContain('slow campaign');
  expect(out).toMatch(/contacts, none of whom has to do with another/);
  out = '';
  expect(await study('--day', DAY, '--language', 'zh-CN')).toBe(0);
  expect(out).toContain('低频长线诈骗');
});

it('writes the same result each time, and prints it as JSON', async () => {
  const results = join(folder, 'results');
  expect(await study('--day', DAY, '--json', '--out', results, '--quiet')).toBe(0);
  const printed = JSON.parse(out) as StudyResult;
  const file = join(results, `study-${DAY}.json`);
  const first = await readFile(file, 'utf8');
  expect(JSON.parse(first)).toEqual(printed);
  expect(printed.schema).toBe('forewarn-study/1');
  expect(parseStudy(first, file).measures?.drift?.callers).toBeGreaterThan(50);
  expect(await study('--day', DAY, '--json', '--out', results, '--quiet')).toBe(0);
  expect(await readFile(file, 'utf8')).toBe(first);
});

it('compares the callers with the reference that it is given', async () => {
  const file = join(folder, 'reference.json');
  await writeFile(file, JSON.stringify({ ...loadDefaultReference(), source: 'our Tuesday' }));
  expect(await study('--day', DAY, '--json', '--reference', file)).toBe(0);
  expect((JSON.parse(out) as StudyResult).measures?.drift?.source).toBe('our Tuesday');
  await writeFile(file, '{}');
  expect(await study('--day', DAY, '--reference', file)).toBe(2);
  expect(err).toContain('cannot be used');
});

it('leaves out numbers that are known already', async () => {
  expect(await study('--day', DAY, '--json')).toBe(0);
  const [first] = (JSON.parse(out) as StudyResult).callers;
  const known = join(folder, 'known.txt');
  await writeFile(known, `${first?.number}\n`);
  out = '';
  expect(await study('--day', DAY, '--json', '--known', known)).toBe(0);
  const numbers = (JSON.parse(out) as StudyResult).callers.map(({ number }) => number);
  expect(numbers).not.toContain(first?.number);
});

it.each([
  ['a day without calls', ['--day', '2026-01-01'], 'it has days: 2026-11-23 to 2026-11-26'],
  ['no day', ['--day', 'today'], 'It must be a day such as'],
  ['a list of anything but tokens', ['--day', DAY, '--known', 'package.json'], 'no number token'],
])('refuses %s, and says what is wrong', async (_, words, said) => {
  expect(await study(...words)).toBe(2);
  expect(err).toContain(said);
});
