import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { CASE_TIERS, STEPS } from '../../../lib/domain/ladder/ladder-policy.ts';
import { longestCaseMs } from '../../../lib/domain/ladder/longest-case.ts';
import { checkPolicy } from '../../../lib/domain/published-policy.ts';
import { hastenLadder, LEAST_DUE_SECONDS } from '../../../lib/simulation/officers/hasten-ladder.ts';

const policy = loadDefaultPolicy();
const { ladder } = policy;

describe('a hastened ladder', () => {
  it('divides its times by the factor', () => {
    const fast = hastenLadder(ladder, 60);
    expect(fast.dueMinutes.medium.call).toBe(ladder.dueMinutes.medium.call / 60);
    expect(fast.redial.busyMinutes).toBe(ladder.redial.busyMinutes / 60);
    expect(fast.redial.noAnswerMinutes).toEqual(
      ladder.redial.noAnswerMinutes.map((minutes) => minutes / 60),
    );
    expect(fast.watchHours).toBe(ladder.watchHours / 60);
  });

  it('is the same ladder with factor 1', () => {
    expect(hastenLadder(ladder, 1)).toEqual(ladder);
  });

  it('stays a ladder that a policy may have, with some seconds for every task and no longer times', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1_000, noNaN: true }), (factor) => {
        const fast = hastenLadder(ladder, factor);
        expect(() => checkPolicy({ ...policy, ladder: fast })).not.toThrow();
        expect(longestCaseMs(fast)).toBeLessThanOrEqual(longestCaseMs(ladder));
        for (const tier of CASE_TIERS) {
          for (const step of STEPS) {
            const seconds = fast.dueMinutes[tier][step] * 60;
            expect(seconds).toBeGreaterThanOrEqual(LEAST_DUE_SECONDS - 1e-9);
          }
        }
      }),
    );
  });
});
