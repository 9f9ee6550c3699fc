import fc from 'fast-check';
import { expect, it } from 'vitest';
import { laneOfKey } from '../../../lib/local/event-sources/lane-of-key.ts';

it('gives a key the same lane every time, and one that exists', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 10 }), (key, lanes) => {
      const lane = laneOfKey(key, lanes);
      expect(lane).toBe(laneOfKey(key, lanes));
      expect(Array.from({ length: lanes }, (_, index) => index)).toContain(lane);
    }),
  );
});

it('spreads keys that differ in their last digits only', () => {
  const counts = Array.from({ length: 10 }, () => 0);
  for (let key = 0; key < 10_000; key++) {
    const lane = laneOfKey(`bucket-${key}`, 10);
    counts[lane] = (counts[lane] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(800);
});
