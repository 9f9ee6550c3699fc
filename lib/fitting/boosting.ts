import { type BinnedFeature, MISSING_BIN } from './binning.ts';
import { type Random, shuffle } from './random.ts';

/** The sign that a feature's curve must have: 1 never falls, -1 never rises, 0 as the data say. */
export type Direction = -1 | 0 | 1;

/** How trees of one cut are added up. */
export interface BoostingSettings {
  readonly rounds: number;
  readonly learningRate: number;
  /** Share of the features that each round may choose from: lets features that say the same share the work. */
  readonly featureShare: number;
  /** Share of the rows that each round looks at. */
  readonly rowShare: number;
  /** Both sides of a cut keep at least so many of the rows looked at. */
  readonly leastRows: number;
  /** Added to the curvature: shrinks what few rows say. */
  readonly ridge: number;
}

/** What one bag learned: log-odds per feature and bin, to be added to `base`. */
export interface Shapes {
  readonly base: number;
  readonly shapes: readonly Float64Array[];
}

/** What a bag learns from. */
export interface TrainingRows {
  readonly features: readonly BinnedFeature[];
  readonly directions: readonly Direction[];
  readonly labels: Uint8Array;
  readonly weights: Float64Array;
  /** Positions of the rows to learn from. */
  readonly rows: Uint32Array;
}

interface Cut {
  readonly feature: number;
  /** Bins 1 to `last` lie on the left. */
  readonly last: number;
  readonly missingLeft: boolean;
  readonly left: number;
  readonly right: number;
  readonly gain: number;
}

/**
 * Boosts single cuts on the logistic loss: each round adds, to the curve of one feature, the step that lowers the
 * loss most. A step that goes against a feature's direction is not considered, and a sum of rising steps
 * rises: so the curves are monotone by construction. Nothing but curves of single features can come out.
 */
export function boostShapes(
  { features, directions, labels, weights, rows }: TrainingRows,
  settings: BoostingSettings,
  random: Random,
): Shapes {
  const base = logOddsOf(labels, weights, rows);
  const shapes = features.map(({ count }) => new Float64Array(count));
  // Shuffled, so that any stretch of them is a sample.
  const shuffled = shuffle([...rows], random);
  const columns = features.map(({ bins }) => binsInOrder(bins, shuffled));
  const answers = Float64Array.from(shuffled, (row) => labels[row] ?? 0);
  const rowWeights = Float64Array.from(shuffled, (row) => weights[row] ?? 1);
  const size = shuffled.length;
  const scores = new Float64Array(size).fill(base);
  const slopes = new Float64Array(2 * size);
  const order = features.map((_, index) => index);
  const tried = Math.max(1, Math.ceil(settings.featureShare * features.length));
  const sampled = Math.max(1, Math.ceil(settings.rowShare * size));
  for (let round = 0; round < settings.rounds; round++) {
    const from = Math.floor(random() * (size - sampled + 1));
    const to = from + sampled;
    findSlopes(scores, answers, rowWeights, slopes, from, to);
    shuffle(order, random);
    let best: Cut | undefined;
    for (const feature of order.slice(0, tried)) {
      const count = features[feature]?.count ?? 0;
      const sums = histogram(columns[feature] as Uint8Array, count, slopes, from, to);
      const cut = bestCut(feature, sums, directions[feature] ?? 0, settings);
      if (cut !== undefined && cut.gain > (best?.gain ?? 0)) best = cut;
    }
    if (best === undefined) continue;
    const shape = shapes[best.feature] as Float64Array;
    const step = stepOf(best, shape.length, settings.learningRate);
    addTo(shape, step);
    const bins = columns[best.feature] as Uint8Array;
    for (let row = 0; row < size; row++) {
      scores[row] = (scores[row] as number) + (step[bins[row] as number] as number);
    }
  }
  return { base, shapes };
}

/** A plain loop: this runs over every cell of the table in every bag. */
function binsInOrder(bins: Uint8Array, order: readonly number[]): Uint8Array {
  const ordered = new Uint8Array(order.length);
  for (let at = 0; at < order.length; at++) ordered[at] = bins[order[at] as number] as number;
  return ordered;
}

/** First and second derivative of the logistic loss per row, side by side. */
function findSlopes(
  scores: Float64Array,
  answers: Float64Array,
  weights: Float64Array,
  slopes: Float64Array,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    const probability = 1 / (1 + Math.exp(-(scores[row] as number)));
    const weight = weights[row] as number;
    slopes[2 * row] = weight * ((answers[row] as number) - probability);
    slopes[2 * row + 1] = weight * probability * (1 - probability);
  }
}

function addTo(values: Float64Array, more: Float64Array): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) + (more[i] as number);
}

/** Log-odds of fraud among these rows. */
export function logOddsOf(labels: Uint8Array, weights: Float64Array, rows: Uint32Array): number {
  let fraud = 0;
  let all = 0;
  for (const row of rows) {
    const weight = weights[row] ?? 1;
    all += weight;
    if (labels[row] === 1) fraud += weight;
  }
  return Math.log(fraud / (all - fraud));
}

/** Per bin: sum of first derivatives, sum of second ones, rows. */
const PER_BIN = 3;

function histogram(
  bins: Uint8Array,
  count: number,
  slopes: Float64Array,
  from: number,
  to: number,
): Float64Array {
  const sums = new Float64Array(PER_BIN * count);
  for (let row = from; row < to; row++) {
    const at = PER_BIN * (bins[row] as number);
    sums[at] = (sums[at] as number) + (slopes[2 * row] as number);
    sums[at + 1] = (sums[at + 1] as number) + (slopes[2 * row + 1] as number);
    sums[at + 2] = (sums[at + 2] as number) + 1;
  }
  return sums;
}

function bestCut(
  feature: number,
  sums: Float64Array,
  direction: Direction,
  { leastRows, ridge }: BoostingSettings,
): Cut | undefined {
  const bins = sums.length / PER_BIN;
  let allGradient = 0;
  let allCurvature = 0;
  let allRows = 0;
  for (let bin = 0; bin < bins; bin++) {
    allGradient += sums[PER_BIN * bin] as number;
    allCurvature += sums[PER_BIN * bin + 1] as number;
    allRows += sums[PER_BIN * bin + 2] as number;
  }
  const whole = allGradient ** 2 / (allCurvature + ridge);
  let best: Cut | undefined;
  for (const missingLeft of sums[PER_BIN * MISSING_BIN + 2] === 0 ? [false] : [false, true]) {
    let gradient = 0;
    let curvature = 0;
    let rows = 0;
    // The bin without a value goes first where it is on the left, and is passed over where it is not.
    for (let last = missingLeft ? MISSING_BIN : MISSING_BIN + 1; last < bins - 1; last++) {
      gradient += sums[PER_BIN * last] as number;
      curvature += sums[PER_BIN * last + 1] as number;
      rows += sums[PER_BIN * last + 2] as number;
      if (rows < leastRows || allRows - rows < leastRows) continue;
      const left = gradient / (curvature + ridge);
      const right = (allGradient - gradient) / (allCurvature - curvature + ridge);
      if (last > MISSING_BIN && (right - left) * direction < 0) continue;
      const gain = left * gradient + right * (allGradient - gradient) - whole;
      if (gain > (best?.gain ?? 0)) best = { feature, last, missingLeft, left, right, gain };
    }
  }
  return best;
}

function stepOf(cut: Cut, bins: number, learningRate: number): Float64Array {
  const step = new Float64Array(bins).fill(learningRate * cut.right);
  step.fill(learningRate * cut.left, 1, cut.last + 1);
  if (cut.missingLeft) step[MISSING_BIN] = learningRate * cut.left;
  return step;
}
