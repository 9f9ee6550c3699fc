import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bestThreshold, measure } from '../../lib/fitting/metrics.ts';

const scored = (rows: readonly (readonly [score: number, label: number])[]) =>
  [
    Float64Array.from(rows, ([score]) => score),
    Uint8Array.from(rows, ([, label]) => label),
  ] as const;

/** Both classes, and few distinct scores, so that there are ties. */
const someRows = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 1 })), {
    minLength: 2,
    maxLength: 60,
  })
  .map((rows) => [...rows, [3, 1] as const, [2, 0] as const]);

describe('measure', () => {
  it('gives what was worked out by hand', () => {
    // Fraud at 5, 4, 2; ordinary at 4, 3, 1, 0. Called fraud from 3 on: 2 of 3 caught, 2 of 4 wrongly.
    const [scores, labels] = scored([
      [5, 1],
      [4, 1],
      [2, 1],
      [4, 0],
      [3, 0],
      [1, 0],
      [0, 0],
    ]);

    const measures = measure(scores, labels, 3);

    expect(measures.rows).toBe(7);
    expect(measures.threshold).toBe(3);
    expect(measures.precision).toBeCloseTo(2 / 4);
    expect(measures.recall).toBeCloseTo(2 / 3);
    expect(measures.gMean).toBeCloseTo(Math.sqrt((2 / 3) * (2 / 4)));
    expect(measures.macroF1).toBeCloseTo((4 / 7 + 4 / 7) / 2);
    // Pairs won: 5 beats 4; 4 beats 3 and ties one; 2 beats 2.
    expect(measures.auc).toBeCloseTo((4 + 3.5 + 2) / 12);
    expect(measures.recallAt1pctFpr).toBeCloseTo(1 / 3);
    expect(measures.recallAt0_1pctFpr).toBeCloseTo(1 / 3);
  });

  it('allows exactly one ordinary row in a hundred at 1 %', () => {
    const ordinary = Array.from({ length: 100 }, (_, i) => [i === 0 ? 9 : 0, 0] as const);
    const [scores, labels] = scored([[10, 1], [8, 1], ...ordinary]);

    const measures = measure(scores, labels, 0);

    expect(measures.recallAt1pctFpr).toBe(1);
    expect(measures.recallAt0_1pctFpr).toBe(0.5);
  });

  it('calls nothing fraud above all scores', () => {
    const [scores, labels] = scored([
      [1, 1],
      [0, 0],
    ]);

    expect(measure(scores, labels, 2)).toMatchObject({ precision: 0, recall: 0, gMean: 0 });
  });

  it('agrees with comparing every pair and trying every threshold', () => {
    fc.assert(
      fc.property(someRows, fc.integer({ min: -1, max: 8 }), (rows, threshold) => {
        const [scores, labels] = scored(rows);

        const measures = measure(scores, labels, threshold);

        const fraud = rows.filter(([, label]) => label === 1).map(([score]) => score);
        const ordinary = rows.filter(([, label]) => label === 0).map(([score]) => score);
        const won = fraud.flatMap((a) => ordinary.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
        const sum = won.reduce<number>((before, value) => before + value, 0);
        expect(measures.auc).toBeCloseTo(sum / won.length, 10);
        const from = (list: number[], least: number) =>
          list.filter((score) => score >= least).length;
        const allowed = [0, 1, 2, 3, 4, 5, 6, 7].filter(
          (least) => from(ordinary, least) <= 0.01 * ordinary.length,
        );
        const recalls = allowed.map((least) => from(fraud, least) / fraud.length);
        expect(measures.recallAt1pctFpr).toBeCloseTo(Math.max(...recalls), 10);
        expect(measures.recall).toBeCloseTo(from(fraud, threshold) / fraud.length, 10);
      }),
    );
  });

  it('counts a row of weight two as two rows', () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const [scores, labels] = scored(rows);
        const [twice, twiceLabels] = scored([...rows, ...rows]);

        const weighted = measure(scores, labels, 3, new Float64Array(rows.length).fill(2));

        expect({ ...weighted, rows: 0 }).toEqual({ ...measure(twice, twiceLabels, 3), rows: 0 });
      }),
    );
  });
});

describe('bestThreshold', () => {
  it('lies in the gap between the classes', () => {
    const rows = Array.from(
      { length: 40 },
      (_, i) => [i < 20 ? i : 100 + i, i < 20 ? 0 : 1] as const,
    );
    const [scores, labels] = scored(rows);

    const threshold = bestThreshold(scores, labels);

    expect(threshold).toBeGreaterThan(19);
    expect(threshold).toBeLessThan(120);
  });
});
