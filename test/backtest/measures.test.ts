import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { type Backtest, runBacktest } from '../../lib/backtest/backtest.ts';
import { DEFAULT_COSTS, measureBacktest, percentile } from '../../lib/backtest/measures.ts';
import { backtestPage } from '../../lib/backtest/report-page.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import type { TruthFile } from '../../lib/simulation/truth-file.ts';

const START = Date.UTC(2026, 10, 23, 2);
const MINUTE = 60_000;
const SWINDLER = '+8613900000001';
const COURIER = '+8613900000002';
const LATE_FRAUD = '+8613900000003';
const DEFAULT_POLICY = loadDefaultPolicy();
const { burst: _burst, renewAfter: _renewAfter, ...SCORING } = DEFAULT_POLICY.scoring;

/** Finds every caller at his fourth call, and warns whoever talked with him. */
const POLICY: Policy = {
  ...DEFAULT_POLICY,
  scoring: {
    ...SCORING,
    minimumCallsMade: 4,
    settleSeconds: 0,
    riskyAt: 0,
    withdrawBelow: -10,
    scorecard: {
      fraudShare: 0.5,
      base: 1,
      terms: [
        {
          id: 'calls',
          feature: 'calls-made-month',
          bins: [{ below: 4, points: -9 }, { points: 2 }],
        },
      ],
    },
    rules: [],
    callRules: [],
  },
  subjects: { ...DEFAULT_POLICY.subjects, warnAt: -20 },
  warnings: {
    ...DEFAULT_POLICY.warnings,
    budget: {
      ...DEFAULT_POLICY.warnings.budget,
      textsPer100kPerDay: 100_000,
      bands: [{ share: 1 }],
    },
  },
};

const person = (i: number) => `+86138000000${String(i).padStart(2, '0')}`;

interface PlainCall {
  readonly caller: string;
  readonly callee: string;
  readonly minute: number;
  readonly seconds: number;
}

/** A caller who dials somebody else every ten minutes. */
function round(caller: string, first: number, calls: number, from: number): PlainCall[] {
  return Array.from({ length: calls }, (_, i) => ({
    caller,
    callee: person(first + i),
    minute: from + i * 10,
    seconds: 60,
  }));
}

const CALLS: readonly PlainCall[] = [
  ...round(SWINDLER, 1, 8, 0),
  // A victim calls back while the swindler is known, and is called again.
  { caller: SWINDLER, callee: person(1), minute: 100, seconds: 600 },
  { caller: SWINDLER, callee: person(2), minute: 130, seconds: 600 },
  ...round(COURIER, 21, 6, 5),
  { caller: LATE_FRAUD, callee: person(31), minute: 7, seconds: 60 },
].toSorted((a, b) => a.minute * 60 + a.seconds - (b.minute * 60 + b.seconds));

const TRUTH: TruthFile = {
  schema: 'forewarn-truth/1',
  people: 100_000,
  from: START,
  to: START + 200 * MINUTE,
  calls: CALLS.length,
  fraudCallers: [
    { number: SWINDLER, kind: 'loan', habit: 'dials', start: START, callsMade: 10 },
    { number: LATE_FRAUD, kind: 'other', habit: 'sleeps', start: START, callsMade: 1 },
    { number: '+8613900000009', kind: 'other', habit: 'elsewhere', start: START, callsMade: 0 },
  ],
  deceived: [
    {
      number: person(1),
      caller: SWINDLER,
      kind: 'loan',
      calls: [
        { start: START, seconds: 60, madeByVictim: false, caller: SWINDLER },
        { start: START + 100 * MINUTE, seconds: 600, madeByVictim: false, caller: SWINDLER },
      ],
    },
    {
      number: person(31),
      caller: LATE_FRAUD,
      kind: 'other',
      calls: [{ start: START + 7 * MINUTE, seconds: 60, madeByVictim: false, caller: LATE_FRAUD }],
    },
  ],
  hardNegatives: [{ number: COURIER, role: 'courier' }],
};

const INPUT = CALLS.map(({ caller, callee, minute, seconds }) =>
  JSON.stringify({ caller, callee, start: START + minute * MINUTE, duration: seconds }),
).join('\n');

async function tried(policy: Policy = POLICY, against?: Policy): Promise<Backtest> {
  const input = Readable.from([Buffer.from(INPUT)]);
  return runBacktest(input, { policy, against, truth: TRUTH, country: 'CN' });
}

const measured = measureBacktest(await tried());
const [policy] = measured.policies;
const truth = policy?.truth;

describe('the measures of a history with known answers', () => {
  test('count calls, numbers and days', () => {
    expect(measured).toMatchObject({ records: CALLS.length, calls: CALLS.length, people: 100_000 });
    expect(measured.numbers).toBe(8 + 6 + 1 + 3);
    expect(measured.days).toBeCloseTo((140 * MINUTE) / 86_400_000);
  });

  test('find planted callers that made calls, and tell by how many calls', () => {
    expect(truth?.callers).toMatchObject({ planted: 2, found: 1, share: 0.5, foundByScore: 1 });
    // The fourth call settles, and gives him away, when the fifth arrives.
    expect(truth?.callsUntilFound).toEqual({ median: 5, p90: 5, counts: { 5: 1 } });
    expect(truth?.callers.byHabit).toEqual([
      { name: 'dials', planted: 1, found: 1, share: 1, medianCalls: 5 },
      { name: 'sleeps', planted: 1, found: 0, share: 0, medianCalls: null },
    ]);
    expect(truth?.callers.wronglyFound).toEqual([{ role: 'courier', numbers: 1 }]);
  });

  test('judge texts by whether the person had talked with a fraud caller', () => {
    expect(policy?.warnings.sent).toBe(8 + 6);
    expect(truth?.texts).toMatchObject({ texts: 14, right: 8, callerPrecision: 8 / 14 });
    // Eight people of the swindler's and one of the other's.
    expect(truth?.texts.recall).toBeCloseTo(8 / 9);
    expect(truth?.wrong.texts).toBe(6);
    expect(truth?.wrong.byRole).toEqual([{ role: 'courier', texts: 6, callers: 1 }]);
    expect(truth?.wrong.per100kPeopleAndDay).toBeCloseTo(6 / measured.days);
    const [term] = truth?.byReason.filter(({ id }) => id === 'calls') ?? [];
    expect(term).toMatchObject({ texts: 14, right: 8, callers: 1 });
  });

  test('tell who was warned in time, and the talk that was left', () => {
    // Warned at the swindler's fifth call, forty-one minutes in: before the second call of the first victim.
    expect(truth?.deceived).toEqual({
      people: 2,
      inTime: 1,
      inTimeShare: 0.5,
      duringFirst: 0,
      duringFirstShare: 0,
      ever: 1,
    });
    expect(truth?.talk).toMatchObject({ minutes: 12, afterWarning: 10 });
    expect(truth?.talk.curve.at(-1)).toMatchObject({ minutes: 12, after: 10 });
  });

  test('add up texts by hour and by person, cases, hours and cost', () => {
    const texts = policy?.hours.reduce((sum, hour) => sum + hour.texts, 0);
    expect(texts).toBe(14);
    expect(policy?.hours).toHaveLength(3);
    expect(policy?.warnings.peopleByTexts).toEqual({ 1: 14 });
    expect(policy?.warnings.cost).toBeCloseTo(14 * DEFAULT_COSTS.textPrice);
    const { medium, high, urgent } = policy?.tiers ?? {};
    const minutes =
      (medium?.cases ?? 0) * 15 + (high?.cases ?? 0) * 45 + (urgent?.cases ?? 0) * 120;
    expect(minutes).toBeGreaterThan(0);
    expect(policy?.officerHoursPerDay).toBeCloseTo(minutes / 60 / measured.days);
  });

  test('tell two policies apart by whom each warns', async () => {
    const sleepy = { ...POLICY, version: POLICY.version + 1 };
    const scoring = { ...POLICY.scoring, minimumCallsMade: 7 };
    const { comparison } = measureBacktest(await tried(POLICY, { ...sleepy, scoring }));
    expect(comparison?.warnedByBoth).toBe(8);
    expect(comparison?.onlyByFirst).toMatchObject({ people: 6, right: 0, wrong: 6 });
    expect(comparison?.onlyBySecond).toMatchObject({ people: 0, right: 0, wrong: 0 });
    expect(comparison?.medianMinutesEarlier).toBeLessThan(0);
  });

  test('hold back what the budget has no room for', async () => {
    const budget = { ...POLICY.warnings.budget, textsPer100kPerDay: 5 };
    const warnings = { ...POLICY.warnings, budget };
    const [held] = measureBacktest(await tried({ ...POLICY, warnings })).policies;
    expect(held?.warnings).toMatchObject({ decided: 14, sent: 5, overBudget: { 'from 0': 9 } });
  });
});

describe('the report', () => {
  test('is one page that shows every part', async () => {
    const both = measureBacktest(await tried(POLICY, { ...POLICY, version: POLICY.version + 1 }));
    const page = backtestPage(both, {
      calls: 'calls <of> a day',
      policies: ['now', 'next'],
      officerMinutes: 'medium 15',
      textPrice: 0.05,
    });
    for (const part of ['Fraud callers found', 'Wrong texts by who called', 'courier', 'dials']) {
      expect(page).toContain(part);
    }
    expect(page).toContain('calls &lt;of&gt; a day');
    expect(page.match(/<svg /g)?.length).toBeGreaterThan(8);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  });

  test('is made of nothing at all, too', async () => {
    const empty = await runBacktest(Readable.from([]), { policy: POLICY, country: 'CN' });
    const page = backtestPage(measureBacktest(empty), {
      calls: 'nothing',
      policies: ['now'],
      officerMinutes: 'medium 15',
      textPrice: 0.05,
    });
    expect(page).toContain('no valid record');
  });
});

describe('a percentile', () => {
  test.each([
    [[], 0.5, null],
    [[7], 0.9, 7],
    [[3, 1, 2], 0.5, 2],
    [[4, 1, 3, 2], 0.5, 2],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 9],
  ])('of %j at %d is %s', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });
});
