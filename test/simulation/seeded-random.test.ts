import { expect, test } from 'vitest';
import { SeededRandom } from '../../lib/simulation/seeded-random.ts';

function draw(random: SeededRandom, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

test('the same seed and label draw the same numbers, another seed or label draws others', () => {
  const drawn = draw(new SeededRandom(7, 'a'), 50);
  expect(draw(new SeededRandom(7, 'a'), 50)).toEqual(drawn);
  expect(draw(new SeededRandom(8, 'a'), 50)).not.toEqual(drawn);
  expect(draw(new SeededRandom(7, 'b'), 50)).not.toEqual(drawn);
  expect(draw(new SeededRandom(7 + 2 ** 40, 'a'), 50)).not.toEqual(drawn);
});

test('numbers are uniform in [0, 1)', () => {
  const tenths = new Array<number>(10).fill(0);
  for (const number of draw(new SeededRandom(3), 100_000)) {
    const tenth = Math.floor(number * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  expect(tenths).toHaveLength(10);
  // Six standard deviations of a binomial(100,000, 0.1) are 570.
  for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(570);
});

test('log-normal draws have the median and spread asked for', () => {
  const random = new SeededRandom(11);
  const logs = Array.from({ length: 40_000 }, () => Math.log(random.logNormal(37, 1.2)));
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length;
  expect(Math.exp(mean)).toBeGreaterThan(35.5);
  expect(Math.exp(mean)).toBeLessThan(38.5);
  expect(Math.sqrt(variance)).toBeCloseTo(1.2, 1);
});

test('whole numbers between two reach both ends and stay within', () => {
  const random = new SeededRandom(5);
  const drawn = new Set(Array.from({ length: 500 }, () => random.wholeBetween([3, 6])));
  expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
});
