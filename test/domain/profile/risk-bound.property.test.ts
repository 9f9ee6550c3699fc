import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CallerCard,
  callerPoints,
  cardFor,
  compileCallerScore,
} from '../../../lib/domain/caller-score.ts';
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

/** A rule that often holds and adds points, which the bound must reckon with. */
const WITH_RULE: Policy['scoring'] = {
  ...SHIPPED.scoring,
  rules: [
    {
      rule: 'pesters-briefly',
      points: 1.5,
      callsAtLeast: 1,
      callsPerContactAtLeast: 1,
      meanSecondsBelow: 10_000,
    },
  ],
};

/** Some within a day, some over days: either card judges some of them. */
const anyHistory = fc.oneof(legsUpTo(60), legsUpTo(60, { min: 20_000, max: 120_000 }));

describe('the bound on what a caller can score', () => {
  it.each([
    ['the shipped policy', SHIPPED.scoring],
    ['a rule that speaks for fraud', WITH_RULE],
    ['a policy of one card', NERVOUS_POLICY.scoring],
  ])('never rules out a caller who is risky: %s', (_, scoring) => {
    const score = compileCallerScore(scoring);
    const bound = new RiskBound(score);
    const profile = new Profile();
    const ruledOut = new Map<CallerCard, number>();
    let risky = 0;
    fc.assert(
      fc.property(anyHistory, (legs) => {
        profile.load(fold(undefined, CALLER, legs).profile);
        const features = computeFeatures(profile, createFeatureVector());
        const card = cardFor(score, features);
        const isRisky = callerPoints(score, features) >= card.riskyAt;
        if (isRisky) risky++;
        if (!bound.staysBelow(profile, callsMadeInMonth(profile))) return;
        ruledOut.set(card, (ruledOut.get(card) ?? 0) + 1);
        expect(isRisky).toBe(false);
      }),
      { numRuns: 800 },
    );
    // Or the property would say nothing of a card.
    const cards = [score.habit, ...(score.burst === undefined ? [] : [score.burst])];
    for (const card of cards) expect(ruledOut.get(card) ?? 0).toBeGreaterThan(5);
    expect(risky).toBeGreaterThan(50);
  });
});
