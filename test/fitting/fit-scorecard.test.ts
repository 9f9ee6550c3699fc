import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileScorecard, score, scoreTerms } from '../../lib/domain/scorecard.ts';
import { crossValidate } from '../../lib/fitting/cross-validate.ts';
import { reasonsOfRow } from '../../lib/fitting/evaluate-scorecard.ts';
import { DEFAULT_SETTINGS, fitScorecard, scoreTable } from '../../lib/fitting/fit-scorecard.ts';
import { dealFolds } from '../../lib/fitting/folds.ts';
import type { LabelledTable } from '../../lib/fitting/labelled-table.ts';
import { measure } from '../../lib/fitting/metrics.ts';
import { seededRandom } from '../../lib/fitting/random.ts';

const SETTINGS = { ...DEFAULT_SETTINGS, rounds: 120, featureShare: 0.7 };

/** Fraud is likelier with more of `rising`, and where `gaps` has no value; `noise` says nothing. */
function madeUpTable(rows = 600, directions: LabelledTable['directions'] = [1, 0, 0]) {
  const random = seededRandom(7);
  const rising = Float64Array.from({ length: rows }, () => random() * 100);
  const gaps = Float64Array.from({ length: rows }, () => (random() < 0.2 ? Number.NaN : random()));
  const noise = Float64Array.from({ length: rows }, () => random());
  const labels = Uint8Array.from({ length: rows }, (_, row) => {
    const logOdds = ((rising[row] ?? 0) - 60) / 15 + (Number.isNaN(gaps[row]) ? 2 : -0.5);
    return random() < 1 / (1 + Math.exp(-logOdds)) ? 1 : 0;
  });
  const table: LabelledTable = {
    kind: 'table',
    features: ['rising', 'gaps', 'noise'],
    directions,
    columns: [rising, gaps, noise],
    labels,
    weights: new Float64Array(rows).fill(1),
    groups: Uint32Array.from({ length: rows }, (_, row) => row),
    ids: Array.from({ length: rows }, (_, row) => `row-${row}`),
  };
  return table;
}

describe('fitScorecard', () => {
  const table = madeUpTable();
  const { document } = fitScorecard(table, SETTINGS);

  it('gives the same scorecard for the same seed, and another for another', () => {
    expect(fitScorecard(table, SETTINGS).document).toEqual(document);
    expect(fitScorecard(table, { ...SETTINGS, seed: 2 }).document).not.toEqual(document);
  });

  it('learns what a missing value means', () => {
    const gaps = document.terms.find(({ id }) => id === 'gaps');

    expect(gaps?.missing).toBeGreaterThan(1);
  });

  it.each([1, -1] as const)('keeps a curve to its direction %d', (direction) => {
    const fitted = fitScorecard(madeUpTable(400, [direction, direction, direction]), SETTINGS);

    for (const { bins } of fitted.document.terms) {
      const steps = bins.slice(1).map(({ points }, at) => points - (bins[at]?.points ?? 0));
      expect(Math.min(0, ...steps.map((step) => step * direction))).toBe(0);
    }
  });

  it('makes few bins, with points of three decimals', () => {
    for (const { bins } of document.terms) {
      expect(bins.length).toBeLessThanOrEqual(SETTINGS.mostBins);
      for (const { points } of bins) expect(Number(points.toFixed(3))).toBe(points);
    }
  });

  it('is calibrated: the mean chance of left-out rows is the share of fraud', () => {
    const { scores } = crossValidate(table, SETTINGS, 4);
    const chances = scores.map((points) => 1 / (1 + Math.exp(-points)));
    const mean = chances.reduce((sum, chance) => sum + chance, 0) / chances.length;

    expect(mean).toBeCloseTo(document.fraudShare, 1);
  });

  it('has terms that sum to the score exactly, for any values', () => {
    const scorecard = compileScorecard(document, table.features);
    const value = fc.oneof(fc.double(), fc.constant(Number.NaN));
    fc.assert(
      fc.property(fc.tuple(value, value, value), (values) => {
        const vector = Float64Array.from(values);
        const sum = scoreTerms(scorecard, vector).reduce(
          (before, { points }) => before + points,
          document.base,
        );

        expect(sum).toBe(score(scorecard, vector));
      }),
    );
  });

  it('gives the reasons of a row by name or number, strongest first', () => {
    const byName = reasonsOfRow(document, table, 'row-4', 0.002);

    expect(byName).toEqual(reasonsOfRow(document, table, '5', 0.002));
    expect(byName?.points).toBe(scoreTable(document, table)[4]);
    const sizes = byName?.reasons.map(({ points }) => Math.abs(points)) ?? [];
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(reasonsOfRow(document, table, '601', 0.002)).toBeUndefined();
  });
});

describe('crossValidate', () => {
  it('finds nothing where the labels are dealt at random', () => {
    const random = seededRandom(3);
    const table = {
      ...madeUpTable(),
      labels: Uint8Array.from({ length: 600 }, () => (random() < 0.4 ? 1 : 0)),
    };

    const { pooled } = crossValidate(table, SETTINGS, 5);

    expect(pooled.auc).toBeGreaterThan(0.4);
    expect(pooled.auc).toBeLessThan(0.6);
  });

  it('does worse on left-out rows than the scorecard does on its own', () => {
    const table = madeUpTable(200);

    const { pooled } = crossValidate(table, SETTINGS, 5);

    const { document } = fitScorecard(table, SETTINGS);
    expect(pooled.auc).toBeLessThan(measure(scoreTable(document, table), table.labels, 0).auc);
  });
});

describe('dealFolds', () => {
  it('keeps groups together, and deals fraud evenly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.boolean()), { minLength: 1 }),
        fc.integer(),
        (rows, seed) => {
          const labels = Uint8Array.from(rows, ([, fraud]) => Number(fraud));
          const groups = Uint32Array.from(rows, ([group]) => group);

          const folds = dealFolds(labels, groups, 5, seededRandom(seed));

          const foldOf = new Map<number, number>();
          const counts = [0, 0, 0, 0, 0];
          rows.forEach(([group], row) => {
            const fold = folds[row] ?? -1;
            expect(foldOf.get(group) ?? fold).toBe(fold);
            const fraud = rows.some(([other, label]) => other === group && label);
            if (!foldOf.has(group) && fraud) counts[fold] = (counts[fold] ?? 0) + 1;
            foldOf.set(group, fold);
          });
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
