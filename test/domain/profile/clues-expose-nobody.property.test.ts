import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Leg } from '../../../lib/domain/leg.ts';
import type { Listing } from '../../../lib/domain/listing/listing.ts';
import { createLegFolder } from '../../../lib/domain/profile/fold-legs.ts';
import { CALLER, MORNING } from '../factories.ts';
import { NERVOUS_POLICY } from '../risky-policy.ts';
import { legsUpTo } from './any-legs.ts';

const lists = {
  ...NERVOUS_POLICY.lists,
  clues: { ...NERVOUS_POLICY.lists.clues, behaviourAtLeast: -2, pointsAtMost: 3 },
};
const scoring = { ...NERVOUS_POLICY.scoring, riskyAt: 2.2 };
const fold = createLegFolder({ ...NERVOUS_POLICY, lists, scoring });
const CLUES: Listing = { clues: { weight: 99, at: MORNING, until: MORNING + 400 * 86_400 } };

/** Folds legs one by one; reports stand against the number from one of them on, until another. */
function exposuresOf(legs: readonly Leg[], from: number, until: number) {
  let profile: Buffer | undefined;
  let suspicions = 0;
  const exposures: unknown[] = [];
  legs.forEach((leg, i) => {
    const listing = i >= from && i < until ? CLUES : undefined;
    const folded = fold(profile, CALLER, [leg], listing);
    profile = folded.profile;
    exposures.push(...folded.exposures);
    suspicions += folded.findings.filter(({ terms }) =>
      terms.some(({ id }) => id === 'clues'),
    ).length;
  });
  return { exposures, suspicions };
}

it('whatever is reported of a number, the people it calls are exposed as if nobody had said anything', () => {
  let suspicions = 0;
  let exposures = 0;
  fc.assert(
    fc.property(
      legsUpTo(60),
      fc.nat({ max: 8 }),
      fc.constantFrom(6, 20, 60),
      (legs, from, length) => {
        const reported = exposuresOf(legs, from, from + length);
        suspicions += reported.suspicions;
        exposures += reported.exposures.length;
        expect(reported.exposures).toEqual(exposuresOf(legs, 0, 0).exposures);
      },
    ),
    { numRuns: 500 },
  );
  expect(suspicions).toBeGreaterThan(20);
  expect(exposures).toBeGreaterThan(100);
});
