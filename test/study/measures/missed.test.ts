import { describe, expect, test } from 'vitest';
import { type ConfirmedNumber, measureMissed } from '../../../lib/study/measures/missed.ts';

const confirmed = (number: string, at: number, people?: number): ConfirmedNumber => ({
  number,
  at,
  source: 'case-number',
  kind: 'loan',
  ...(people !== undefined && { people }),
});

describe('measureMissed', () => {
  const measures = measureMissed(
    [
      confirmed('early', 100),
      confirmed('late', 100, 2),
      confirmed('never', 100, 9),
      { ...confirmed('early', 300), source: 'officer' },
    ],
    new Map([
      ['early', 50],
      ['late', 100],
    ]),
    [{ number: 'never' }],
  );

  test('takes a warning at or after the confirmation for none', () => {
    expect(measures).toMatchObject({ confirmed: 3, warnedBefore: 1 });
    expect(measures.share.value).toBeCloseTo(1 / 3);
  });

  test('lists what was missed, most people first, and says what the study finds by itself', () => {
    expect(measures.missed.map(({ number, foundByStudy }) => [number, foundByStudy])).toEqual([
      ['never', true],
      ['late', false],
    ]);
  });

  test('has no share of nothing', () => {
    expect(measureMissed([], new Map(), []).share).toEqual({ value: null, low: 0, high: 1 });
  });
});
