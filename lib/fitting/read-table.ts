import { parse } from 'csv-parse/sync';
import { FEATURES } from '../domain/features.ts';
import { quoted } from '../domain/plain-text.ts';
import {
  SICHUAN_COLUMNS,
  type SichuanColumn,
  sichuanFeatures,
  TABLE_FEATURES,
} from '../domain/table-features.ts';
import type { Direction } from './boosting.ts';
import { LIVE_DIRECTIONS } from './directions.ts';
import type { LabelledTable } from './labelled-table.ts';

/** A labelled table cannot be used: what is wrong, and where. */
export class TableError extends Error {
  readonly code = 'bad-table';
  override readonly name = 'TableError';
}

/** A kind of table, told by its header. */
interface TableLayout {
  readonly kind: LabelledTable['kind'];
  readonly columns: readonly string[];
  readonly features: readonly string[];
  readonly directions: readonly Direction[];
  /** Features of a row whose cells stand in the order of `columns`. */
  readonly featuresOf: (cells: Float64Array) => Float64Array;
}

interface Line {
  readonly number: number;
  readonly cells: readonly string[];
}

const SICHUAN: TableLayout = {
  kind: 'table',
  columns: SICHUAN_COLUMNS,
  features: TABLE_FEATURES.map(({ id }) => id),
  directions: TABLE_FEATURES.map(({ direction }) => direction),
  featuresOf: (cells) => {
    const named = SICHUAN_COLUMNS.map((column, at) => [column, cells[at] ?? Number.NaN] as const);
    return sichuanFeatures(Object.fromEntries(named) as Record<SichuanColumn, number>);
  },
};

const LIVE: TableLayout = {
  kind: 'live',
  columns: FEATURES,
  features: FEATURES,
  directions: FEATURES.map((feature) => LIVE_DIRECTIONS[feature] ?? 0),
  featuresOf: (cells) => cells,
};

/**
 * Reads labelled tables of one kind: a subscriber's aggregates (the Sichuan columns), or live features by their
 * names. Both have `label` (0 or 1), and may have `weight`, `group` and `subscriber`. An empty cell is a value: there
 * is no such call. Groups of different files are different groups.
 *
 * @param files name (for messages) and text of each
 * @throws TableError naming the missing columns, or the file, line and column of a bad cell
 */
export function readTables(
  files: readonly { readonly name: string; readonly text: string }[],
): LabelledTable {
  const tables = files.map(readTable);
  const [first] = tables;
  if (first === undefined) throw new TableError('There is no table to read.');
  if (tables.some(({ kind }) => kind !== first.kind)) {
    throw new TableError(
      'The tables are of different kinds: aggregates cannot join live features.',
    );
  }
  const groups: number[] = [];
  for (const table of tables) {
    const before = groups.reduce((most, group) => Math.max(most, group + 1), 0);
    for (const group of table.groups) groups.push(before + group);
  }
  return {
    ...first,
    columns: first.columns.map((_, at) =>
      Float64Array.from(tables.flatMap(({ columns }) => [...(columns[at] ?? [])])),
    ),
    labels: Uint8Array.from(tables.flatMap(({ labels }) => [...labels])),
    weights: Float64Array.from(tables.flatMap(({ weights }) => [...weights])),
    groups: Uint32Array.from(groups),
    ids: tables.flatMap(({ ids }) => ids),
  };
}

function readTable({ name, text }: { name: string; text: string }): LabelledTable {
  const [header, ...lines] = linesOf(name, text);
  if (header === undefined) throw new TableError(`${name} is empty.`);
  const layout = layoutOf(name, header.cells);
  const at = new Map(header.cells.map((column, index) => [column, index]));
  const positions = layout.columns.map((column) => at.get(column) ?? -1);
  const vectors = lines.map((line) => {
    const cells = positions.map((position, index) =>
      numberIn(name, line, layout.columns[index] ?? '', position),
    );
    return layout.featuresOf(Float64Array.from(cells));
  });
  return {
    kind: layout.kind,
    features: layout.features,
    directions: layout.directions,
    columns: layout.features.map((_, feature) =>
      Float64Array.from(vectors, (vector) => vector[feature] ?? Number.NaN),
    ),
    labels: Uint8Array.from(lines, (line) => labelIn(name, line, at.get('label') ?? -1)),
    weights: Float64Array.from(lines, (line) => weightIn(name, line, at.get('weight'))),
    groups: groupsOf(lines, at.get('group')),
    ids: lines.map((line, row) => line.cells[at.get('subscriber') ?? -1] ?? String(row + 1)),
  };
}

function linesOf(name: string, text: string): Line[] {
  try {
    const options = { bom: true, info: true, skip_empty_lines: true, trim: true } as const;
    const found = parse(text, options) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return found.map(({ record, info }) => ({ number: info.lines, cells: record }));
  } catch (cause) {
    throw new TableError(`${name} is no CSV: ${quoted((cause as Error).message)}`, { cause });
  }
}

/** The kind of which fewer columns are missing. */
function layoutOf(name: string, header: readonly string[]): TableLayout {
  const missing = ({ columns }: TableLayout) =>
    [...columns, 'label'].filter((column) => !header.includes(column));
  const share = (layout: TableLayout) => missing(layout).length / layout.columns.length;
  const layout = share(LIVE) < share(SICHUAN) ? LIVE : SICHUAN;
  const lacking = missing(layout);
  if (lacking.length === 0) return layout;
  const what = layout === LIVE ? 'a table of live features' : 'a table of aggregates';
  throw new TableError(`${name} lacks columns of ${what}: ${lacking.join(', ')}`);
}

function numberIn(name: string, line: Line, column: string, position: number): number {
  const cell = line.cells[position] ?? '';
  if (cell === '') return Number.NaN;
  const value = Number(cell);
  if (Number.isFinite(value)) return value;
  throw new TableError(
    `${name}:${line.number}: ${column}: ${JSON.stringify(quoted(cell))} is no number`,
  );
}

function labelIn(name: string, line: Line, position: number): number {
  const label = numberIn(name, line, 'label', position);
  if (label === 0 || label === 1) return label;
  throw new TableError(`${name}:${line.number}: label: it must be 0 or 1`);
}

function weightIn(name: string, line: Line, position: number | undefined): number {
  if (position === undefined) return 1;
  const weight = numberIn(name, line, 'weight', position);
  if (weight >= 0) return weight;
  throw new TableError(`${name}:${line.number}: weight: it must be 0 or more`);
}

/** Without groups, each row is one; so is a row whose group is empty. */
function groupsOf(lines: readonly Line[], position: number | undefined): Uint32Array {
  const numbers = new Map<string, number>();
  return Uint32Array.from(lines, ({ cells }, row) => {
    const group = position === undefined ? '' : (cells[position] ?? '');
    const key = group === '' ? `row ${row}` : `group ${group}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}
