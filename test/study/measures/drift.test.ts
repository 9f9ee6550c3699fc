import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { createFeatureVector, FEATURES } from '../../../lib/domain/features.ts';
import { SeededRandom } from '../../../lib/simulation/seeded-random.ts';
import {
  boundsOfPolicy,
  boundsOfReference,
  FeatureCounts,
  measureDrift,
  OtherBinsError,
  referenceOf,
} from '../../../lib/study/measures/drift.ts';
import {
  loadDefaultReference,
  parseReference,
} from '../../../lib/study/measures/read-reference.ts';

const BOUNDS = new Map([
  ['calls-made-day' as const, [2, 5, 9]],
  ['made-share' as const, [0.5]],
]);
const CALLS_MADE = FEATURES.indexOf('calls-made-day');
const MADE_SHARE = FEATURES.indexOf('made-share');

function counted(
  bounds: ReadonlyMap<(typeof FEATURES)[number], readonly number[]>,
  seed: number,
  callers: number,
  draw: (random: SeededRandom) => readonly [calls: number, share: number],
) {
  const random = new SeededRandom(seed);
  const counts = new FeatureCounts(bounds);
  for (let i = 0; i < callers; i++) {
    const vector = createFeatureVector();
    [vector[CALLS_MADE] = 0, vector[MADE_SHARE] = 0] = draw(random);
    counts.add(vector);
  }
  return counts;
}

const usual = (random: SeededRandom) => [random.exponential(4), random.next()] as const;

describe('measureDrift', () => {
  const reference = referenceOf(counted(BOUNDS, 1, 4000, usual), 'a test');
  const against = (draw: (random: SeededRandom) => readonly [number, number], callers = 3000) =>
    measureDrift(reference, counted(boundsOfReference(reference), 2, callers, draw));

  test('is a sum over bins that a hand can check', () => {
    const half = {
      ...reference,
      callers: 100,
      features: [{ feature: 'made-share' as const, bounds: [0.5], shares: [0.5, 0.5, 0] }],
    };
    const counts = new FeatureCounts(boundsOfReference(half));
    for (let i = 0; i < 100; i++) {
      const vector = createFeatureVector();
      vector[MADE_SHARE] = i < 80 ? 0.1 : 0.9;
      counts.add(vector);
    }
    const [drift] = measureDrift(half, counts).features;
    expect(drift?.psi).toBeCloseTo(0.3 * Math.log(0.8 / 0.5) - 0.3 * Math.log(0.2 / 0.5), 10);
    expect(drift).toMatchObject({
      verdict: 'drifted',
      most: { below: null, from: 0.5, was: 0.5, is: 0.2 },
    });
  });

  test('calls the same callers stable, and few of them no drift either', () => {
    for (const callers of [3000, 60]) {
      expect(against(usual, callers).features.map(({ verdict }) => verdict)).toEqual([
        'stable',
        'stable',
      ]);
    }
  });

  test('finds what moved, and where', () => {
    const [first, second] = against((random) => [random.exponential(12), random.next()]).features;
    expect(first).toMatchObject({
      feature: 'calls-made-day',
      verdict: 'drifted',
      most: { from: 9, below: null, missing: false },
    });
    expect(second).toMatchObject({ feature: 'made-share', verdict: 'stable' });
  });

  test('counts callers without a value as a bin of their own', () => {
    const [first] = against((random) => [
      random.exponential(4),
      random.chance(0.5) ? Number.NaN : random.next(),
    ]).features;
    expect(first).toMatchObject({
      feature: 'made-share',
      verdict: 'drifted',
      most: { missing: true },
    });
  });

  test('is never negative, and nothing of the same shares', () => {
    const counts = fc.array(fc.nat(200), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(counts, counts, (was, is) => {
        const [before, after] = [was, is].map((each) => {
          const taken = new FeatureCounts(new Map([['made-share' as const, [1, 2]]]));
          each.forEach((callers, bin) => {
            for (let i = 0; i < callers; i++) {
              const vector = createFeatureVector();
              vector[MADE_SHARE] = bin === 3 ? Number.NaN : bin;
              taken.add(vector);
            }
          });
          return taken;
        });
        if (before === undefined || after === undefined || before.callers === 0) return;
        const made = referenceOf(before, 'x');
        const unjoined = {
          ...made,
          features: [
            {
              feature: 'made-share' as const,
              bounds: [1, 2],
              shares: was.map((count) => count / before.callers),
            },
          ],
        };
        expect(measureDrift(unjoined, before).features[0]?.psi).toBeCloseTo(0, 10);
        expect(measureDrift(unjoined, after).features[0]?.psi).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 50 },
    );
  });

  test('refuses counts over other bins', () => {
    expect(() =>
      measureDrift(reference, new FeatureCounts(new Map([['made-share', [0.4]]]))),
    ).toThrow(OtherBinsError);
  });

  test('joins bins until none but those without a value is rare', () => {
    const { features } = referenceOf(
      counted(new Map([['calls-made-day', [0.001, 0.01, 4, 400, 500]]]), 3, 1000, usual),
      'x',
    );
    expect(features[0]?.bounds).toEqual([4]);
    expect(features[0]?.shares.reduce((sum, share) => sum + share)).toBeCloseTo(1);
  });
});

describe('the reference that ships', () => {
  test('looks at the features of the shipped scorecard, over bounds of its bins', () => {
    const shipped = loadDefaultReference();
    const ofPolicy = boundsOfPolicy(loadDefaultPolicy());
    expect(new Set(shipped.features.map(({ feature }) => feature))).toEqual(
      new Set(ofPolicy.keys()),
    );
    for (const { bounds, feature, shares } of shipped.features) {
      expect(ofPolicy.get(feature)).toEqual(expect.arrayContaining([...bounds]));
      expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 4);
    }
  });

  test.each([
    ['no JSON', '{', 'not JSON'],
    ['another document', '{"schema":"forewarn-policy/4"}', 'schema'],
    [
      'a share too few',
      '{"schema":"forewarn-reference/1","source":"","callers":1,"features":[{"feature":"places","bounds":[1],"shares":[0.5,0.5]}]}',
      'two more shares',
    ],
  ])('%s is refused with its reason', (_, text, message) => {
    expect(() => parseReference(text, 'r.json')).toThrow(message);
  });
});
