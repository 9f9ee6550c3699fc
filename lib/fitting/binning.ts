/** The bin of rows that have no value. */
export const MISSING_BIN = 0;

/** The values of a feature cut into bins: bin 1 lies below the first edge, and bin 0 has no value. */
export interface BinnedFeature {
  readonly edges: readonly number[];
  readonly bins: Uint8Array;
  /** Bins in all, the missing one included. */
  readonly count: number;
}

/** At most so many bins, that a bin's number fits a byte and a curve can be looked at. */
export const MOST_BINS = 64;

/**
 * Where to cut the values of a feature, so that about as many rows lie in each bin. Edges have three significant
 * digits, for they are read by people; that they are rounded here, before anything is learned, keeps what is
 * measured true of what is shipped.
 */
export function quantileEdges(values: Float64Array, most: number = MOST_BINS): number[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const edges: number[] = [];
  const lowest = sorted[0];
  if (lowest === undefined) return edges;
  for (let cut = 1; cut < most; cut++) {
    const at = Math.floor((cut * sorted.length) / most);
    const here = sorted[at] ?? 0;
    const before = nextBelow(sorted, at);
    if (before === undefined) continue;
    const edge = roundBetween(before, here);
    if (edge > (edges.at(-1) ?? Number.NEGATIVE_INFINITY) && edge > lowest) edges.push(edge);
  }
  return edges;
}

/** The bins of these values under these edges: a value at an edge lies above it. */
export function binValues(values: Float64Array, edges: readonly number[]): Uint8Array {
  return Uint8Array.from(values, (value) => binOf(value, edges));
}

/** The bin of one value. */
export function binOf(value: number, edges: readonly number[]): number {
  if (Number.isNaN(value)) return MISSING_BIN;
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value >= (edges[middle] ?? Number.POSITIVE_INFINITY)) low = middle + 1;
    else high = middle;
  }
  return low + 1;
}

/** Cuts a feature at its quantiles. */
export function binFeature(values: Float64Array): BinnedFeature {
  const edges = quantileEdges(values);
  return { edges, bins: binValues(values, edges), count: edges.length + 2 };
}

/** The largest value below the one at this position of a sorted list. */
function nextBelow(sorted: Float64Array, at: number): number | undefined {
  let low = 0;
  let high = at;
  const here = sorted[at] ?? 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < here) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : sorted[low - 1];
}

/** The number with the fewest digits, three at least, that still has the one value below and the other not. */
function roundBetween(below: number, atLeast: number): number {
  const middle = (below + atLeast) / 2;
  for (let digits = 3; digits < 15; digits++) {
    const rounded = Number(middle.toPrecision(digits));
    if (rounded > below && rounded <= atLeast) return rounded;
  }
  return atLeast;
}
