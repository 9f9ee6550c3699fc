import {
  compileScorecard,
  fraudProbability,
  type ScorecardDocument,
  score,
  scoreTerms,
} from '../domain/scorecard.ts';
import { scoreTable } from './fit-scorecard.ts';
import { type LabelledTable, vectorOf } from './labelled-table.ts';
import { type Measures, measure } from './metrics.ts';
import { meaningOf } from './words.ts';

/** One term of a row's score, in words. */
export interface ReasonInWords {
  readonly term: string;
  readonly meaning: string;
  /** NaN: no such call. */
  readonly value: number;
  readonly points: number;
}

/** Why a row has its score: the base and the terms sum to the points exactly, in the scorecard's order. */
export interface RowReasons {
  readonly row: number;
  readonly id: string;
  readonly label: number;
  readonly points: number;
  readonly probability: number;
  readonly base: number;
  /** Strongest first. */
  readonly reasons: readonly ReasonInWords[];
}

/** Measures a scorecard on labelled rows; nothing is learned from them. */
export function evaluateScorecard(
  document: ScorecardDocument,
  table: LabelledTable,
  threshold: number = thresholdOf(document),
): Measures {
  return measure(scoreTable(document, table), table.labels, threshold, table.weights);
}

/** The threshold that the fit found, in points; 0 where it notes none. */
export function thresholdOf(document: ScorecardDocument): number {
  const threshold = document.fitted?.threshold;
  return typeof threshold === 'number' ? threshold : 0;
}

/**
 * The terms of one row.
 *
 * @param name its subscriber, or its number from 1
 * @returns undefined when there is no such row
 */
export function reasonsOfRow(
  document: ScorecardDocument,
  table: LabelledTable,
  name: string,
  baseRate: number,
): RowReasons | undefined {
  const named = table.ids.indexOf(name);
  const row = named >= 0 ? named : Number(name) - 1;
  const label = table.labels[row];
  if (label === undefined) return undefined;
  const scorecard = compileScorecard(document, table.features);
  const vector = vectorOf(table, row);
  const points = score(scorecard, vector);
  const terms = scoreTerms(scorecard, vector).map(({ id, points }, index) => {
    const feature = document.terms[index]?.feature ?? id;
    const value = vector[table.features.indexOf(feature)] ?? Number.NaN;
    return { term: id, meaning: meaningOf(feature), value, points };
  });
  return {
    row: row + 1,
    id: table.ids[row] ?? '',
    label,
    points,
    probability: fraudProbability(points, document.fraudShare, baseRate),
    base: document.base,
    reasons: terms.toSorted((a, b) => Math.abs(b.points) - Math.abs(a.points)),
  };
}
