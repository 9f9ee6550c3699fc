import { describe, expect, it } from 'vitest';
import { FEATURES } from '../../lib/domain/features.ts';
import { SICHUAN_COLUMNS, TABLE_FEATURES } from '../../lib/domain/table-features.ts';
import { readTables, TableError } from '../../lib/fitting/read-table.ts';

const SICHUAN_HEADER = ['subscriber', ...SICHUAN_COLUMNS, 'label'].join(',');
const sichuanLine = (
  name: string,
  cell: (column: string) => string | number,
  label: string | number,
) => [name, ...SICHUAN_COLUMNS.map(cell), label].join(',');
const read = (...texts: string[]) =>
  readTables(texts.map((text, index) => ({ name: `table-${index + 1}.csv`, text })));

describe('readTables', () => {
  it('reads aggregates, and takes an empty cell as no such call', () => {
    const line = sichuanLine('ab12', (column) => (column === 'imeis' ? '' : 6), 1);

    const table = read(`${SICHUAN_HEADER}\n${line}\n`);

    expect(table.kind).toBe('table');
    expect(table.features).toEqual(TABLE_FEATURES.map(({ id }) => id));
    expect([table.ids[0], table.labels[0], table.weights[0]]).toEqual(['ab12', 1, 1]);
    expect(table.columns[table.features.indexOf('handsets')]?.[0]).toBeNaN();
    expect(table.columns[table.features.indexOf('calls')]?.[0]).toBe(6);
  });

  it('reads live features with weights and groups, and keeps the groups of two files apart', () => {
    const header = ['label', 'weight', 'group', 'made', ...FEATURES].join(',');
    const text = `${header}\n${[0, 3, '+86138', 9, ...FEATURES.map(() => '')].join(',')}\n${[1, 1, '+86138', 9, ...FEATURES.map((_, i) => i)].join(',')}\n`;

    const table = read(text, text);

    expect(table.kind).toBe('live');
    expect([...table.weights]).toEqual([3, 1, 3, 1]);
    expect([...table.groups]).toEqual([0, 0, 1, 1]);
    expect(table.columns[2]?.[1]).toBe(2);
  });

  it('names the missing columns', () => {
    const header = SICHUAN_HEADER.replace('imeis,', '').replace(',label', '');

    expect(() => read(`${header}\n`)).toThrow(
      'table-1.csv lacks columns of a table of aggregates: imeis, label',
    );
  });

  it.each([
    [
      'a word',
      (column: string) => (column === 'imeis' ? 'two' : 1),
      0,
      ':3: imeis: "two" is no number',
    ],
    [
      'infinity',
      (column: string) => (column === 'imeis' ? 'Infinity' : 1),
      0,
      ':3: imeis: "Infinity"',
    ],
    ['a label of 2', () => 1, 2, ':3: label: it must be 0 or 1'],
    ['no label', () => 1, '', ':3: label: it must be 0 or 1'],
  ])('names the line and column of %s', (_, cell, label, message) => {
    const good = sichuanLine('a', () => 1, 0);
    const text = `${SICHUAN_HEADER}\n${good}\n${sichuanLine('b', cell, label)}\n`;

    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(TableError);
  });

  it.each([
    ['an empty file', ''],
    ['a line with too few cells', `${SICHUAN_HEADER}\na,1\n`],
  ])('refuses %s', (_, text) => {
    expect(() => read(text)).toThrow(TableError);
  });
});
