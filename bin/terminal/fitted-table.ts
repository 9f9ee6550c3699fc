import Table from 'cli-table3';

export interface Column {
  readonly head: string;
  readonly align?: 'right';
  /** Names that are typed again are not shortened as long as anything else can be. */
  readonly keep?: true;
}

/** Room for a character, an ellipsis and the padding of a cell. */
const NARROWEST = 4;
const SIDES = { head: [], border: [] };

/**
 * How wide the terminal is; undefined where there is none, and so nothing to fit: what reads a pipe wants it whole.
 */
export function terminalWidth(): number | undefined {
  const width = process.stdout.columns ?? Number(process.env.COLUMNS);
  return Number.isInteger(width) && width > 0 ? width : undefined;
}

/** A table no wider than `width`; what does not fit is shortened, and ends in an ellipsis. */
export function fittedTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
  width = terminalWidth(),
): string {
  const natural = draw(columns, rows);
  if (width === undefined) return natural;
  const drawn = widthsOf(natural);
  const widths = shrink(drawn, columns, width - (drawn.length + 1));
  return draw(columns, rows, widths);
}

function draw(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
  colWidths?: number[],
): string {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    style: SIDES,
    ...(colWidths !== undefined && { colWidths }),
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** Read off the upper border: the library counts wide characters, and tells nobody. */
function widthsOf(table: string): number[] {
  const [border = ''] = table.split('\n', 1);
  return border
    .slice(1, -1)
    .split('┬')
    .map(({ length }) => length);
}

function shrink(widths: readonly number[], columns: readonly Column[], room: number): number[] {
  const shrunk = [...widths];
  let excess = shrunk.reduce((sum, width) => sum + width, 0) - room;
  for (const keeps of [undefined, true]) {
    while (excess > 0) {
      const widest = widestOf(shrunk, (i) => columns[i]?.keep === keeps);
      if (widest === undefined) break;
      shrunk[widest] = (shrunk[widest] ?? 0) - 1;
      excess--;
    }
  }
  return shrunk;
}

function widestOf(widths: readonly number[], mayShrink: (i: number) => boolean) {
  let widest: number | undefined;
  for (const [i, width] of widths.entries()) {
    const before = widest === undefined ? NARROWEST : (widths[widest] ?? 0);
    if (mayShrink(i) && width > before) widest = i;
  }
  return widest;
}
