import { expect, test } from 'vitest';
import { measureNight } from '../../../functions/study-day/measure-night.ts';
import type { CaseHead } from '../../../lib/domain/ladder/case-head.ts';
import type { ListEntry } from '../../../lib/domain/listing/list-entry.ts';
import { sampleStudy } from '../../study/sample-study.ts';

const result = sampleStudy();
const NOON = Date.parse(`${result.day}T12:00:00+08:00`);
const number = (name: string) => `1${name.padStart(22, 'A')}`;

const closedCase = (closedAt: number, outcome: CaseHead['outcome']): CaseHead =>
  ({
    state: 'closed',
    openedBy: 'policy',
    outcome,
    openedAt: closedAt - 3_600_000,
    closedAt,
    peakTier: 'medium',
    reasons: ['talk'],
    kind: 'loan',
    heard: {},
    climb: { steps: {}, attempts: [] },
  }) as unknown as CaseHead;

const caseNumber = (name: string, at: number): ListEntry => ({
  id: name,
  number: number(name),
  kind: 'loan',
  reason: 'seized',
  reference: 'file 1',
  by: 'chen',
  at,
  until: 2_000_000_000,
  version: 1,
});

const DAY = 86_400_000;

test('precision is of the cases that were closed by the end of the day', async () => {
  const { precision } = await measureNight(result, new Map(), {
    cases: async (state) =>
      state === 'closed'
        ? [closedCase(NOON, 'money-lost'), closedCase(NOON + DAY, 'not-a-fraud')]
        : [],
    caseNumbers: async () => [],
    campaigns: async () => [],
  });
  expect(precision?.all).toMatchObject({ right: 1, wrong: 0 });
});

test('a case number of the window was missed unless somebody had been warned of it before', async () => {
  const { missed } = await measureNight(
    result,
    new Map([
      [number('early'), NOON / 1000 - 7_200],
      [number('late'), NOON / 1000 + 60],
    ]),
    {
      cases: async () => [],
      caseNumbers: async () => [
        caseNumber('early', NOON),
        caseNumber('late', NOON),
        caseNumber('never', NOON),
        caseNumber('tomorrow', NOON + DAY),
        caseNumber('long-ago', NOON - 40 * DAY),
      ],
      campaigns: async () => [],
    },
  );
  expect(missed).toMatchObject({ confirmed: 3, warnedBefore: 1 });
  expect(missed?.missed.map((one) => one.number).sort()).toEqual(
    [number('late'), number('never')].sort(),
  );
});
