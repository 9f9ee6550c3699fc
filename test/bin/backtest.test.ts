import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import { startForewarn } from '../support/run-forewarn.ts';

let folder = '';
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forewarn-backtest-'));
  const records = [...simulateMorning({ seed: 3, calls: 3000 }).records()];
  const lines = records.map((record) =>
    typeof record === 'string' ? record : JSON.stringify(record),
  );
  await writeFile(at('calls.jsonl.gz'), gzipSync(`${lines.join('\n')}\n`));
  await writeFile(at('policy.json'), JSON.stringify({ ...loadDefaultPolicy(), version: 77 }));
  await writeFile(at('broken.json'), JSON.stringify({ ...loadDefaultPolicy(), version: 0 }));
  await writeFile(at('truth.json'), '{}');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('forewarn backtest', () => {
  test('prints a table of both policies and writes the report', async () => {
    const { code, stdout } = await startForewarn([
      'backtest',
      ...['--calls', at('calls.jsonl.gz'), '--against', at('policy.json')],
      ...['--html', at('report.html')],
    ]).finished;
    expect(code).toBe(0);
    expect(stdout).toContain('texts sent');
    expect(stdout).toContain('77');
    expect(stdout).toContain('records were not valid');
    expect(await readFile(at('report.html'), 'utf8')).toContain('Who is warned by one');
  });

  test('prints all measures as JSON', async () => {
    const { code, stdout } = await startForewarn([
      'backtest',
      ...['--calls', at('calls.jsonl.gz'), '--json', '--officer-minutes', 'medium=20,high=60'],
    ]).finished;
    expect(code).toBe(0);
    const measures = JSON.parse(stdout);
    expect(measures.policies).toHaveLength(1);
    expect(measures.records).toBeGreaterThan(2900);
    expect(measures.rejected['not-json']).toBeGreaterThan(0);
  });

  test.each([
    ['a file that is not there', ['--calls', 'nowhere.jsonl'], 'there is no such file'],
    ['a bad policy', ['--calls', 'calls.jsonl.gz', '--policy', 'broken.json'], '/version'],
    ['a bad truth', ['--calls', 'calls.jsonl.gz', '--truth', 'truth.json'], 'truth file'],
    ['no calls', [], '--calls'],
    ['minutes of no tier', ['--calls', 'calls.jsonl.gz', '--officer-minutes', 'low'], 'low=5'],
  ])('says what is wrong with %s', async (_, args, message) => {
    const paths = args.map((arg) => (/\.json/.test(arg) ? at(arg) : arg));
    const { code, stderr } = await startForewarn(['backtest', ...paths]).finished;
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
