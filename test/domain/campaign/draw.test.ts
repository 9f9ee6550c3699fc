import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Lot, lotOf } from '../../../lib/domain/campaign/draw.ts';

const PEOPLE = Array.from({ length: 8_000 }, (_, i) => `1token-${i.toString(36)}`);

function sharesOf(id: string, holdOutShare: number, firstStageShare: number) {
  const counts: Record<Lot, number> = { 'held-out': 0, first: 0, rest: 0 };
  for (const person of PEOPLE) counts[lotOf({ id, holdOutShare, firstStageShare }, person)] += 1;
  return counts;
}

/** Five standard deviations of a share of so many: one in two million draws is further off. */
const tolerance = (share: number, people: number) => 5 * Math.sqrt((share * (1 - share)) / people);

describe('The draw of a campaign', () => {
  test('holds out and texts first the shares that are asked for, in whatever campaign', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z0-9-]{3,40}$/),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.double({ min: 0.005, max: 0.5, noNaN: true }),
        (id, holdOutShare, firstStageShare) => {
          const counts = sharesOf(id, holdOutShare, firstStageShare);
          const texted = PEOPLE.length - counts['held-out'];
          expect(Math.abs(counts['held-out'] / PEOPLE.length - holdOutShare)).toBeLessThanOrEqual(
            tolerance(holdOutShare, PEOPLE.length),
          );
          expect(Math.abs(counts.first / texted - firstStageShare)).toBeLessThanOrEqual(
            tolerance(firstStageShare, texted),
          );
        },
      ),
      { numRuns: 20, seed: 11 },
    );
  });

  test('is the same whenever it is drawn, and another in another campaign', () => {
    const shares = { holdOutShare: 0.5, firstStageShare: 0.5 };
    const heldOut = (id: string) =>
      PEOPLE.map((person) => lotOf({ id, ...shares }, person) === 'held-out');
    const [one, again, other] = [heldOut('one'), heldOut('one'), heldOut('other')];
    expect(one).toEqual(again);
    const agreeing = one.filter((held, i) => held === other[i]).length / PEOPLE.length;
    expect(Math.abs(agreeing - 0.5)).toBeLessThan(tolerance(0.5, PEOPLE.length));
  });

  test('keeps everybody’s lot when a larger share is held out or texted first', () => {
    for (const person of PEOPLE.slice(0, 2_000)) {
      const small = lotOf({ id: 'one', holdOutShare: 0.1, firstStageShare: 0.01 }, person);
      const large = lotOf({ id: 'one', holdOutShare: 0.2, firstStageShare: 0.01 }, person);
      if (small === 'held-out') expect(large).toBe('held-out');
    }
  });
});
