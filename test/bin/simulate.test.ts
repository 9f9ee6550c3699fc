import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EXIT } from '../../bin/exit-codes.ts';
import { runProgram } from '../../bin/program.ts';
import { parseTruthFile } from '../../lib/simulation/truth-file.ts';

let directory: string;
let said: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'forewarn-simulate-'));
  said = '';
  const hear = (text: string | Uint8Array) => {
    said += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(hear);
  vi.spyOn(process.stderr, 'write').mockImplementation(hear);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

const out = () => join(directory, 'out');
const simulate = (...options: string[]) =>
  runProgram(['node', 'forewarn', 'simulate', '--people', '300', '--days', '1', ...options]);

it('writes calls and truth, and says how many', async () => {
  expect(await simulate('--seed', '4', '--out', out(), '--json')).toBe(EXIT.ok);
  const lines = gunzipSync(await readFile(join(out(), 'calls.jsonl.gz')))
    .toString()
    .split('\n');
  expect(JSON.parse(lines[0] ?? '')).toHaveProperty('caller');
  const truth = parseTruthFile(await readFile(join(out(), 'truth.json'), 'utf8'), 'truth.json');
  expect(JSON.parse(said)).toMatchObject({ people: 300, callsWritten: truth.calls });
});

it('does not overwrite, unless it is told to', async () => {
  expect(await simulate('--out', out(), '--quiet')).toBe(EXIT.ok);
  expect(await simulate('--out', out(), '--quiet')).toBe(EXIT.usage);
  expect(said).toContain('--force overwrites it');
  expect(await simulate('--out', out(), '--quiet', '--force')).toBe(EXIT.ok);
});

it('leaves nothing behind when it is interrupted', async () => {
  const running = simulate('--people', '20000', '--out', out());
  while (!(await readdir(out()).catch(() => [])).some((name) => name.endsWith('.partial'))) {
    await new Promise(setImmediate);
  }
  process.emit('SIGINT');
  expect(await running).toBe(EXIT.interrupted);
  expect(await readdir(out())).toEqual([]);
});

it('takes a scenario file, and prints the whole of it', async () => {
  const file = join(directory, 'town.json');
  await writeFile(file, '{ "fraud": [{ "name": "fake-orders", "calls": [7, 8] }] }');
  expect(await simulate('--scenario', file, '--print-scenario')).toBe(EXIT.ok);
  const printed: { people: number; fraud: { name: string; calls: number[] }[] } = JSON.parse(said);
  expect(printed.people).toBe(300);
  expect(printed.fraud.find(({ name }) => name === 'fake-orders')?.calls).toEqual([7, 8]);
});

it.each<[string, string[], string]>([
  ['no --out', [], 'Give --out'],
  ['no such scenario', ['--out', 'x', '--scenario', 'nowhere.json'], 'there is no such file'],
  ['no such table', ['--out', 'x', '--profiles', 'nowhere.csv'], '--profiles does not go with'],
  ['too few people', ['--out', 'x', '--people', '3'], 'people: must be >= 200'],
])('refuses %s', async (_name, options, problem) => {
  expect(await simulate(...options)).toBe(EXIT.usage);
  expect(said).toContain(problem);
});

it('says what is wrong with a scenario', async () => {
  const file = join(directory, 'town.json');
  await writeFile(file, '{ "poeple": 300 }');
  expect(await simulate('--scenario', file, '--out', out())).toBe(EXIT.usage);
  expect(said).toContain('poeple: there is no such property');
});
