import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReplayReport } from '../../bin/replay/replay-report.ts';
import { startForewarn } from '../support/run-forewarn.ts';
import { swindlerCalls } from './fraud-history.ts';

const COPENHAGEN = fileURLToPath(
  new URL('../../../shared/data/copenhagen/calls.csv', import.meta.url),
);
const MAPPING = fileURLToPath(
  new URL('../../docs/examples/copenhagen-mapping.json', import.meta.url),
);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forewarn-start-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function replay(...args: string[]): Promise<{ code: number | null; report: ReplayReport }> {
  const path = join(folder, 'report.json');
  const run = startForewarn(['start', '--once', '--quiet', '--report', path, ...args]);
  const { code } = await run.finished;
  return { code, report: JSON.parse(await readFile(path, 'utf8')) as ReplayReport };
}

/** Our own leftovers in the temporary folder; other tests run beside this one and have theirs. */
async function leftovers(before: ReadonlySet<string>): Promise<string[]> {
  const names = await readdir(tmpdir());
  return names.filter((name) => name.startsWith('forewarn-assembly-') && !before.has(name));
}

describe('npm start', () => {
  test('warns nobody of the real people of Copenhagen, among whom there is no fraud', async (context) => {
    if (!existsSync(COPENHAGEN))
      context.skip('shared/data/copenhagen/calls.csv is not beside this folder');
    const { code, report } = await replay('--calls', COPENHAGEN, '--mapping', MAPPING);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      callsPushed: 3_600,
      callsAccepted: 3_600,
      callsRejected: {},
      warningsSent: 0,
      casesOpened: 0,
    });
  }, 120_000);

  test("replays an operator's gzipped file and reports what came of it", async () => {
    const file = join(folder, 'calls.jsonl.gz');
    const lines = swindlerCalls('13911110009', 14).map((call) => JSON.stringify(call));
    await writeFile(file, gzipSync([...lines, '{"caller":'].join('\n')));
    const { code, report } = await replay('--calls', file);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      callsPushed: 15,
      callsAccepted: 14,
      callsRejected: { 'not-json': 1 },
      riskyCallers: 1,
      subjectsWarned: 5,
      warningsSent: 5,
      duplicateWarnings: 0,
    });
    expect(report.latencyMs.p99).toBeGreaterThan(0);
    expect(report).not.toHaveProperty('truth');
    const { cases, stillOpen } = report.ladder;
    expect(cases).toHaveLength(report.casesOpened);
    expect(stillOpen).toBe(0);
    expect(cases.every(({ firstContact }) => (firstContact ?? 0) >= 0)).toBe(true);
  }, 240_000);

  test('walks the cases of a simulated morning up the ladder, and plots what came of them', async () => {
    const page = join(folder, 'ladder.html');
    const { code, report } = await replay('--seed', '3', '--html', page);
    expect(code).toBe(0);
    const { cases, steps, tiers } = report.ladder;
    expect(cases.length).toBeGreaterThan(5);
    const all = Object.values(tiers);
    expect(all.reduce((sum, tier) => sum + tier.cases, 0)).toBe(cases.length);
    expect(all.reduce((sum, tier) => sum + tier.dissuaded, 0)).toBeGreaterThan(0);
    const taken = steps.filter(({ offeredToClaimed }) => offeredToClaimed.length > 0);
    expect(new Set(taken.map(({ step }) => step))).toEqual(new Set(['call', 'relatives', 'visit']));
    expect(await readFile(page, 'utf8')).toContain('</svg>');
  }, 600_000);

  test('ends on Ctrl-C in the middle of a replay and leaves nothing behind', async () => {
    const before = new Set(await readdir(tmpdir()));
    const run = startForewarn(['start', '--speed', '1']);
    await new Promise<void>((resolve) => {
      run.process.stdout?.on('data', (text: string) => {
        if (text.includes('replaying')) resolve();
      });
    });
    run.process.kill('SIGINT');
    const { code } = await run.finished;
    expect(code).toBe(130);
    expect(await leftovers(before)).toEqual([]);
  }, 120_000);

  test('says what is wrong with the way it was called', async () => {
    const run = startForewarn(['start', '--once', '--calls', join(folder, 'nowhere.csv')]);
    const { code, stderr } = await run.finished;
    expect(code).toBe(2);
    expect(stderr).toContain('there is no such file');
    const both = await startForewarn(['start', '--once', '--manual']).finished;
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('--manual') });
  });
});
