import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser } from '../../bin/study/find-browser.ts';
import { parseScenario } from '../../lib/simulation/scenario.ts';
import { simulateCity } from '../../lib/simulation/simulate-city.ts';
import { wordsOf } from '../../lib/study/report/words.ts';
import { sampleStudy } from '../study/sample-study.ts';
import { tokensOfStudy } from '../study/tokens-of-study.ts';
import { startForewarn } from '../support/run-forewarn.ts';
import { SAMPLE_STATISTICS } from '../support/sample-statistics.ts';

let folder = '';
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forewarn-report-'));
  const town = parseScenario(JSON.stringify({ people: 400, days: 1, warmUpDays: 0 }), 'a town');
  const simulation = simulateCity(town, 5);
  await writeFile(at('calls.jsonl'), Buffer.concat([...simulation.chunks()]));
  await writeFile(at('truth.json'), JSON.stringify(simulation.truth()));
  await writeFile(at('study.json'), JSON.stringify(sampleStudy({ measured: false })));
  await writeFile(at('statistics.json'), JSON.stringify(SAMPLE_STATISTICS));
  await writeFile(at('other.json'), '{"schema":"forewarn-truth/1"}');
  await writeFile(at('broken.json'), '{');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const report = (...args: string[]) =>
  startForewarn(['report', '--study', at('study.json'), ...args]).finished;

describe('forewarn report', () => {
  test('writes the page in the language that is asked for', async () => {
    const { code, stderr } = await report('--html', at('zh.html'), '--lang', 'zh-CN');
    expect(stderr).toContain('Report of 2026-11-24');
    expect(code).toBe(0);
    const page = await readFile(at('zh.html'), 'utf8');
    expect(page).toContain(wordsOf('zh-CN').title);
    for (const token of tokensOfStudy(sampleStudy())) expect(page).not.toContain(token);
  });

  test('adds what officers found, and what the calls of the day tell', async () => {
    const reference = await startForewarn([
      'reference',
      ...['--calls', at('calls.jsonl'), '--day', '2026-11-24', '--out', at('reference.json')],
    ]).finished;
    expect(reference.code).toBe(0);
    const { code } = await report(
      ...['--html', at('en.html'), '--statistics', at('statistics.json')],
      ...['--calls', at('calls.jsonl'), '--truth', at('truth.json')],
      ...['--reference', at('reference.json'), '--quiet'],
    );
    expect(code).toBe(0);
    const page = await readFile(at('en.html'), 'utf8');
    const { sections, drift, unknown } = wordsOf('en');
    expect(page).toContain('30 of 39 that officers judged');
    expect(page).toContain('3 of 17 tasks were done late');
    expect(page).toContain(`<h2>${sections.trials.title}</h2>`);
    // Against the same day nothing has moved.
    expect(page).toContain(drift.allStable);
    expect(page).toContain('2026-11-24, calls.jsonl');
    expect(page).not.toContain(unknown.notMeasured.drift);
    expect(page).toContain(unknown.notMeasured.textEffect);
  });

  test.each([
    ['where nothing is to be written', ['--study', 'study.json'], '--html FILE, --pdf FILE'],
    ['a study that is none', ['--study', 'other.json', '--html', 'x.html'], 'no result of a study'],
    ['a study that is no JSON', ['--study', 'broken.json', '--html', 'x.html'], 'not JSON'],
    ['a study that is not there', ['--study', 'nowhere.json', '--html', 'x.html'], 'no such file'],
    [
      'statistics that are none',
      ['--study', 'study.json', '--html', 'x.html', '--statistics', 'other.json'],
      'forewarn case statistics',
    ],
    [
      'a reference that is none',
      [
        '--study',
        'study.json',
        '--html',
        'x.html',
        '--calls',
        'truth.json',
        '--reference',
        'other.json',
      ],
      'forewarn-reference/1',
    ],
    [
      'calls that can be read but once',
      ['--study', 'study.json', '--html', 'x.html', '--calls', '-'],
      'more than once',
    ],
    [
      'a language that is not there',
      ['--study', 'study.json', '--html', 'x.html', '--lang', 'fr'],
      'zh-CN',
    ],
  ])('says what is wrong with %s', async (_, args, message) => {
    const paths = args.map((arg) => (/\.(json|html)$/.test(arg) ? at(arg) : arg));
    const { code, stderr } = await startForewarn(['report', ...paths]).finished;
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(await readdir(folder)).not.toContain('x.html');
  });

  test('says what to do where there is no browser to print with, and writes nothing', async () => {
    const { code, stderr } = await startForewarn(
      ['report', '--study', at('study.json'), '--html', at('x.html'), '--pdf', at('x.pdf')],
      { PATH: folder },
    ).finished;
    expect(code).toBe(2);
    expect(stderr).toContain('CHROME_PATH');
    expect(await readdir(folder)).not.toContain('x.html');
  });
});

describe('forewarn reference', () => {
  test('replaces no file unasked, and writes nothing of a day without callers', async () => {
    const day = (date: string, ...more: string[]) =>
      startForewarn([
        'reference',
        ...['--calls', at('calls.jsonl'), '--day', date, '--out', at('study.json'), ...more],
      ]).finished;
    const refused = await day('2026-11-24');
    expect(refused.stderr).toContain('--force');
    expect(refused.code).toBe(2);
    const nobody = await day('2026-12-24', '--force', '--quiet');
    expect(nobody.stderr).toContain('nobody made');
    expect(nobody.code).toBe(1);
    expect(await readFile(at('study.json'), 'utf8')).toContain('forewarn-study/1');
  });
});

describe('findBrowser', () => {
  test('prefers the one that is named, and finds usual names on the PATH', async () => {
    const tools = at('tools');
    await mkdir(tools);
    for (const name of ['google-chrome', 'mine']) {
      await writeFile(join(tools, name), '#!/bin/sh\n');
      await chmod(join(tools, name), 0o755);
    }
    await writeFile(join(tools, 'chromium'), 'not a program');
    const PATH = `/nowhere:${tools}`;
    expect(findBrowser({ PATH }, 'linux')).toBe(join(tools, 'google-chrome'));
    expect(findBrowser({ PATH, CHROME_PATH: join(tools, 'mine') })).toBe(join(tools, 'mine'));
    expect(() => findBrowser({ PATH, CHROME_PATH: join(tools, 'chromium') })).toThrow(
      'CHROME_PATH',
    );
    expect(() => findBrowser({}, 'linux')).toThrow('install Chromium');
  });
});
