import { describe, expect, test } from 'vitest';
import { FRAUD_KINDS } from '../../../lib/domain/fraud-kind.ts';
import { TEXT_LANGUAGES } from '../../../lib/domain/policy.ts';
import { labelGroups, labelNumbers } from '../../../lib/study/report/labels.ts';
import { studyPage } from '../../../lib/study/report/study-page.ts';
import { wordsOf } from '../../../lib/study/report/words.ts';
import type { StudyResult } from '../../../lib/study/study-result.ts';
import { sampleStudy } from '../sample-study.ts';
import { CLEAR_NUMBER, tokensOfStudy } from '../tokens-of-study.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';

const EMPTY: StudyResult = {
  schema: 'forewarn-study/1',
  day: '2026-11-24',
  utcOffsetMinutes: 480,
  policyVersion: 6,
  volume: {
    calls: 0,
    answered: 0,
    callers: 0,
    people: 0,
    talkSeconds: 0,
    callsByHour: Array.from({ length: 24 }, () => 0),
    riskyCallsByHour: Array.from({ length: 24 }, () => 0),
    days: [],
  },
  districts: [],
  kinds: [],
  callers: [],
  groups: [],
  subjects: [],
};

/** Names that the drawing gives to its parts count on from page to page. */
const withoutDrawingNames = (html: string) => html.replaceAll(/zr\d+-[a-z]+-?\d+/g, 'zr');

describe('the numbers of a study', () => {
  test('are called by what they are and by their points, each by one name', () => {
    const result = sampleStudy();
    const labelOf = labelNumbers(result);
    const strongest = result.callers.toSorted((a, b) => b.points - a.points)[0];
    expect(labelOf(strongest?.number ?? '')).toBe('C1');
    const labels = [...tokensOfStudy(result)].map(labelOf);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(label).toMatch(/^[CNP]\d{1,3}$/);
    expect(
      labelNumbers({ ...result, callers: result.callers.toReversed() })(strongest?.number ?? ''),
    ).toBe('C1');
  });

  test('leave nothing of themselves on the page: with all other tokens, it is the same page', () => {
    const result = sampleStudy();
    const others = new Map([...tokensOfStudy(result)].map((token, i) => [token, `other-${i}`]));
    const text = JSON.stringify(result).replaceAll(/"([A-Za-z0-9_-]{23})"/g, (whole, token) =>
      others.has(token) ? `"${others.get(token)}"` : whole,
    );
    expect(withoutDrawingNames(studyPage(JSON.parse(text), 'en'))).toBe(
      withoutDrawingNames(studyPage(result, 'en')),
    );
  });
});

describe.each(TEXT_LANGUAGES)('the report in %s', (language) => {
  const words = wordsOf(language);
  const page = studyPage(sampleStudy(), language);

  test('has every part, and says in which language it is', () => {
    for (const { title } of Object.values(words.sections))
      expect(page).toContain(`<h2>${title}</h2>`);
    expect(page).toContain(`<html lang="${language}">`);
  });

  test('needs nothing from elsewhere, and shows no token and no clear number', () => {
    expect(page).not.toMatch(
      /<(script|link|img|iframe)|@import|url\((?!#)|https?:\/\/(?!www\.w3\.org\/)/,
    );
    for (const token of tokensOfStudy(sampleStudy())) expect(page).not.toContain(token);
    expect(page).not.toMatch(CLEAR_NUMBER);
    expect(page).not.toMatch(/undefined|NaN|\[object/);
  });

  test('says of all that was not measured that it is not known', () => {
    const bare = studyPage(sampleStudy({ measured: false }), language);
    for (const sentence of Object.values(words.unknown.notMeasured)) {
      expect(bare).toContain(sentence);
      expect(page).not.toContain(sentence);
    }
    for (const { title } of [words.sections.queues, words.sections.effect, words.sections.drift]) {
      expect(bare).not.toContain(`<h2>${title}</h2>`);
    }
  });

  test('can be made of a day on which nothing was found', () => {
    const empty = studyPage(EMPTY, language);
    expect(empty).toContain(words.toKnow.nothing);
    expect(empty).toContain(words.callers.none);
    expect(empty).toContain(words.unknown.noForecast);
    expect(empty).not.toMatch(/undefined|NaN|Infinity/);
  });

  test('escapes what comes from elsewhere, and masks numbers in it', () => {
    const sample = sampleStudy();
    const caller = sample.callers[0];
    const group = sample.groups[0];
    const drift = sample.measures?.drift;
    if (caller === undefined || group === undefined || drift === undefined)
      throw new Error('no sample');
    const evidence = [{ id: '13800138000', value: 1, points: 99 }];
    const hostile = studyPage(
      {
        ...sample,
        callers: [{ ...caller, number: HOSTILE, group: HOSTILE, evidence }],
        groups: [{ ...group, id: HOSTILE, evidence: [{ id: HOSTILE, value: 1, points: 99 }] }],
        measures: { drift: { ...drift, source: `${HOSTILE} 2026-11-24 +86 138 0013 8000` } },
      },
      language,
    );
    expect(hostile).not.toContain('<img');
    expect(hostile).not.toMatch(CLEAR_NUMBER);
    expect(hostile).toContain('2026-11-24');
  });
});

describe('what the report says', () => {
  const english = wordsOf('en');

  test('names the day in the words of the language', () => {
    expect(studyPage(EMPTY, 'en')).toContain('Tuesday, November 24, 2026');
    expect(studyPage(EMPTY, 'zh-CN')).toContain('2026年11月24日星期二');
  });

  test('is sure of an effect only when its interval is', () => {
    const result = sampleStudy();
    const effect = result.measures?.textEffect;
    const difference = effect?.heldOut?.difference;
    if (effect?.heldOut === undefined || difference === undefined) throw new Error('no sample');
    const withMinutes = (low: number, high: number) =>
      studyPage(
        {
          ...result,
          measures: {
            textEffect: {
              ...effect,
              heldOut: {
                ...effect.heldOut,
                people: 90,
                after: effect.after,
                difference: { ...difference, minutes: { mean: -1, low, high } },
              },
            },
          },
        },
        'en',
      );
    expect(withMinutes(-2, -0.1)).toContain(english.effect.sure);
    expect(withMinutes(-2, 0.1)).toContain(english.effect.unsure);
    const { heldOut: _heldOut, ...alone } = effect;
    expect(studyPage({ ...result, measures: { textEffect: alone } }, 'en')).toContain(
      english.effect.flatters.slice(0, 40),
    );
  });

  test('tells which way a feature moved', () => {
    const result = sampleStudy();
    const page = studyPage(
      {
        ...result,
        measures: {
          drift: {
            source: 'last month',
            callers: 900,
            features: [
              {
                feature: 'places',
                psi: 0.4,
                chance: 0.01,
                verdict: 'drifted',
                most: { from: 2, below: null, missing: false, was: 0.1, is: 0.35 },
              },
            ],
          },
        },
      },
      'en',
    );
    expect(page).toContain('values from 2 are 35\u00a0% of the callers, and were 10\u00a0%.');
  });

  test('says that callers were sampled, and which features were not measured', () => {
    const result = sampleStudy();
    const drift = result.measures?.drift;
    if (drift === undefined) throw new Error('the sample has drift');
    const part = {
      ...drift,
      sampled: true,
      features: drift.features.filter(({ feature }) => feature !== 'places'),
      unmeasured: ['places'],
    } as const;
    for (const language of TEXT_LANGUAGES) {
      const { drift: said, features } = wordsOf(language);
      const count = (18_204).toLocaleString(language);
      expect(studyPage(result, language)).toContain(said.callers(count));
      const page = studyPage(
        { ...result, measures: { ...result.measures, drift: part } },
        language,
      );
      expect(page).toContain(said.sampled(count));
      expect(page).toContain(said.unmeasured(features.places));
    }
  });

  test('draws groups with numbers of their own, the strongest first, and large ones in part', () => {
    const result = sampleStudy({ farm: 200 });
    const [first] = labelGroups(result);
    expect(first?.label).toBe('G1');
    const page = studyPage(result, 'en');
    expect(page).toContain('70 of 320 are drawn, those with most links.');
    expect(page.match(/<figure><figcaption>G\d: /g)).toHaveLength(result.groups.length);
  });

  test('knows every kind of fraud in both languages, and no two by one name', () => {
    for (const language of TEXT_LANGUAGES) {
      const names = FRAUD_KINDS.map((kind) => wordsOf(language).fraudKinds[kind]);
      expect(new Set(names).size).toBe(FRAUD_KINDS.length);
    }
  });
});
