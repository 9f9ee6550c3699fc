import { logit, type ScorecardDocument, type Term } from '../domain/scorecard.ts';
import { barChart, lineChart } from '../reports/charts.ts';
import {
  type Column,
  facts,
  grid,
  type Html,
  htmlPage,
  paragraph,
  table,
} from '../reports/page.ts';
import { binOf, MISSING_BIN } from './binning.ts';
import { type CrossValidation, spreadOf } from './cross-validate.ts';
import type { LabelledTable } from './labelled-table.ts';
import { type CutPoint, cutPoints, type Measures } from './metrics.ts';
import { meaningOf, rangesOf } from './words.ts';

/** One way of fitting that the report compares. */
export interface ReportedRun {
  readonly name: string;
  readonly validation: CrossValidation;
}

/** All that the report shows. */
export interface FitReport {
  readonly document: ScorecardDocument;
  readonly table: LabelledTable;
  /** The one that is shipped comes first. */
  readonly runs: readonly [ReportedRun, ...ReportedRun[]];
  readonly baseRate: number;
  readonly command: string;
}

/** The measures that are compared, with their names. */
export const COMPARED: readonly (readonly [keyof Measures, string])[] = [
  ['auc', 'AUC'],
  ['macroF1', 'macro-F1'],
  ['precision', 'precision'],
  ['recall', 'recall'],
  ['recallAt1pctFpr', 'recall at 1 % false positives'],
  ['recallAt0_1pctFpr', 'recall at 0.1 % false positives'],
  ['gMean', 'G-mean'],
];

const MOST_POINTS = 400;
const CALIBRATION_GROUPS = 15;
const MOST_LABELS = 60;

/** The report of a fit, as one page. */
export function fitReport(report: FitReport): string {
  const { document, table: rows, runs, baseRate, command } = report;
  const [{ validation }] = runs;
  const { pooled } = validation;
  return htmlPage({
    title: 'A fitted scorecard',
    subtitle: `${rows.labels.length} rows, ${percent(document.fraudShare)} fraud · ${document.terms.length} terms, purely additive · ${command}`,
    sections: [
      {
        title: 'How well it tells fraud from ordinary rows',
        lead: 'Each row was scored by a scorecard fitted without it: bins, curves, calibration and threshold alike.',
        content: [
          facts([
            { label: 'AUC', value: pooled.auc.toFixed(4), note: spread(validation, 'auc') },
            {
              label: 'macro-F1',
              value: pooled.macroF1.toFixed(4),
              note: spread(validation, 'macroF1'),
            },
            {
              label: 'recall at 1 % false positives',
              value: pooled.recallAt1pctFpr.toFixed(4),
              note: spread(validation, 'recallAt1pctFpr'),
            },
            {
              label: 'a caller with 0 points',
              value: percent(1 / (1 + Math.exp(logit(document.fraudShare) - logit(baseRate)))),
              note: `chance of fraud where ${percent(baseRate)} of callers are fraudsters`,
            },
          ]),
          comparison(runs),
        ],
      },
      {
        title: 'Curves',
        content: [grid([rocChart(report), lowRocChart(report), precisionChart(report)])],
      },
      {
        title: 'Does the probability mean what it says?',
        lead: 'Rows with about the same predicted chance are put together; of them, the share that was fraud should be that chance.',
        content: [grid([calibrationChart(report), probabilityChart(report)])],
      },
      {
        title: 'Which terms carry the weight',
        lead: 'Mean distance of a term from 0 over the rows, in points (log-odds).',
        content: [importanceChart(report)],
      },
      {
        title: 'Every term',
        lead: 'Points that a value gives. Above 0 speaks for fraud, below 0 against it; the score is the base and one bar of each chart, added up.',
        content: [
          paragraph(`The base is ${document.base} points.`),
          grid(byWeight(report).map(({ term }) => termChart(term, rows))),
        ],
      },
    ],
  });
}

function comparison(runs: FitReport['runs']): Html {
  const columns: Column[] = [
    { header: 'measure' },
    ...runs.flatMap(({ name }): Column[] => [
      { header: name, align: 'right' },
      { header: 'mean of folds ± sd', align: 'right' },
    ]),
  ];
  const rows = COMPARED.map(([measure, name]) => [
    name,
    ...runs.flatMap(({ validation }) => [
      validation.pooled[measure].toFixed(4),
      spread(validation, measure),
    ]),
  ]);
  return table(columns, rows);
}

/** Mean and deviation over folds, as it is printed. */
export function spread(validation: CrossValidation, measure: keyof Measures): string {
  const { mean, deviation } = spreadOf(validation.folds, measure);
  return `${mean.toFixed(4)} ± ${deviation.toFixed(4)}`;
}

function pointsOf({ table: rows }: FitReport, { validation }: ReportedRun): CutPoint[] {
  return cutPoints(validation.scores, rows.labels, rows.weights);
}

function rates(points: readonly CutPoint[]): { falsePositives: number; recall: number }[] {
  const all = points.at(-1) ?? { fraud: 1, ordinary: 1 };
  return points.map(({ fraud, ordinary }) => ({
    falsePositives: ordinary / all.ordinary,
    recall: fraud / all.fraud,
  }));
}

function rocChart(report: FitReport): Html {
  return lineChart({
    title: 'Recall against false positives (ROC)',
    xLabel: 'share of ordinary rows above the threshold',
    yLabel: 'share of fraud above it',
    xRange: [0, 1],
    yRange: [0, 1],
    series: report.runs.map((run) => ({
      name: run.name,
      points: thinned(
        rates(pointsOf(report, run)).map((at) => [at.falsePositives, at.recall] as const),
      ),
    })),
  });
}

function lowRocChart(report: FitReport): Html {
  return lineChart({
    title: 'The same where it matters: few false positives',
    xLabel: 'share of ordinary rows above the threshold, logarithmic',
    yLabel: 'share of fraud above it',
    xLogarithmic: true,
    xRange: [0.0001, 1],
    yRange: [0, 1],
    series: report.runs.map((run) => ({
      name: run.name,
      points: thinned(
        rates(pointsOf(report, run))
          .filter((at) => at.falsePositives > 0)
          .map((at) => [at.falsePositives, at.recall] as const),
      ),
    })),
  });
}

function precisionChart(report: FitReport): Html {
  const { document, baseRate } = report;
  const toLife = (baseRate / (1 - baseRate)) * ((1 - document.fraudShare) / document.fraudShare);
  const run = report.runs[0];
  const points = pointsOf(report, run);
  const all = points.at(-1) ?? { fraud: 1, ordinary: 1 };
  const line = (weight: number) =>
    thinned(
      points.map(
        ({ fraud, ordinary }) =>
          [fraud / all.fraud, (weight * fraud) / (weight * fraud + ordinary)] as const,
      ),
    );
  return lineChart({
    title: 'Precision against recall',
    note: 'In life fraud is rarer than in the table, and so every alarm is right less often.',
    xLabel: 'recall',
    yLabel: 'precision',
    xRange: [0, 1],
    yRange: [0, 1],
    series: [
      { name: `where ${percent(document.fraudShare)} is fraud, as here`, points: line(1) },
      { name: `where ${percent(baseRate)} is fraud`, points: line(toLife), dashed: true },
    ],
  });
}

function calibrationChart({ table: rows, runs }: FitReport): Html {
  const { scores } = runs[0].validation;
  const order = Array.from(scores.keys()).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  const size = Math.ceil(order.length / CALIBRATION_GROUPS);
  const points = Array.from({ length: CALIBRATION_GROUPS }, (_, group) => {
    const members = order.slice(group * size, (group + 1) * size);
    const weight = members.reduce((sum, row) => sum + (rows.weights[row] ?? 1), 0);
    const mean = (of: (row: number) => number) =>
      members.reduce((sum, row) => sum + of(row) * (rows.weights[row] ?? 1), 0) / weight;
    return [
      mean((row) => 1 / (1 + Math.exp(-(scores[row] ?? 0)))),
      mean((row) => rows.labels[row] ?? 0),
    ] as const;
  }).filter(([predicted]) => Number.isFinite(predicted));
  return lineChart({
    title: 'Calibration',
    xLabel: 'predicted chance of fraud',
    yLabel: 'share that was fraud',
    xRange: [0, 1],
    yRange: [0, 1],
    series: [
      { name: 'left-out rows', points },
      {
        name: 'as it should be',
        points: [
          [0, 0],
          [1, 1],
        ],
        dashed: true,
      },
    ],
  });
}

function probabilityChart({ document, baseRate }: FitReport): Html {
  const chance = (rate: number) =>
    Array.from({ length: 81 }, (_, step) => {
      const points = -6 + step * 0.25;
      const logOdds = points - logit(document.fraudShare) + logit(rate);
      return [points, 1 / (1 + Math.exp(-logOdds))] as const;
    });
  return lineChart({
    title: 'What points mean',
    xLabel: 'points',
    yLabel: 'chance of fraud',
    yRange: [0, 1],
    series: [
      {
        name: `where ${percent(document.fraudShare)} is fraud`,
        points: chance(document.fraudShare),
      },
      { name: `where ${percent(baseRate)} is fraud`, points: chance(baseRate), dashed: true },
    ],
  });
}

function importanceChart(report: FitReport): Html {
  const terms = byWeight(report);
  return barChart({
    title: 'Weight of the terms',
    horizontal: true,
    width: 900,
    height: 60 + 18 * terms.length,
    categories: terms.map(({ term }) => meaningOf(term.feature)),
    series: [{ name: 'points', values: terms.map(({ weight }) => weight) }],
  });
}

function byWeight({ document, table: rows }: FitReport): { term: Term; weight: number }[] {
  const total = rows.weights.reduce((sum, weight) => sum + weight, 0);
  return document.terms
    .map((term) => {
      const counts = rowsPerBin(term, rows);
      const points = [term.missing ?? 0, ...term.bins.map((bin) => bin.points)];
      const sum = points.reduce(
        (before, value, bin) => before + Math.abs(value) * (counts[bin] ?? 0),
        0,
      );
      return { term, weight: Math.round((1000 * sum) / total) / 1000 };
    })
    .toSorted((a, b) => b.weight - a.weight);
}

/** Weight of the rows in each bin; those without a value first. */
function rowsPerBin(term: Term, rows: LabelledTable): Float64Array {
  const edges = term.bins.flatMap(({ below }) => below ?? []);
  const counts = new Float64Array(term.bins.length + 1);
  rows.columns[rows.features.indexOf(term.feature)]?.forEach((value, row) => {
    const bin = binOf(value, edges);
    counts[bin] = (counts[bin] ?? 0) + (rows.weights[row] ?? 1);
  });
  return counts;
}

function termChart(term: Term, rows: LabelledTable): Html {
  const counts = rowsPerBin(term, rows);
  const names = rangesOf(term);
  const without = counts[MISSING_BIN] ?? 0;
  const bins = term.bins.map((bin, index) => ({
    name: `${names[index]} (${Math.round(counts[index + 1] ?? 0)})`,
    points: bin.points,
  }));
  if (without > 0) bins.push({ name: `none (${Math.round(without)})`, points: term.missing ?? 0 });
  return barChart({
    title: meaningOf(term.feature),
    note: `${term.id}; rows in brackets`,
    xLabel: 'points',
    horizontal: true,
    signed: true,
    height: Math.min(MOST_LABELS, bins.length) * 16 + 50,
    categories: bins.map(({ name }) => name),
    series: [{ name: 'points', values: bins.map(({ points }) => points) }],
  });
}

/** A curve needs no more points than it is wide. */
function thinned<T>(points: readonly T[]): T[] {
  const every = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}
