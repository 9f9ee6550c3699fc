import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  SICHUAN_COLUMNS,
  type SichuanColumn,
  type SichuanRow,
  sichuanFeatures,
  spanFeatures,
  TABLE_FEATURES,
} from '../../lib/domain/table-features.ts';

const rowOf = (value: (column: SichuanColumn) => number) =>
  Object.fromEntries(SICHUAN_COLUMNS.map((column) => [column, value(column)])) as SichuanRow;
const featureOf = (row: SichuanRow, id: string) =>
  sichuanFeatures(row)[TABLE_FEATURES.findIndex((feature) => feature.id === id)];

describe('table features', () => {
  it('have names of their own that a scorecard takes', () => {
    const ids = TABLE_FEATURES.map(({ id }) => id);

    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9-]{1,40}$/);
    expect(ids.length).toBeLessThanOrEqual(64);
  });

  it('are none at all without calls', () => {
    expect([...sichuanFeatures(rowOf(() => Number.NaN))].every(Number.isNaN)).toBe(true);
  });

  it('count the calls received of one who made none', () => {
    const row = rowOf((column) => (column === 'voccalltype1' ? Number.NaN : 12));

    expect(featureOf(row, 'calls-received')).toBe(12);
    expect(featureOf(row, 'calls-made')).toBeNaN();
  });

  it('are finite or none for any counts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 26, maxLength: 26 }), (cells) => {
        const row = rowOf((column) => cells[SICHUAN_COLUMNS.indexOf(column)] ?? 0);

        for (const value of sichuanFeatures(row)) expect(Math.abs(value)).not.toBe(Infinity);
      }),
    );
  });

  it('are marked as observation span if, and only if, a day column changes them', () => {
    const plain = rowOf((column) => 40 + SICHUAN_COLUMNS.indexOf(column));
    const changed = rowOf((column) => plain[column] + (column.startsWith('voc_day') ? 7.3 : 0));
    const before = sichuanFeatures(plain);
    const after = sichuanFeatures(changed);

    const differing = TABLE_FEATURES.filter((_, at) => before[at] !== after[at]);

    expect(new Set(differing.map(({ id }) => id))).toEqual(spanFeatures());
  });
});
