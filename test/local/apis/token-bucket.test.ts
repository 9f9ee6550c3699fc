import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenBucket } from '../../../lib/local/apis/token-bucket.ts';

describe('a token bucket', () => {
  it('is full at first, empties at once, and refills evenly', () => {
    const take = createTokenBucket({ rate: 2, burst: 3 });
    expect([0, 0, 0, 0].map((now) => take(now))).toEqual([true, true, true, false]);
    expect([499, 500, 501].map((now) => take(now))).toEqual([false, true, false]);
    expect([100_000, 100_000, 100_000, 100_000].map((now) => take(now))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('never lets more through than burst and rate allow, whatever the clock does', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: -50, max: 500 }), { maxLength: 200 }),
        (rate, burst, steps) => {
          const take = createTokenBucket({ rate, burst });
          let now = 1_000;
          let latest = now;
          let taken = 0;
          for (const step of steps) {
            now += step;
            latest = Math.max(latest, now);
            if (take(now)) taken += 1;
            expect(taken).toBeLessThanOrEqual(burst + ((latest - 1_000) * rate) / 1_000 + rate);
          }
        },
      ),
    );
  });
});
