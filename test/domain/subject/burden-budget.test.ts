import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createBudgetCounts,
  dailyLimit,
  localDay,
  seatOf,
} from '../../../lib/domain/subject/burden-budget.ts';
import { type BudgetPolicy, budgetProblems } from '../../../lib/domain/subject/subject-policy.ts';

const BUDGET: BudgetPolicy = {
  textsPer100kPerDay: 10,
  peopleCovered: 200_000,
  bands: [{ below: 0.3, share: 0.5 }, { below: 0.6, share: 0.75 }, { share: 1 }],
};
const NOON = Date.UTC(2026, 10, 24, 4);
const DAY_MS = 86_400_000;

describe('the limit of a day', () => {
  it('is a share of the people covered, rounded down, and at least one text', () => {
    expect(dailyLimit(BUDGET)).toBe(20);
    expect(dailyLimit(BUDGET, 199_999)).toBe(19);
    expect(dailyLimit(BUDGET, 100)).toBe(1);
  });
});

describe('the room of a warning', () => {
  it.each([
    [0, 'from 0', 10],
    [0.299, 'from 0', 10],
    [0.3, 'from 0.3', 15],
    [0.6, 'from 0.6', 20],
    [1, 'from 0.6', 20],
  ])('at probability %f is that of the band %s: %i', (probability, band, room) => {
    expect(seatOf(BUDGET, probability)).toEqual({ band, room });
  });

  it('is never none, even where a day has one text', () => {
    expect(seatOf(BUDGET, 0, 100).room).toBe(1);
  });
});

describe('the day of a budget', () => {
  it('begins at local midnight', () => {
    expect(localDay(Date.UTC(2026, 10, 23, 15, 59, 59, 999), 480)).toBe('2026-11-23');
    expect(localDay(Date.UTC(2026, 10, 23, 16), 480)).toBe('2026-11-24');
    expect(localDay(Date.UTC(2026, 10, 24, 4, 59), -300)).toBe('2026-11-23');
  });
});

describe('a budget counted in memory', () => {
  it('holds back the least certain first, and says how many of which', () => {
    const counts = createBudgetCounts(BUDGET, 480);
    const send = (times: number, probability: number) =>
      Array.from({ length: times }, () => counts.book(probability, NOON)).filter(Boolean).length;

    expect(send(12, 0.1)).toBe(10);
    expect(send(7, 0.5)).toBe(5);
    expect(send(3, 0.9)).toBe(3);
    expect(send(1, 0.5)).toBe(0);
    expect(send(3, 0.9)).toBe(2);
    expect(Object.fromEntries(counts.dropped)).toEqual({
      'from 0': 2,
      'from 0.3': 3,
      'from 0.6': 1,
    });
    expect(counts.book(0.1, NOON + DAY_MS)).toBe(true);
  });

  it('is never overdrawn, sends whoever is more certain than one that was sent, and loses count of none', () => {
    const days = fc.array(
      fc.record({ probability: fc.double({ min: 0, max: 1, noNaN: true }), day: fc.nat(2) }),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(days, (warnings) => {
        const counts = createBudgetCounts(BUDGET, 480);
        const sent = new Map<number, number>();
        let held = 0;
        for (const { probability, day } of warnings) {
          const at = NOON + day * DAY_MS;
          const before = sent.get(day) ?? 0;
          const goes = counts.book(probability, at);
          // Nested limits: whatever has room now leaves room for all that are more certain.
          expect(goes).toBe(before < seatOf(BUDGET, probability).room);
          if (goes) sent.set(day, before + 1);
          else held++;
        }
        for (const texts of sent.values()) expect(texts).toBeLessThanOrEqual(20);
        expect([...counts.dropped.values()].reduce((sum, n) => sum + n, 0)).toBe(held);
      }),
    );
  });

  it('gives a more certain warning no less room', () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        probability,
        probability,
        fc.integer({ min: 1, max: 10 ** 8 }),
        (a, b, people) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          expect(seatOf(BUDGET, low, people).room).toBeLessThanOrEqual(
            seatOf(BUDGET, high, people).room,
          );
          expect(seatOf(BUDGET, 1, people).room).toBe(dailyLimit(BUDGET, people));
        },
      ),
    );
  });
});

describe('the bands of a budget', () => {
  const bands = (list: BudgetPolicy['bands']) => budgetProblems({ ...BUDGET, bands: list });

  it('may be one for all', () => {
    expect(bands([{ share: 1 }])).toEqual([]);
    expect(budgetProblems(BUDGET)).toEqual([]);
  });

  it.each<[string, BudgetPolicy['bands']]>([
    ['bounds that fall', [{ below: 0.6, share: 0.1 }, { below: 0.3, share: 0.5 }, { share: 1 }]],
    ['a last band with a bound', [{ below: 0.6, share: 1 }]],
    ['an inner band without one', [{ share: 0.5 }, { share: 1 }]],
  ])('are refused for %s', (_, list) => {
    expect(bands(list)).toEqual([
      '/warnings/budget/bands: bounds must rise, and only the last band has none',
    ]);
  });

  it.each<[string, BudgetPolicy['bands']]>([
    ['shares that fall', [{ below: 0.5, share: 1 }, { share: 0.5 }]],
    ['a day that nobody may fill', [{ below: 0.5, share: 0.1 }, { share: 0.9 }]],
  ])('are refused for %s', (_, list) => {
    expect(bands(list)).toEqual([
      '/warnings/budget/bands: shares must rise to 1 for the most certain',
    ]);
  });
});
