import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import Table from 'cli-table3';
import type { ScorecardDocument } from '../../lib/domain/scorecard.ts';
import { spanFeatures } from '../../lib/domain/table-features.ts';
import { classWeights } from '../../lib/fitting/calibration.ts';
import { type CrossValidation, crossValidate } from '../../lib/fitting/cross-validate.ts';
import { COMPARED, fitReport, type ReportedRun, spread } from '../../lib/fitting/fit-report.ts';
import {
  atFraudShare,
  DEFAULT_SETTINGS,
  type FitSettings,
  fitScorecard,
} from '../../lib/fitting/fit-scorecard.ts';
import { type LabelledTable, takeFeatures } from '../../lib/fitting/labelled-table.ts';
import { readTables } from '../../lib/fitting/read-table.ts';
import type { FitOptions } from '../commands/fit.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { print, remark } from '../terminal/print.ts';

type Run = ReportedRun & { readonly table: LabelledTable };

/** Fits, measures, writes the scorecard and its report, prints a table, and returns the exit code. */
export async function fitAndReport(options: FitOptions): Promise<number> {
  const table = await readLabelledTables(options.features);
  checkUsage(table, options);
  const settings = { ...DEFAULT_SETTINGS, seed: options.seed };
  const say = (text: string) => {
    if (!options.quiet) remark(text);
  };
  const [shipped, ...others] = runsOf(table, options, settings, say);
  if (shipped === undefined) throw new UsageError('There is nothing to fit.');
  say(`fitting on all ${table.labels.length} rows`);
  const ofRows = fitScorecard(shipped.table, settings);
  const fitted =
    options.fraudShare === undefined ? ofRows : atFraudShare(ofRows, options.fraudShare);
  const document = described(fitted.document, fitted.threshold, shipped, settings);
  await writeFile(options.out, `${JSON.stringify(document, undefined, 2)}\n`);
  const reportFile = options.report ?? `${options.out.replace(/\.json$/, '')}.html`;
  const command = `forewarn fit ${options.features.map((file) => basename(file)).join(' ')}, seed ${options.seed}`;
  await writeFile(
    reportFile,
    fitReport({
      document,
      table: shipped.table,
      runs: [shipped, ...others],
      baseRate: options.baseRate,
      command,
    }),
  );
  print(comparison([shipped, ...others]));
  say(`${document.terms.length} terms in ${options.out}; report in ${reportFile}`);
  return EXIT.ok;
}

/**
 * Reads labelled tables for a command.
 *
 * @throws UsageError where a file cannot be read or used
 */
export async function readLabelledTables(paths: readonly string[]): Promise<LabelledTable> {
  try {
    const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    return readTables(paths.map((name, index) => ({ name, text: texts[index] ?? '' })));
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function checkUsage(table: LabelledTable, options: FitOptions): void {
  const { fraud, ordinary } = classWeights(table.labels, new Float64Array());
  if (options.folds < 2) throw new UsageError('Cross-validation needs 2 folds at least.');
  const least = options.folds * DEFAULT_SETTINGS.parts;
  if (Math.min(fraud, ordinary) < least) {
    throw new UsageError(
      `A fit needs ${least} rows of fraud and as many ordinary ones at least; there are ${fraud} and ${ordinary}.`,
    );
  }
  if (options.withoutSpan && table.kind === 'live') {
    throw new UsageError('Live features have no observation-span columns to leave out.');
  }
}

/** The run that is shipped, then the one that it is compared with. */
function runsOf(
  table: LabelledTable,
  options: FitOptions,
  settings: FitSettings,
  say: (text: string) => void,
): Run[] {
  const span = spanFeatures();
  const lean = takeFeatures(table, (feature) => !span.has(feature));
  const variants =
    table.kind === 'live'
      ? [{ name: 'live features', table }]
      : [
          { name: 'all columns', table },
          { name: 'without observation span', table: lean },
        ];
  if (options.withoutSpan) variants.reverse();
  return variants.map((variant) => ({
    ...variant,
    validation: crossValidate(variant.table, settings, options.folds, (done) =>
      say(`${variant.name}: fold ${done} of ${options.folds}`),
    ),
  }));
}

function described(
  document: ScorecardDocument,
  threshold: number,
  { table, validation, name }: Run,
  { seed }: FitSettings,
): ScorecardDocument {
  const { auc, macroF1, recallAt1pctFpr } = validation.pooled;
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  return {
    ...document,
    fitted: {
      features: table.kind,
      columns: name,
      rows: table.labels.length,
      seed,
      folds: validation.folds.length,
      auc: round(auc),
      macroF1: round(macroF1),
      recallAt1pctFpr: round(recallAt1pctFpr),
      threshold,
    },
  };
}

function comparison(runs: readonly { name: string; validation: CrossValidation }[]): string {
  const table = new Table({
    style: { head: [], border: [] },
    head: ['left-out rows', ...runs.flatMap(({ name }) => [name, 'mean of folds ± sd'])],
    colAligns: ['left', ...runs.flatMap(() => ['right', 'right'] as const)],
  });
  for (const [measure, name] of COMPARED) {
    table.push([
      name,
      ...runs.flatMap(({ validation }) => [
        validation.pooled[measure].toFixed(4),
        spread(validation, measure),
      ]),
    ]);
  }
  return table.toString();
}
