import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { archiveBucket, startOfDay } from '../../lib/archive/archived-call.ts';
import { DuckDbArchive } from '../../lib/archive/duckdb-archive.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { DuckDbStudyArchive } from '../../lib/study/duckdb-study-archive.ts';
import { studyDay } from '../../lib/study/study-day.ts';
import { evidenceInWords, mainEvidenceInWords } from '../../lib/study/study-words.ts';

const DAY = '2026-11-27';
const MIDNIGHT = startOfDay(DAY, 480);
const HOUR = 3_600;
let archive: DuckDbArchive;
let folder: string;
let calls: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forewarn-study-'));
  archive = await DuckDbArchive.open(folder, { memoryMiB: 256, threads: 1 });
  calls = [];
});

afterEach(async () => {
  await archive[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const token = (name: string) => `1${name.padEnd(22, '_')}`;

/** A call at an hour of the day; unanswered when it took no time. */
function call(
  caller: string,
  callee: string,
  hour: number,
  duration: number,
  abroad = false,
): void {
  const from = token(caller);
  calls.push(
    `(${calls.length}, '${from}', '${token(callee)}', ${Math.round(MIDNIGHT + hour * HOUR)}, ${duration}, ${duration > 0}, ${abroad}, false, false, 510104, 0, '${DAY}', ${archiveBucket(from)})`,
  );
}

async function study(known: readonly string[] = []) {
  await archive.writeCalls(
    `SELECT * FROM (VALUES ${calls.join(', ')}) AS made (call, caller, callee, start, duration, answered,
       international, caller_is_service, callee_is_service, district, handset, day, bucket)`,
    {},
  );
  return studyDay(await DuckDbStudyArchive.open(archive), {
    day: DAY,
    policy: loadDefaultPolicy(),
    known: known.map(token),
  });
}

test('a number that leads people to a known swindler is a precursor; a courier who was there before is none', async () => {
  for (let person = 0; person < 6; person++) {
    call('scout', `person${person}`, 9 + person / 10, 90);
    call('courier', `person${person}`, 8 + person / 10, 20);
    call('swindler', `person${person}`, 12 + person / 10, 600);
  }
  for (let other = 0; other < 60; other++) call('courier', `other${other}`, 14 + other / 20, 20);
  const { callers } = await study(['swindler']);
  const precursors = callers.filter(({ kind }) => kind === 'precursor');
  expect(precursors.map(({ number }) => number)).toEqual([token('scout')]);
  expect(evidenceInWords(precursors[0]?.evidence[1] ?? { id: '', value: 0, points: 0 }, 'en')).toBe(
    '6 people were reached by a risky number within a day after it',
  );
});

test('who rings up many and is called back is a trap; who is merely not answered is none', async () => {
  for (let person = 0; person < 30; person++) {
    call('trap', `person${person}`, 9 + person / 10, 0, true);
    call('seller', `client${person}`, 9 + person / 10, person % 3 === 0 ? 40 : 0);
    if (person % 4 === 0) call(`person${person}`, 'trap', 13 + person / 10, 180, true);
  }
  const { callers } = await study();
  expect(callers.map(({ number, kind }) => ({ number, kind }))).toEqual([
    { number: token('trap'), kind: 'callback-trap' },
  ]);
  expect(mainEvidenceInWords(callers[0]?.evidence ?? [], 'en')).toContain(
    '8 people called back a missed call',
  );
});

test('people with whom a known number talked long are at risk, by how long and how often', async () => {
  for (let person = 0; person < 8; person++)
    call('swindler', `person${person}`, 9 + person / 5, 20);
  call('swindler', 'victim', 11, 1_500);
  call('swindler', 'victim', 14, 2_400);
  const { subjects } = await study(['swindler']);
  expect(subjects.map(({ number, callers }) => ({ number, callers }))).toEqual([
    { number: token('victim'), callers: [token('swindler')] },
  ]);
});

test('calls without end, to oneself, and of services do not disturb', async () => {
  call('a', 'a', 9, 10);
  calls.push(
    `(9000, '${token('a')}', '${token('b')}', ${MIDNIGHT + HOUR}, NULL, NULL, false, false, false, 0, 0, '${DAY}', 0)`,
    `(9001, '${token('bank')}', '${token('b')}', ${MIDNIGHT + HOUR}, 30, true, false, true, false, 0, 0, '${DAY}', 0)`,
  );
  const { volume, callers } = await study();
  expect(callers).toEqual([]);
  expect(volume).toMatchObject({ calls: 3, people: 2, callers: 1 });
});
