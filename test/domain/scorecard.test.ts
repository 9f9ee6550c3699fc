import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { FEATURES, type Feature, type FeatureVector } from '../../lib/domain/features.ts';
import {
  compileScorecard,
  fraudProbability,
  type ScorecardDocument,
  ScorecardError,
  score,
  scoreTerms,
  strongestReasons,
} from '../../lib/domain/scorecard.ts';

const POLICY = loadDefaultPolicy();
const SCORECARD = compileScorecard(POLICY.scoring.scorecard);

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
        const expected = POLICY.scoring.scorecard.terms.map(({ id, feature, bins }) => {
          const value = features[FEATURES.indexOf(feature as Feature)] ?? 0;
          const bin = bins.find(({ below }) => below === undefined || value < below);
          return { id, points: bin?.points };
        });
        expect(scoreTerms(SCORECARD, features)).toEqual(expected);
      }),
    );
  });

  it('counts a value at a bound to the bin above it', () => {
    const scorecard = compileScorecard({
      fraudShare: 0.5,
      base: 1,
      terms: [{ id: 't', feature: 'handsets', bins: [{ below: 2, points: 10 }, { points: 20 }] }],
    });
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
});

describe('a probability', () => {
  it('is the share of the fit where a score of base rate says nothing', () => {
    expect(fraudProbability(0, 0.5, 0.5)).toBe(0.5);
    expect(fraudProbability(Math.log(3), 0.5, 0.5)).toBeCloseTo(0.75, 12);
  });

  it('falls with the share of fraud in life, and rises with the points', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -15, max: 15, noNaN: true }),
        fc.double({ min: 0.001, max: 0.9, noNaN: true }),
        (points, baseRate) => {
          const here = fraudProbability(points, 0.32, baseRate);
          expect(fraudProbability(points, 0.32, baseRate / 2)).toBeLessThan(here);
          expect(fraudProbability(points + 1, 0.32, baseRate)).toBeGreaterThan(here);
        },
      ),
    );
  });
});

describe('a scorecard document', () => {
  const document: ScorecardDocument = {
    fraudShare: 0.5,
    base: 0,
    terms: [{ id: 'a', feature: 'handsets', bins: [{ below: 2, points: 1 }, { points: 2 }] }],
  };

  it('is refused with a feature that is not among those given', () => {
    expect(() => compileScorecard(document, ['places'])).toThrow(ScorecardError);
    expect(() => compileScorecard(document, ['places', 'handsets'])).not.toThrow();
  });

  it('gives the points of a missing value where there is none', () => {
    const [term] = document.terms;
    if (term === undefined) throw new Error('no term');
    const scorecard = compileScorecard({ ...document, terms: [{ ...term, missing: -3 }] });
    expect(score(scorecard, featuresOf({ handsets: Number.NaN }))).toBe(-3);
  });
});
