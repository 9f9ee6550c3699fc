import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { studyDay } from '../../lib/study/study-day.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';
import { MOST_CONTACTS, readSuspects } from '../../lib/study/suspect.ts';
import {
  closedOf,
  contactsOf,
  numbersOf,
  type PlainCall,
  type PlainPair,
  pairsOf,
  suspectsOf,
} from './plain-study.ts';
import { type StudiedTown, studiedTown } from './studied-town.ts';

const policy = loadDefaultPolicy();
let town: StudiedTown;
const results: StudyResult[] = [];
let lastDay: string;
let pairs: Map<string, PlainPair>;

beforeAll(async () => {
  town = await studiedTown(3);
  for (const day of town.days) {
    results.push(await studyDay(town.study, { day, policy, known: [] }));
  }
  lastDay = town.days.at(-1) ?? '';
  const calls = await town.archive.ask(
    `SELECT caller, callee, start, duration, answered, international, caller_is_service AS "callerIsService",
       callee_is_service AS "calleeIsService", district, handset, day FROM calls`,
  );
  pairs = pairsOf(calls as unknown as PlainCall[]);
});

afterAll(async () => {
  await town[Symbol.asyncDispose]();
});

/** Rows as lines, without their order: thousands of objects would take long to compare. */
function lines(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row).toSorted())).toSorted();
}

describe('the questions answer as plain loops over the calls do', () => {
  test('who had to do with whom on a day', async () => {
    const rows = await town.archive.ask<Record<string, string | number | boolean | null>>(
      `SELECT * FROM study_pairs WHERE day = '${lastDay}'`,
    );
    const never = Number.POSITIVE_INFINITY;
    const asked = lines(
      rows.map((row) => ({
        ...{ a: row.a, b: row.b, day: row.day, madeA: row.made_a, madeB: row.made_b },
        ...{ talks: row.talks, talk: row.talk, longest: row.longest, lastCall: row.last_call },
        ...{ firstA: row.first_a ?? never, firstB: row.first_b ?? never },
        international: row.international,
      })),
    );
    const plain = [...pairs.values()]
      .filter(({ day }) => day === lastDay)
      .map(({ firstTalk: _, ...pair }) => pair);
    expect(asked.length).toBeGreaterThan(3_000);
    expect(asked).toEqual(lines(plain));
  });

  test('what each number did on a day', async () => {
    const rows = await town.archive.ask<Record<string, string | number>>(
      `SELECT number, day, made, received, opened, approached FROM study_numbers WHERE day = '${lastDay}'`,
    );
    expect(lines(rows)).toEqual(
      lines([...numbersOf(pairs.values()).values()].filter(({ day }) => day === lastDay)),
    );
  });

  test('who seeks out strangers, and how many of their contacts know each other', async () => {
    const contacts = contactsOf(pairs.values(), numbersOf(pairs.values()).values());
    const suspects = suspectsOf(contacts);
    const closed = closedOf(suspects, contacts, pairs.values(), MOST_CONTACTS);
    const rows = await town.archive.ask<Record<string, string | number>>(
      `SELECT number, contacts, opened, came_back AS "cameBack", kept_long AS "keptLong", held
       FROM study_suspects WHERE day = \${day}`,
      { day: lastDay },
    );
    expect(suspects.size).toBeGreaterThan(20);
    expect(lines(rows)).toEqual(
      lines([...suspects].map(([number, suspect]) => ({ number, ...suspect }))),
    );
    const read = await readSuspects(town.study, { day: lastDay, firstDay: '2026-11-13' });
    const asked = read.filter((one) => (one.closed ?? 0) > 0);
    expect(lines(asked.map(({ number, closed: count }) => ({ number, count })))).toEqual(
      lines([...closed].map(([number, count]) => ({ number, count }))),
    );
  });

  test('how much was telephoned', async () => {
    const rows = await town.archive.ask<{ calls: number; answered: number }>(
      `SELECT count(*) AS calls, count_if(answered) AS answered FROM calls WHERE day = '${lastDay}'`,
    );
    const { volume, districts } = results.at(-1) as StudyResult;
    expect(volume).toMatchObject(rows[0] ?? {});
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(volume.callsByHour)).toBe(volume.calls);
    expect(sum(districts.map(({ calls }) => calls))).toBe(volume.calls);
    expect(sum(districts.map(({ riskyCalls }) => riskyCalls))).toBe(sum(volume.riskyCallsByHour));
    expect(sum(volume.riskyCallsByHour)).toBeGreaterThan(0);
  });
});

describe('three studied days', () => {
  const planted = (habit: string) =>
    town.truth.fraudCallers
      .filter((caller) => caller.habit === habit)
      .map(({ number }) => town.tokenOf(number));
  const listed = () =>
    new Set(results.flatMap(({ callers }) => callers.map(({ number }) => number)));

  test('find most patient swindlers, of whom no single call told', () => {
    const found = listed();
    const patient = planted('patient');
    expect(patient.filter((number) => found.has(number)).length).toBeGreaterThanOrEqual(
      Math.ceil(0.65 * patient.length),
    );
  });

  test('put the numbers of a farm into one group, and nobody else', () => {
    const farm = planted('farm');
    const groups = results.at(-1)?.groups ?? [];
    const [best] = groups
      .map(({ numbers }) => numbers.filter((number) => farm.includes(number)).length)
      .toSorted((a, b) => b - a);
    expect(best).toBeGreaterThanOrEqual(Math.ceil(0.9 * farm.length));
    const fraud = new Set(town.truth.fraudCallers.map(({ number }) => town.tokenOf(number)));
    expect(groups.flatMap(({ numbers }) => numbers).filter((number) => !fraud.has(number))).toEqual(
      [],
    );
  });

  test('list no honest number', () => {
    const fraud = new Set(town.truth.fraudCallers.map(({ number }) => town.tokenOf(number)));
    expect([...listed()].filter((number) => !fraud.has(number))).toEqual([]);
  });

  test('name most people who were being deceived, and few others', () => {
    const deceived = new Set(town.truth.deceived.map(({ number }) => town.tokenOf(number)));
    const named = results.at(-1)?.subjects ?? [];
    const right = named.filter(({ number }) => deceived.has(number)).length;
    expect(right).toBeGreaterThanOrEqual(0.6 * deceived.size);
    expect(right).toBeGreaterThanOrEqual(0.7 * named.length);
  });

  test('give each finding the exact sum of its evidence', () => {
    const findings = results.flatMap(({ callers, groups, subjects }) => [
      ...callers,
      ...groups,
      ...subjects,
    ]);
    expect(findings.length).toBeGreaterThan(5);
    for (const { points, evidence } of findings) {
      expect(evidence.reduce((sum, one) => sum + one.points, 0)).toBeCloseTo(points, 2);
    }
  });
});

test('a day studied again comes to the same, whatever the order of its rows', async () => {
  await town.archive.run(
    'CREATE TEMP TABLE shuffled AS SELECT * FROM calls ORDER BY md5(CAST(call AS VARCHAR))',
  );
  await town.archive.writeCalls('SELECT * FROM shuffled', {});
  expect(await studyDay(town.study, { day: lastDay, policy, known: [] })).toEqual(results.at(-1));
});

test('known numbers are not listed as found, and their calls count as risky', async () => {
  const [first] = results.at(-1)?.callers ?? [];
  const known = [first?.number ?? ''];
  const again = await studyDay(town.study, { day: lastDay, policy, known });
  expect(again.callers.map(({ number }) => number)).not.toContain(first?.number);
  const risky = ({ volume }: StudyResult) =>
    volume.riskyCallsByHour.reduce((sum, calls) => sum + calls, 0);
  expect(risky(again)).toBe(risky(results.at(-1) as StudyResult));
});

test('a day without calls is refused, and the days there are named', async () => {
  await expect(
    studyDay(town.study, { day: '2026-10-01', policy, known: [] }),
  ).rejects.toMatchObject({
    code: 'no-such-day',
    message: expect.stringContaining('2026-11-26'),
  });
});
