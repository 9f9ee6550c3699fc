import type { Direction } from './boosting.ts';

/** Rows with a known answer, by columns: what a scorecard is fitted on and measured with. */
export interface LabelledTable {
  /** `table`: a subscriber's aggregates; `live`: what the stream knows of a caller. */
  readonly kind: 'table' | 'live';
  readonly features: readonly string[];
  readonly directions: readonly Direction[];
  /** One array of values per feature; NaN where there is no such call. */
  readonly columns: readonly Float64Array[];
  /** 1 is fraud. */
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
  /** Rows of one group are never split between learning and measuring. */
  readonly groups: Uint32Array;
  /** What each row is called: the subscriber, or its number in the file. */
  readonly ids: readonly string[];
}

/** The same table with fewer rows. */
export function takeRows(table: LabelledTable, rows: Uint32Array): LabelledTable {
  return {
    ...table,
    columns: table.columns.map((column) => Float64Array.from(rows, (row) => column[row] ?? 0)),
    labels: Uint8Array.from(rows, (row) => table.labels[row] ?? 0),
    weights: Float64Array.from(rows, (row) => table.weights[row] ?? 1),
    groups: Uint32Array.from(rows, (row) => table.groups[row] ?? 0),
    ids: Array.from(rows, (row) => table.ids[row] ?? ''),
  };
}

/** The same table with fewer features. */
export function takeFeatures(
  table: LabelledTable,
  keep: (feature: string) => boolean,
): LabelledTable {
  const at = table.features.flatMap((feature, index) => (keep(feature) ? [index] : []));
  return {
    ...table,
    features: at.map((index) => table.features[index] ?? ''),
    directions: at.map((index) => table.directions[index] ?? 0),
    columns: at.map((index) => table.columns[index] ?? new Float64Array()),
  };
}

/** The feature vector of one row. */
export function vectorOf(table: LabelledTable, row: number): Float64Array {
  return Float64Array.from(table.columns, (column) => column[row] ?? Number.NaN);
}
