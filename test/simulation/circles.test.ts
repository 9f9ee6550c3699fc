import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Circles } from '../../lib/simulation/circles.ts';
import { SeededRandom } from '../../lib/simulation/seeded-random.ts';

test('mates are others, and the circle is the same seen from each of them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 200 }), fc.integer(), (people, seed) => {
      const random = new SeededRandom(seed);
      const circles = new Circles(people, [2, 6], true, random);
      for (let draw = 0; draw < 50; draw++) {
        const person = random.below(people);
        const mate = circles.mateOf(person, random);
        if (mate === undefined) continue;
        expect(mate).not.toBe(person);
        expect(mate).toBeLessThan(people);
        const back = Array.from({ length: 200 }, () => circles.mateOf(mate, random));
        expect(back).toContain(person);
        expect(circles.matesOf(person)).toContain(mate);
        expect(circles.matesOf(mate)).toContain(person);
        expect(circles.matesOf(person)).not.toContain(person);
      }
    }),
    { numRuns: 50 },
  );
});

test('the nearest mates take most of the calls', () => {
  const random = new SeededRandom(1);
  const circles = new Circles(20, [20, 20], false, random);
  const calls = new Map<number, number>();
  for (let call = 0; call < 1000; call++) {
    const mate = circles.mateOf(0, random) ?? 0;
    calls.set(mate, (calls.get(mate) ?? 0) + 1);
  }
  const counts = [...calls.values()].sort((one, other) => other - one);
  expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBeGreaterThan(300);
  expect(calls.has(0)).toBe(false);
});

test('somebody who is alone in a circle has no mate', () => {
  const random = new SeededRandom(1);
  const alone = new Circles(5, [1, 1], true, random);
  expect(alone.mateOf(3, random)).toBeUndefined();
  expect(alone.matesOf(3)).toEqual([]);
});
