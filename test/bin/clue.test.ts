import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MOST_CLUES } from '../../lib/api/schemas.ts';
import { type OfficersApiServer, startOfficersApi } from '../support/officers-api-server.ts';
import { startForewarn } from '../support/run-forewarn.ts';

const REFERENCE = '8sXb0Jm2Qp4nT1vK7wYzAA';
const AT = Date.parse('2026-11-24T10:11:05Z');
const ESCAPE = String.fromCharCode(27);
/** Clears the screen, writes over the line, turns the writing round, and ends in a hidden link. */
const HOSTILE = `nothing${ESCAPE}[2J to see${String.fromCharCode(13)}here\u202e\u200b\n${ESCAPE}]8;;https://example.org\u0007go`;

let api: OfficersApiServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forewarn-clue-'));
  api = await startOfficersApi();
});

afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});

afterEach(() => {
  expect(api.breaches.splice(0)).toEqual([]);
  api.calls.length = 0;
});

function clue(...args: string[]) {
  return startForewarn(['clue', ...args], { ...api.environment, TZ: 'UTC' }).finished;
}

const clueOf = (text: string) => ({
  reference: REFERENCE,
  kind: 'loan' as const,
  when: AT,
  at: AT,
  text,
});

describe('forewarn clue', () => {
  it('shows what strangers wrote so that no terminal acts on it, page by page', async () => {
    api.answerers.readClues = ({ body: { next } }) => ({
      number: '+86*******8005',
      clues: [clueOf(next === undefined ? HOSTILE : 'another')],
      auditEntry: 1,
      ...(next === undefined && { next: 'page-2' }),
    });

    const { code, stdout } = await clue('list', '13800138005', '--purpose', 'a complaint');

    expect(code).toBe(0);
    expect(stdout).toContain('nothing to see here');
    expect(stdout).toContain('another');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/);
    expect(api.calls.map(({ body }) => body)).toEqual([
      { number: '13800138005', purpose: 'a complaint' },
      { number: '13800138005', purpose: 'a complaint', next: 'page-2' },
    ]);
  });

  it('shows one as JSON that reads back to what was written, and that no terminal acts on', async () => {
    api.answerers.readClues = () => ({
      number: '+86*******8005',
      clues: [clueOf(HOSTILE)],
      auditEntry: 1,
    });

    const { stdout } = await clue('show', REFERENCE, '--purpose', 'a complaint', '--json');

    expect(JSON.parse(stdout).clues[0].text).toBe(HOSTILE);
    expect(stdout).not.toContain(ESCAPE);
    expect(stdout).not.toContain('\u202e');
  });

  it('asks for one number, and for a purpose', async () => {
    const both = await clue('list', '13800138005', '--token', 't'.repeat(23), '--purpose', 'x');
    const unsaid = await clue('show', REFERENCE);
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('--token') });
    expect(unsaid).toMatchObject({ code: 2, stderr: expect.stringContaining('--purpose') });
    expect(api.calls).toEqual([]);
  });

  it('lists the numbers that only clues led to', async () => {
    const finding = {
      token: 't'.repeat(23),
      number: '+86*******8005',
      kind: 'loan' as const,
      at: AT,
      until: AT + 600_000,
      points: 3.5,
      base: 1,
      terms: [{ id: 'clues', points: 1.25 }],
    };
    api.answerers.listClueFindings = () => ({ findings: [finding] });
    const { stdout } = await clue('findings');
    expect(stdout).toMatch(/8005 │ loan │\s+3\.50 │\s+1\.25 │ .* │ t{23}/);
  });
});

describe('forewarn clue import', () => {
  it('sends full requests, checks each line first, and keeps those that were not taken', async () => {
    api.answerers.importClues = ({ body: { clues } }) => ({
      taken: clues.length - Number(clues.some(({ number }) => number === '95588')),
      known: 0,
      rejected: clues.flatMap(({ number }, item) =>
        number === '95588' ? [{ item, detail: 'That is no phone number of a subscriber.' }] : [],
      ),
    });
    const rows = Array.from({ length: MOST_CLUES + 3 }, (_, i) => {
      const number = i === 1 ? '95588' : '13800138005';
      return `call ${i},${number},${i === 0 ? 'annoying' : 'loan'},2026-11-23T09:00:00+08:00`;
    });
    const file = join(folder, 'hotline.csv');
    const rejects = join(folder, 'refused.jsonl');
    await writeFile(file, ['reference,number,kind,when', ...rows].join('\n'));

    const { code, stdout } = await clue('import', file, '--rejects', rejects, '--json');

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ taken: MOST_CLUES + 1, known: 0 });
    expect(api.calls.map(({ body }) => (body as { clues: unknown[] }).clues.length)).toEqual([
      MOST_CLUES,
      2,
    ]);
    const kept = (await readFile(rejects, 'utf8')).trim().split('\n');
    expect(kept.map((line) => JSON.parse(line))).toEqual([
      { line: 2, detail: expect.stringContaining('kind: must be one of') },
      { line: 3, detail: 'That is no phone number of a subscriber.' },
    ]);
  });
});
