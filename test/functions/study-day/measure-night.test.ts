import { expect, test } from 'vitest';
import type { LiveWarnings } from '../../../functions/study-day/live-warnings.ts';
import { measureNight, type NightPorts } from '../../../functions/study-day/measure-night.ts';
import type { CaseHead } from '../../../lib/domain/ladder/case-head.ts';
import type { ListEntry } from '../../../lib/domain/listing/list-entry.ts';
import { NEW_SUBJECT, type SubjectState } from '../../../lib/domain/subject/subject-state.ts';
import type { PeopleTexted } from '../../../lib/study/measures/texted-people.ts';
import { studyPage } from '../../../lib/study/report/study-page.ts';
import { wordsOf } from '../../../lib/study/report/words.ts';
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

const NOTHING_KNOWN: NightPorts = {
  cases: async () => [],
  caseNumbers: async () => [],
  campaigns: async () => [],
  states: async () => new Map(),
};

const warningsOf = (
  callers: readonly (readonly [string, number])[],
  people: PeopleTexted = { texted: [], heldOut: [] },
): LiveWarnings => ({ callers: new Map(callers), people });

test('precision is of the cases that were closed by the end of the day', async () => {
  const { precision } = await measureNight(result, warningsOf([]), {
    ...NOTHING_KNOWN,
    cases: async (state) =>
      state === 'closed'
        ? [closedCase(NOON, 'money-lost'), closedCase(NOON + DAY, 'not-a-fraud')]
        : [],
  });
  expect(precision?.all).toMatchObject({ right: 1, wrong: 0 });
});

test('a case number of the window was missed unless somebody had been warned of it before', async () => {
  const { missed } = await measureNight(
    result,
    warningsOf([
      [number('early'), NOON / 1000 - 7_200],
      [number('late'), NOON / 1000 + 60],
    ]),
    {
      ...NOTHING_KNOWN,
      caseNumbers: async () => [
        caseNumber('early', NOON),
        caseNumber('late', NOON),
        caseNumber('never', NOON),
        caseNumber('tomorrow', NOON + DAY),
        caseNumber('long-ago', NOON - 40 * DAY),
      ],
    },
  );
  expect(missed).toMatchObject({ confirmed: 3, warnedBefore: 1 });
  expect(missed?.missed.map((one) => one.number).sort()).toEqual(
    [number('late'), number('never')].sort(),
  );
});

/** Somebody who had a risky call of so many minutes each hour around a moment, epoch seconds. */
const calledHourly = (at: number, minutesBefore: number, minutesAfter: number): SubjectState => ({
  ...NEW_SUBJECT,
  exposures: [-3, -2, -1, 1, 2, 3].map((hour) => ({
    caller: number('caller'),
    call: hour,
    start: at + hour * 3_600,
    duration: 60 * (hour < 0 ? minutesBefore : minutesAfter),
    answered: true,
  })),
});

test('the effect of texts is of people whose states are read once, so many at a time, and no others', async () => {
  const at = NOON / 1000 - 86_400;
  const named = (kind: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({ person: number(`${kind}${i}`), at }));
  const texted = named('t', 150);
  const heldOut = named('h', 90);
  const today = { person: number('today'), at: NOON / 1000 };
  const asked: string[][] = [];
  const measures = await measureNight(
    result,
    warningsOf([], { texted: [...texted, today], heldOut }),
    {
      ...NOTHING_KNOWN,
      states: async (people) => {
        asked.push([...people]);
        return new Map(
          people.map((person) => [person, calledHourly(at, 10, person.includes('t') ? 2 : 8)]),
        );
      },
    },
  );
  expect(asked.flat().toSorted()).toEqual(
    [...texted, ...heldOut].map(({ person }) => person).toSorted(),
  );
  expect(Math.max(...asked.map(({ length }) => length))).toBeLessThanOrEqual(100);
  expect(measures.textEffect).toMatchObject({
    people: 150,
    before: { calls: 3, minutes: 30 },
    after: { calls: 3, minutes: 6 },
    heldOut: { people: 90, after: { calls: 3, minutes: 24 } },
  });
  for (const language of ['en', 'zh-CN'] as const) {
    const { effect, unknown } = wordsOf(language);
    const page = studyPage({ ...result, measures }, language);
    expect(page).toContain(effect.people('150'));
    expect(page).not.toContain(unknown.notMeasured.textEffect);
  }
});

test('nothing is said of texts, and nobody looked up, on a night on which nobody was texted long enough ago', async () => {
  const states: NightPorts['states'] = async () => {
    throw new Error('nobody is to be looked up');
  };
  const people = { texted: [{ person: number('now'), at: NOON / 1000 }], heldOut: [] };
  const measures = await measureNight(result, warningsOf([], people), { ...NOTHING_KNOWN, states });
  expect(measures).not.toHaveProperty('textEffect');
});
