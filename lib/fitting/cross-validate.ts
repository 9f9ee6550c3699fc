import { type FitSettings, fitScorecard, scoreTable } from './fit-scorecard.ts';
import { dealFolds, rowsWhere } from './folds.ts';
import { type LabelledTable, takeRows } from './labelled-table.ts';
import { type Measures, measure } from './metrics.ts';
import { seededRandom } from './random.ts';

/** What cross-validation found: everything was learned without the rows that it was measured on. */
export interface CrossValidation {
  readonly folds: readonly Measures[];
  /** Over all rows together; each fold's scores are comparable because they are calibrated. */
  readonly pooled: Measures;
  /** The score of each row from the fold that had not seen it. */
  readonly scores: Float64Array;
}

/** A measure over folds. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation, with one degree of freedom less than folds. */
  readonly deviation: number;
}

/**
 * Fits on all folds but one and measures on that one, in turn. Bins, curves, calibration and threshold are
 * learned anew each time.
 *
 * @param onFold told how many folds are done
 */
export function crossValidate(
  table: LabelledTable,
  settings: FitSettings,
  folds: number,
  onFold: (done: number) => void = () => undefined,
): CrossValidation {
  const { labels, groups, weights } = table;
  const size = labels.length;
  const foldOf = dealFolds(labels, groups, folds, seededRandom(settings.seed));
  const scores = new Float64Array(size);
  /** Points above the threshold that the fold learned. */
  const margins = new Float64Array(size);
  const measures: Measures[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const learned = takeRows(
      table,
      rowsWhere(size, (row) => foldOf[row] !== fold),
    );
    const { document, threshold } = fitScorecard(learned, settings);
    const rows = rowsWhere(size, (row) => foldOf[row] === fold);
    const judged = takeRows(table, rows);
    const points = scoreTable(document, judged);
    measures.push(measure(points, judged.labels, threshold, judged.weights));
    rows.forEach((row, at) => {
      scores[row] = points[at] ?? 0;
      margins[row] = (points[at] ?? 0) - threshold;
    });
    onFold(fold + 1);
  }
  const { auc, recallAt1pctFpr, recallAt0_1pctFpr } = measure(scores, labels, 0, weights);
  const threshold = measures.reduce((sum, fold) => sum + fold.threshold, 0) / folds;
  const pooled = { ...measure(margins, labels, 0, weights), threshold };
  return {
    folds: measures,
    pooled: { ...pooled, auc, recallAt1pctFpr, recallAt0_1pctFpr },
    scores,
  };
}

/** Mean and deviation of one measure. */
export function spreadOf(folds: readonly Measures[], measure: keyof Measures): Spread {
  const values = folds.map((fold) => fold[measure]);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}
