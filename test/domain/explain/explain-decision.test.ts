import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callerPoints,
  callerTerms,
  cardFor,
  compileCallerScore,
} from '../../../lib/domain/caller-score.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import {
  callInWords,
  explainCaller,
  explainEpisode,
  featuresOfTerms,
} from '../../../lib/domain/explain/explain-decision.ts';
import { reasonInWords } from '../../../lib/domain/explain/reason-words.ts';
import { FEATURES } from '../../../lib/domain/features.ts';
import { type Policy, TEXT_LANGUAGES } from '../../../lib/domain/policy.ts';
import { createLegFolder } from '../../../lib/domain/profile/fold-legs.ts';
import type { RememberedCall } from '../../../lib/domain/profile/remembered-calls.ts';
import { CallerRuleSchema, CallRuleSchema } from '../../../lib/domain/rules/rules.ts';
import { CALLER, legsInRow, MORNING, SUBJECT } from '../factories.ts';
import { NERVOUS_POLICY } from '../risky-policy.ts';

const POLICY = loadDefaultPolicy();
const CHINESE = /[\u4e00-\u9fff]/;

const RULES = [...CallerRuleSchema.anyOf, ...CallRuleSchema.anyOf].map(
  ({ properties }) => properties.rule.const,
);
/** What an episode's sum is made of, besides rules on single calls (see weigh-episode.ts and decide.ts). */
const EPISODE_TERMS = [
  'caller',
  'caller-unknown',
  'hour',
  'on-the-line',
  'longest-call',
  'calls',
  'callers-in-concert',
  'care-group',
];

/** Words that no id fell through into, in the language asked for. */
function expectWords(words: string, id: string, language: (typeof TEXT_LANGUAGES)[number]): void {
  expect(words).not.toBe(id);
  expect(words.trim()).not.toBe('');
  if (id.includes('-')) expect(words).not.toContain(id);
  if (language === 'zh-CN') expect(words).toMatch(CHINESE);
  else expect(words).not.toMatch(CHINESE);
}

describe.each([...TEXT_LANGUAGES])('in %s', (language) => {
  it.each([...FEATURES])('the feature %s has words, with a value and without', (feature) => {
    for (const value of [0, 0.25, 1, 12, null]) {
      expectWords(reasonInWords(feature, feature, value, language), feature, language);
    }
  });

  it.each(RULES)('the rule %s has words', (rule) => {
    expectWords(reasonInWords(rule, undefined, undefined, language), rule, language);
  });

  it.each(EPISODE_TERMS)('the part %s of an episode has words', (id) => {
    expectWords(reasonInWords(id, undefined, undefined, language), id, language);
  });

  it('all terms of the default policy have words, with its features and by their names alone', () => {
    const featureOf = featuresOfTerms(POLICY.scoring);
    const features = Object.fromEntries(FEATURES.map((feature) => [feature, 1]));
    const ids = [...featureOf.keys(), ...RULES];
    for (const known of [featureOf, new Map<string, string>()]) {
      const { lines } = explainCaller(
        {
          base: 1,
          points: 1,
          terms: ids.map((id) => ({ id, points: 0 })),
          features,
          finding: { probability: 0.5 },
        },
        known,
        language,
      );
      expect(lines).toHaveLength(ids.length + 1);
      for (const { id, words } of lines) expectWords(words, id, language);
    }
  });
});

describe('a value', () => {
  it.each([
    ['new-contact-share', 0.876, '88 % of the day’s calls went to strangers', '88 %'],
    ['mean-call-seconds', 61.4, '61 s on the line per call', '61 秒'],
    ['calls-per-contact', 1.006, '1.01 calls per contact', '1.01'],
    ['handsets', 3, '3 handsets used', '3'],
    ['international', 1, 'yes: calls from abroad', '有'],
    ['international', 0, 'no calls from abroad', '无'],
    ['calls-made-day', 0, '0 calls made within a day', '0'],
  ] as const)('of %s is read out in its own form: %d', (feature, value, english, chinese) => {
    expect(reasonInWords('term', feature, value, 'en')).toBe(english);
    expect(reasonInWords('term', feature, value, 'zh-CN')).toContain(chinese);
  });

  it.each([...FEATURES])('that is missing is read out: %s', (feature) => {
    expect(reasonInWords(feature, feature, null, 'en')).toContain('no such call');
    expect(reasonInWords(feature, feature, null, 'zh-CN')).toContain('无此类通话');
    expect(reasonInWords(feature, feature, null, 'en')).not.toMatch(/NaN|null/);
  });
});

const RULED: Policy['scoring'] = {
  ...POLICY.scoring,
  rules: [
    { rule: 'rotates-handsets', points: 1.27, handsetsAtLeast: 3, callsAtMost: 30 },
    {
      rule: 'dials-strangers-from-abroad',
      points: 2.51,
      callsAtLeast: 5,
      newContactShareAtLeast: 0.8,
    },
    {
      rule: 'holds-strangers-long',
      points: 3.73,
      meanSecondsAtLeast: 600,
      newContactShareAtLeast: 0.5,
    },
  ],
};

const sumOf = (lines: readonly { points: number }[]) =>
  lines.reduce((sum, { points }) => sum + points, 0);

describe('the score of a caller', () => {
  const score = compileCallerScore(RULED);
  const featureOf = featuresOfTerms(RULED);
  const anyFeatures = fc
    .array(fc.oneof(fc.double({ min: 0, max: 700, noNaN: true }), fc.constant(Number.NaN)), {
      minLength: FEATURES.length,
      maxLength: FEATURES.length,
    })
    .map((values) => Float64Array.from(values));

  it('is the sum of its lines, to the last bit', () => {
    fc.assert(
      fc.property(anyFeatures, (vector) => {
        const points = callerPoints(score, vector);
        const judgement = {
          base: cardFor(score, vector).scorecard.base,
          points,
          terms: callerTerms(score, vector),
          features: Object.fromEntries(
            FEATURES.map((feature, i) => {
              const value = vector[i] ?? Number.NaN;
              return [feature, Number.isNaN(value) ? null : value];
            }),
          ),
          finding: { probability: 0.25 },
        };
        for (const language of TEXT_LANGUAGES) {
          const sum = explainCaller(judgement, featureOf, language);
          expect(sum.points).toBe(points);
          expect(sum.probability).toBe(0.25);
          expect(sumOf(sum.lines)).toBe(points);
          for (const { id, words } of sum.lines) expectWords(words, id, language);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is read out from a judgement as the fold makes it', () => {
    const { burst: _burst, ...scoring } = NERVOUS_POLICY.scoring;
    const fold = createLegFolder({ ...NERVOUS_POLICY, scoring });
    const { findings } = fold(undefined, CALLER, legsInRow(8));
    const [judgement] = findings;
    if (judgement === undefined) throw new Error('no finding');
    const named = featuresOfTerms(scoring);

    const { lines, points, probability } = explainCaller(judgement, named, 'en');

    expect(lines[0]).toEqual({
      id: 'base',
      words: 'where every caller starts',
      points: judgement.base,
    });
    expect(lines.slice(1).map(({ id }) => id)).toEqual(judgement.terms.map(({ id }) => id));
    expect(sumOf(lines)).toBe(points);
    expect(points).toBe(judgement.points);
    expect(probability).toBe(judgement.finding.probability);
  });

  it('reads a term out by the feature that it looks at, whatever the term is called', () => {
    const judgement = {
      base: -1,
      points: 1,
      terms: [
        { id: 'strangers', points: 2 },
        { id: 'rotates-handsets', points: 0 },
      ],
      features: { 'new-contact-share': null },
      finding: { probability: 0.1 },
    };
    const words = explainCaller(
      judgement,
      new Map([['strangers', 'new-contact-share']]),
      'en',
    ).lines.map((line) => line.words);
    expect(words).toEqual([
      'where every caller starts',
      '(no such call) of the day’s calls went to strangers',
      'one number in many handsets within few calls',
    ]);
  });
});

describe('the sum of an episode', () => {
  it('is that of its terms, to the last bit, each in words', () => {
    const ids = [...EPISODE_TERMS, 'first-international-call', 'long-call-from-stranger'];
    const anyTerms = fc.array(
      fc.record({
        id: fc.constantFrom(...ids),
        points: fc.double({ min: -9, max: 9, noNaN: true }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(anyTerms, (terms) => {
        const points = sumOf(terms);
        for (const language of TEXT_LANGUAGES) {
          const sum = explainEpisode({ points, probability: 0.2, terms }, language);
          expect(sumOf(sum.lines)).toBe(sum.points);
          expect(sum.probability).toBe(0.2);
          expect(sum.lines.map(({ id }) => id)).toEqual(terms.map(({ id }) => id));
          for (const { id, words } of sum.lines) expectWords(words, id, language);
        }
      }),
    );
  });
});

describe('a call behind a judgement', () => {
  const call: RememberedCall = {
    subject: SUBJECT,
    call: 1,
    start: MORNING,
    duration: 65,
    answered: true,
    international: false,
  };

  it.each<[string, Partial<RememberedCall>, string, string]>([
    ['answered', {}, '65 s on the line', '通话65秒'],
    ['from abroad', { international: true }, '65 s on the line, international', '通话65秒，国际'],
    ['not answered', { answered: false, duration: 0 }, 'not answered', '未接听'],
    ['going on', { answered: true, duration: undefined }, 'still on the line', '通话中'],
  ])('is read out when %s', (_, changes, english, chinese) => {
    expect(callInWords({ ...call, ...changes }, 'en')).toBe(english);
    expect(callInWords({ ...call, ...changes }, 'zh-CN')).toBe(chinese);
  });
});
