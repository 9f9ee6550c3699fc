import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bar } from '../../../bin/terminal/bars.ts';
import { fittedTable } from '../../../bin/terminal/fitted-table.ts';
import { fromNow, localTime, span } from '../../../bin/terminal/spoken-time.ts';

const COLUMNS = [
  { head: 'notes' },
  { head: 'n', align: 'right' },
  { head: 'task', keep: true },
] as const;
const BORDERS = COLUMNS.length + 1;
const NARROWEST = 4 * COLUMNS.length + BORDERS;

function borderOf(table: string): string {
  return table.split('\n', 1)[0] ?? '';
}

describe('a table', () => {
  test('is as wide as what is in it where there is room', () => {
    const table = fittedTable(COLUMNS, [['all is well', 7, 'task-1']], 200);
    expect(table).toBe(fittedTable(COLUMNS, [['all is well', 7, 'task-1']], undefined));
    expect(table).toContain('│ all is well │ 7 │ task-1 │');
  });

  test('shortens the rest before the names that are typed again', () => {
    const table = fittedTable(COLUMNS, [['a very long note about somebody', 7, 'task-1']], 30);
    expect(borderOf(table)).toHaveLength(30);
    expect(table).toMatch(/│ a very long.?… │ 7 │ task-1 │/);
  });

  test('is never wider than the terminal, whatever the script', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '王', ' ', 'é'), maxLength: 60 });
    const rows = fc.array(fc.tuple(cell, fc.nat(), cell), { maxLength: 4 });
    fc.assert(
      fc.property(rows, fc.integer({ min: NARROWEST, max: 120 }), (cells, width) => {
        expect(borderOf(fittedTable(COLUMNS, cells, width)).length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('a bar', () => {
  test.each([
    [0, 10, ''],
    [10, 10, '████'],
    [5, 10, '██'],
    [1, 1_000, '▏'],
    [1, 0, ''],
    [Number.NaN, 1, ''],
  ])('of %d among %d is %j', (value, largest, drawn) => {
    expect(bar(value, largest, 4)).toBe(drawn);
  });
});

describe('a time', () => {
  test.each([
    [9.5 * 60_000, 'in 9 min'],
    [-3 * 60_000, '3 min ago'],
    [119 * 60_000, 'in 119 min'],
    [47 * 3_600_000, 'in 47 h'],
    [-72 * 3_600_000, '3 d ago'],
    [0, 'in 0 min'],
  ])('of %d ms from now is said as %s', (ms, said) => {
    expect(fromNow(ms)).toBe(said);
    expect(said).toContain(span(ms));
  });

  test('is local, to the second', () => {
    const at = new Date(2026, 10, 4, 9, 5, 7).getTime();
    expect(localTime(at)).toBe('2026-11-04 09:05:07');
    expect(localTime(Number.NaN)).toBe('(no time)');
  });
});
