import { describe, expect, test } from 'vitest';
import { parseMetricMath } from '../../../lib/local/metrics/metric-math.ts';

const work = (text: string, values: Record<string, number | undefined> = {}) =>
  parseMetricMath(text)((id) => values[id]);

describe('metric math', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 4 - 3', 3],
    ['8 / 4 / 2', 1],
    ['2 >= 2', 1],
    ['1 + 1 > 2', 0],
    ['IF(3 != 3, 1, 2.5)', 2.5],
  ])('works out %s', (text, value) => {
    expect(work(text)).toBe(value);
  });

  test('has no value where a metric has none, unless it is filled', () => {
    expect(work('a + b', { a: 1 })).toBeUndefined();
    expect(work('a + FILL(b, 0)', { a: 1 })).toBe(1);
    expect(work('FILL(b, 7)', { b: 2 })).toBe(2);
    expect(work('IF(a > 0, 1, 2)')).toBeUndefined();
  });

  test('takes one branch whatever the other lacks, and has no value of a division by nothing', () => {
    const share = 'IF(all >= 2, 100 * FILL(bad, 0) / all, 0)';
    expect(work(share, { all: 1 })).toBe(0);
    expect(work(share, { all: 4, bad: 1 })).toBe(25);
    expect(work('1 / a', { a: 0 })).toBeUndefined();
  });

  test.each(['RATE(a)', 'a +', '(a', 'a b', 'FILL(a)', 'a ; b', 'SUM(METRICS())', ''])(
    'refuses %s, which it does not know',
    (text) => {
      expect(() => parseMetricMath(text)).toThrow(/is not run here/);
    },
  );
});
