import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { FEATURES, type Feature, type FeatureVector } from '../../lib/domain/features.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import {
  compileScorecard,
  fingerprintOfTerm,
  fraudKindOf,
  score,
  scoreTerms,
  strongestReasons,
  termOfFingerprint,
} from '../../lib/domain/scorecard.ts';

const POLICY = loadDefaultPolicy();
const SCORECARD = compileScorecard(POLICY.scoring);

function featuresOf(values: Partial<Record<Feature, number>>): FeatureVector {
  return Float64Array.from(FEATURES, (feature) => values[feature] ?? 0);
}

const anyFeatures = fc
  .array(fc.double({ min: 0, max: 5_000, noNaN: true }), {
    minLength: FEATURES.length,
    maxLength: FEATURES.length,
  })
  .map((values) => Float64Array.from(values));

describe('a score', () => {
  it('is exactly the base and the points of its terms', () => {
    fc.assert(
      fc.property(anyFeatures, (features) => {
        const terms = scoreTerms(SCORECARD, features);
        const sum = terms.reduce((total, term) => total + term.points, SCORECARD.base);
        expect(score(SCORECARD, features)).toBe(sum);
      }),
    );
  });

  it('takes from each term the bin that the feature falls into', () => {
    fc.assert(
      fc.property(anyFeatures, (features) => {
        const expected = POLICY.scoring.terms.map(({ id, feature, bins }) => {
          const value = features[FEATURES.indexOf(feature)] ?? 0;
          const bin = bins.find(({ below }) => below === undefined || value < below);
          return { id, points: bin?.points };
        });
        expect(scoreTerms(SCORECARD, features)).toEqual(expected);
      }),
    );
  });

  it('counts a value at a bound to the bin above it', () => {
    const scoring: Policy['scoring'] = {
      ...POLICY.scoring,
      base: 1,
      terms: [{ id: 't', feature: 'handsets', bins: [{ below: 2, points: 10 }, { points: 20 }] }],
    };
    const scorecard = compileScorecard(scoring);
    expect(score(scorecard, featuresOf({ handsets: 1.999 }))).toBe(11);
    expect(score(scorecard, featuresOf({ handsets: 2 }))).toBe(21);
  });
});

describe('the reasons of a score', () => {
  it('are its largest positive terms, largest first', () => {
    const terms = [
      { id: 'a', points: 1 },
      { id: 'b', points: -5 },
      { id: 'c', points: 3 },
      { id: 'd', points: 0 },
      { id: 'e', points: 2 },
    ];
    expect(strongestReasons(terms, 2)).toEqual([
      { id: 'c', points: 3 },
      { id: 'e', points: 2 },
    ]);
  });

  it('keep their names through a stored profile', () => {
    for (const { id } of POLICY.scoring.terms) {
      expect(termOfFingerprint(SCORECARD, fingerprintOfTerm(SCORECARD, id))).toBe(id);
    }
  });

  it('keep a mark of a term that the policy no longer has', () => {
    expect(termOfFingerprint(SCORECARD, fingerprintOfTerm(SCORECARD, 'gone'))).toMatch(
      /^former-term-[0-9a-f]+$/,
    );
  });
});

describe('the kind of fraud', () => {
  it('is that of the first rule that holds', () => {
    const rules: Policy['kinds'] = [
      { kind: 'loan', when: [{ feature: 'calls-made-hour', atLeast: 30 }] },
      { kind: 'gaming-trade', when: [{ feature: 'calls-made-hour', atLeast: 10, below: 20 }] },
    ];
    expect(fraudKindOf(rules, featuresOf({ 'calls-made-hour': 30 }))).toBe('loan');
    expect(fraudKindOf(rules, featuresOf({ 'calls-made-hour': 10 }))).toBe('gaming-trade');
    expect(fraudKindOf(rules, featuresOf({ 'calls-made-hour': 20 }))).toBe('other');
  });
});
