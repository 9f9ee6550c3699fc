/** How well scores tell fraud from ordinary rows. A row is called fraud when its score is at or above `threshold`. */
export interface Measures {
  /** Chance that a fraud row scores above an ordinary one; a tie counts half. */
  readonly auc: number;
  /** Mean of the F1 of fraud and the F1 of ordinary rows. */
  readonly macroF1: number;
  readonly precision: number;
  readonly recall: number;
  /** Largest recall of any threshold with at most 1 % of the ordinary rows at or above it. */
  readonly recallAt1pctFpr: number;
  readonly recallAt0_1pctFpr: number;
  /** Geometric mean of the recall of fraud and the recall of ordinary rows. */
  readonly gMean: number;
  readonly threshold: number;
  readonly rows: number;
}

/** Weight of the rows at or above a score; one entry per distinct score, highest first. */
export interface CutPoint {
  readonly score: number;
  readonly fraud: number;
  readonly ordinary: number;
}

/** Everything that is reported of scores. */
export function measure(
  scores: Float64Array,
  labels: Uint8Array,
  threshold: number,
  weights?: Float64Array,
): Measures {
  const points = cutPoints(scores, labels, weights);
  const all = points.at(-1) ?? NOTHING;
  const at = points.findLast((point) => point.score >= threshold) ?? NOTHING;
  return {
    auc: areaUnder(points),
    ...ratesAt(at, all),
    recallAt1pctFpr: recallAtFalsePositiveRate(points, 0.01),
    recallAt0_1pctFpr: recallAtFalsePositiveRate(points, 0.001),
    threshold,
    rows: labels.length,
  };
}

/** Running sums over the distinct scores, from the highest down. */
export function cutPoints(
  scores: Float64Array,
  labels: Uint8Array,
  weights?: Float64Array,
): CutPoint[] {
  const order = Uint32Array.from(scores, (_, index) => index).sort(
    (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0),
  );
  const points: CutPoint[] = [];
  let fraud = 0;
  let ordinary = 0;
  order.forEach((row, position) => {
    const weight = weights?.[row] ?? 1;
    if (labels[row] === 1) fraud += weight;
    else ordinary += weight;
    const score = scores[row] ?? 0;
    if (scores[order[position + 1] ?? -1] !== score) points.push({ score, fraud, ordinary });
  });
  return points;
}

/** The threshold with the best macro-F1, in the middle of the gap below the row that it still catches. */
export function bestThreshold(
  scores: Float64Array,
  labels: Uint8Array,
  weights?: Float64Array,
): number {
  const points = cutPoints(scores, labels, weights);
  const all = points.at(-1) ?? NOTHING;
  const values = points.map((point) => ratesAt(point, all).macroF1);
  const smooth = smoothed(values, Math.ceil(points.length * SMOOTHING));
  let best = 0;
  smooth.forEach((value, index) => {
    if (value > (smooth[best] ?? 0)) best = index;
  });
  const score = points[best]?.score ?? 0;
  return (score + (points[best + 1]?.score ?? score)) / 2;
}

/** One peak among 4,000 rows is luck; the middle of a plateau is not. Share of the rows on either side. */
const SMOOTHING = 0.025;
const NOTHING: CutPoint = { score: Number.POSITIVE_INFINITY, fraud: 0, ordinary: 0 };

function smoothed(values: readonly number[], reach: number): number[] {
  const sums = [0];
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value);
  return values.map((_, index) => {
    const from = Math.max(0, index - reach);
    const to = Math.min(values.length, index + reach + 1);
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
  });
}

function areaUnder(points: readonly CutPoint[]): number {
  const all = points.at(-1) ?? NOTHING;
  let area = 0;
  let before = NOTHING;
  for (const point of points) {
    area += ((point.ordinary - before.ordinary) * (point.fraud + before.fraud)) / 2;
    before = point;
  }
  return area / (all.fraud * all.ordinary);
}

function ratesAt(at: CutPoint, all: CutPoint) {
  const missed = all.fraud - at.fraud;
  const cleared = all.ordinary - at.ordinary;
  const recall = share(at.fraud, all.fraud);
  const fraudF1 = share(2 * at.fraud, 2 * at.fraud + at.ordinary + missed);
  const ordinaryF1 = share(2 * cleared, 2 * cleared + at.ordinary + missed);
  return {
    macroF1: (fraudF1 + ordinaryF1) / 2,
    precision: share(at.fraud, at.fraud + at.ordinary),
    recall,
    gMean: Math.sqrt(recall * share(cleared, all.ordinary)),
  };
}

/** Like scikit-learn, 0 where there is nothing to divide by. */
function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function recallAtFalsePositiveRate(points: readonly CutPoint[], rate: number): number {
  const all = points.at(-1) ?? NOTHING;
  const at = points.findLast((point) => point.ordinary <= rate * all.ordinary) ?? NOTHING;
  return share(at.fraud, all.fraud);
}
