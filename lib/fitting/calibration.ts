/** Turns raw scores into log-odds: `slope` × score + `shift`. */
export interface Calibration {
  readonly slope: number;
  readonly shift: number;
}

const STEPS = 50;
const CLOSE = 1e-10;

/**
 * Platt's calibration by Newton's method, with his smoothed targets, so that perfectly told rows give no
 * infinite slope (Platt 1999; the targets as in Lin, Lin and Weng 2007).
 *
 * @param scores of rows that these scores were not learned from
 */
export function calibrate(
  scores: Float64Array,
  labels: Uint8Array,
  weights: Float64Array,
): Calibration {
  const { fraud, ordinary } = classWeights(labels, weights);
  const targets = { fraud: (fraud + 1) / (fraud + 2), ordinary: 1 / (ordinary + 2) };
  let slope = 1;
  let shift = 0;
  for (let step = 0; step < STEPS; step++) {
    const sums = { slope: 0, shift: 0, slope2: 1e-12, both: 0, shift2: 1e-12 };
    scores.forEach((score, row) => {
      const weight = weights[row] ?? 1;
      const probability = 1 / (1 + Math.exp(-(slope * score + shift)));
      const target = labels[row] === 1 ? targets.fraud : targets.ordinary;
      const error = weight * (target - probability);
      const curvature = weight * probability * (1 - probability);
      sums.slope += error * score;
      sums.shift += error;
      sums.slope2 += curvature * score * score;
      sums.both += curvature * score;
      sums.shift2 += curvature;
    });
    const determinant = sums.slope2 * sums.shift2 - sums.both ** 2;
    const bySlope = (sums.shift2 * sums.slope - sums.both * sums.shift) / determinant;
    const byShift = (sums.slope2 * sums.shift - sums.both * sums.slope) / determinant;
    slope += bySlope;
    shift += byShift;
    if (Math.abs(bySlope) + Math.abs(byShift) < CLOSE) break;
  }
  return { slope, shift };
}

/** Weight of the rows of each class. */
export function classWeights(
  labels: Uint8Array,
  weights: Float64Array,
): { fraud: number; ordinary: number } {
  let fraud = 0;
  let ordinary = 0;
  labels.forEach((label, row) => {
    if (label === 1) fraud += weights[row] ?? 1;
    else ordinary += weights[row] ?? 1;
  });
  return { fraud, ordinary };
}
