import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callerPoints, cardFor, compileCallerScore } from '../../../lib/domain/caller-score.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { createFeatureVector } from '../../../lib/domain/features.ts';
import type { Policy } from '../../../lib/domain/policy.ts';
import { createLegFolder } from '../../../lib/domain/profile/fold-legs.ts';
import { Profile } from '../../../lib/domain/profile/profile.ts';
import { callsMadeInMonth, computeFeatures } from '../../../lib/domain/profile/profile-features.ts';
import { RiskBound } from '../../../lib/domain/profile/risk-bound.ts';
import { CALLER } from '../factories.ts';
import { NERVOUS_POLICY } from '../risky-policy.ts';
import { legsUpTo } from './any-legs.ts';

const SHIPPED = loadDefaultPolicy();
const fold = createLegFolder(SHIPPED);

/** A rule that adds points, which the bound must reckon with. */
const WITH_RULE: Policy['scoring'] = {
  ...SHIPPED.scoring,
  rules: [{ ...SHIPPED.scoring.rules[0], points: 5 } as Policy['scoring']['rules'][number]],
};

describe('the bound on what a caller can score', () => {
  it.each([
    ['the shipped policy', SHIPPED.scoring],
    ['a rule that speaks for fraud', WITH_RULE],
    ['a policy of one card', NERVOUS_POLICY.scoring],
  ])('never rules out a caller who is risky: %s', (_, scoring) => {
    const score = compileCallerScore(scoring);
    const bound = new RiskBound(score);
    const profile = new Profile();
    let ruledOut = 0;
    fc.assert(
      fc.property(legsUpTo(60), (legs) => {
        profile.load(fold(undefined, CALLER, legs).profile);
        if (!bound.staysBelow(profile, callsMadeInMonth(profile))) return;
        ruledOut++;
        const features = computeFeatures(profile, createFeatureVector());
        expect(callerPoints(score, features)).toBeLessThan(cardFor(score, features).riskyAt);
      }),
      { numRuns: 500 },
    );
    expect(ruledOut).toBeGreaterThan(20);
  });
});
