import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callerPoints,
  callerTerms,
  cardFor,
  compileCallerScore,
  fraudKindOf,
  reasonFingerprint,
} from '../../lib/domain/caller-score.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { FEATURES, type Feature, type FeatureVector } from '../../lib/domain/features.ts';
import type { Policy } from '../../lib/domain/policy.ts';

const POLICY = loadDefaultPolicy();
const RULES: Policy['scoring']['rules'] = [
  { rule: 'rotates-handsets', points: 1.25, handsetsAtLeast: 3, callsAtMost: 30 },
  {
    rule: 'dials-strangers-from-abroad',
    points: 2.5,
    callsAtLeast: 5,
    newContactShareAtLeast: 0.8,
  },
  {
    rule: 'holds-strangers-long',
    points: 3.75,
    meanSecondsAtLeast: 600,
    newContactShareAtLeast: 0.5,
  },
];
const PESTERS: Policy['scoring']['rules'][number] = {
  rule: 'pesters-briefly',
  points: -3.5,
  callsAtLeast: 35,
  callsPerContactAtLeast: 1.25,
  meanSecondsBelow: 110,
};
const SCORE = compileCallerScore({ ...POLICY.scoring, rules: [...RULES, PESTERS] });

function featuresOf(values: Partial<Record<Feature, number>>): FeatureVector {
  return Float64Array.from(FEATURES, (feature) => values[feature] ?? Number.NaN);
}

const anyFeatures = fc
  .array(fc.oneof(fc.double({ min: 0, max: 1_000, noNaN: true }), fc.constant(Number.NaN)), {
    minLength: FEATURES.length,
    maxLength: FEATURES.length,
  })
  .map((values) => Float64Array.from(values));

describe('the points of a caller', () => {
  it('are exactly the base and the points of all terms and of the rules that hold', () => {
    fc.assert(
      fc.property(anyFeatures, (features) => {
        const sum = callerTerms(SCORE, features).reduce(
          (total, term) => total + term.points,
          cardFor(SCORE, features).scorecard.base,
        );
        expect(callerPoints(SCORE, features)).toBe(sum);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['rotates-handsets', { handsets: 3, 'calls-made-month': 30 }, true],
    ['rotates-handsets', { handsets: 3, 'calls-made-month': 31 }, false],
    ['rotates-handsets', { handsets: 2, 'calls-made-month': 10 }, false],
    [
      'dials-strangers-from-abroad',
      { international: 1, 'calls-made-day': 5, 'new-contact-share': 0.8 },
      true,
    ],
    [
      'dials-strangers-from-abroad',
      { international: 0, 'calls-made-day': 9, 'new-contact-share': 1 },
      false,
    ],
    ['holds-strangers-long', { 'mean-talk-seconds': 600, 'new-contact-share': 0.5 }, true],
    ['holds-strangers-long', { 'new-contact-share': 1 }, false],
    [
      'pesters-briefly',
      { 'calls-made-month': 35, 'calls-per-contact': 1.25, 'mean-talk-seconds': 109 },
      true,
    ],
    [
      'pesters-briefly',
      { 'calls-made-month': 35, 'calls-per-contact': 1.25, 'mean-talk-seconds': 110 },
      false,
    ],
    [
      'pesters-briefly',
      { 'calls-made-month': 34, 'calls-per-contact': 2, 'mean-talk-seconds': 10 },
      false,
    ],
  ] as const)('take the rule %s for %j: %s', (rule, values, holds) => {
    const ids = callerTerms(SCORE, featuresOf(values)).map(({ id }) => id);
    expect(ids.includes(rule)).toBe(holds);
  });
});

describe('the names of reasons', () => {
  it('come back from their fingerprints, and none has that of another', () => {
    const ids = [
      ...POLICY.scoring.scorecard.terms.map(({ id }) => id),
      ...RULES.map(({ rule }) => rule),
    ];
    expect(ids.map((id) => SCORE.names.get(reasonFingerprint(id)))).toEqual(ids);
  });
});

describe('the kind of fraud', () => {
  it('is that of the first rule that holds', () => {
    const kinds: Policy['kinds'] = [
      { kind: 'loan', when: [{ feature: 'calls-made-hour', atLeast: 30 }] },
      { kind: 'gaming-trade', when: [{ feature: 'calls-made-hour', atLeast: 10, below: 20 }] },
    ];
    expect(fraudKindOf(kinds, featuresOf({ 'calls-made-hour': 30 }))).toBe('loan');
    expect(fraudKindOf(kinds, featuresOf({ 'calls-made-hour': 10 }))).toBe('gaming-trade');
    expect(fraudKindOf(kinds, featuresOf({ 'calls-made-hour': 20 }))).toBe('other');
  });
});

describe('the card that judges', () => {
  const score = compileCallerScore({
    ...POLICY.scoring,
    burst: {
      shareAtLeast: 0.25,
      minimumCallsMade: 5,
      riskyAt: 1,
      withdrawBelow: 0,
      scorecard: POLICY.scoring.scorecard,
    },
  });

  it.each([
    [3, 12, 1],
    [2, 12, POLICY.scoring.riskyAt],
    [12, 12, 1],
  ])('for %i calls in a day of %i in a month is risky at %d', (day, month, riskyAt) => {
    const features = featuresOf({ 'calls-made-day': day, 'calls-made-month': month });
    expect(cardFor(score, features).riskyAt).toBe(riskyAt);
  });

  it('is that of habits where a policy has no other', () => {
    const { burst: _burst, ...scoring } = POLICY.scoring;
    const features = featuresOf({ 'calls-made-day': 9, 'calls-made-month': 9 });
    expect(cardFor(compileCallerScore(scoring), features).riskyAt).toBe(POLICY.scoring.riskyAt);
  });
});
