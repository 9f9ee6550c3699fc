import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CityWriterError } from '../../lib/simulation/city-writer.ts';
import { parseScenario } from '../../lib/simulation/scenario.ts';
import { simulateCity } from '../../lib/simulation/simulate-city.ts';

const FULL_DEVICE = '/dev/full';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'forewarn-city-'));
});

afterEach(() => rm(directory, { recursive: true }));

const town = (changes: object = {}) =>
  parseScenario(JSON.stringify({ people: 1000, days: 1, ...changes }), 'town');

it.each([
  ['whole lines', {}],
  ['broken and repeated lines', { faults: { badShare: 0.02, repeatedShare: 0.02 } }],
  [
    'a network whose name is not ASCII',
    { feeds: [{ ...town().feeds[0], share: 1, network: '川A' }] },
  ],
])('the writing thread gives the bytes that are read in one thread: %s', async (_, changes) => {
  const scenario = town(changes);
  const path = join(directory, 'calls.jsonl.gz');
  const saved = simulateCity(scenario, 2);
  await saved.save(path);
  const read = simulateCity(scenario, 2);
  const lines = Buffer.concat([...read.chunks()]);
  expect(gunzipSync(await readFile(path)).equals(lines)).toBe(true);
  expect(saved.truth()).toEqual(read.truth());
});

it('says why a file cannot be opened', async () => {
  const path = join(directory, 'nowhere', 'calls.jsonl.gz');
  const error: unknown = await simulateCity(town(), 1)
    .save(path)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CityWriterError);
  expect(error).toMatchObject({ code: 'simulation-not-written', cause: { code: 'ENOENT' } });
});

it.skipIf(!existsSync(FULL_DEVICE))('stops in the middle when the disk is full', async () => {
  await expect(simulateCity(town({ people: 5000 }), 1).save(FULL_DEVICE)).rejects.toMatchObject({
    cause: { code: 'ENOSPC' },
  });
});

it('stops when it is told to', async () => {
  const interruption = new AbortController();
  const saving = simulateCity(town({ days: 300 }), 1).save(join(directory, 'calls.jsonl.gz'), {
    signal: interruption.signal,
    onPiece: () => interruption.abort(),
  });
  await expect(saving).rejects.toHaveProperty('name', 'AbortError');
});
