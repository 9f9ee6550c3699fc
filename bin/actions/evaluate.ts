import { readFile } from 'node:fs/promises';
import Table from 'cli-table3';
import { Compile } from 'typebox/compile';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import {
  type ScorecardDocument,
  ScorecardError,
  ScorecardSchema,
} from '../../lib/domain/scorecard.ts';
import { evaluateOnStream, type StreamMeasures } from '../../lib/fitting/evaluate-on-stream.ts';
import {
  evaluateScorecard,
  type RowReasons,
  reasonsOfRow,
} from '../../lib/fitting/evaluate-scorecard.ts';
import type { LabelledTable } from '../../lib/fitting/labelled-table.ts';
import { signed, valueInWords } from '../../lib/fitting/words.ts';
import { parseTruthFile } from '../../lib/simulation/truth-file.ts';
import type { EvaluateOptions } from '../commands/evaluate.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { openInput, readText, sizeOf } from '../input-file.ts';
import { readPolicyFile } from '../policy/policy-file.ts';
import { showProgress } from '../progress.ts';
import { safeJson } from '../terminal/plain-text.ts';
import { print } from '../terminal/print.ts';
import { readLabelledTables } from './fit.ts';

/** Measures the scorecard, or tells the reasons of one row, and returns the exit code. */
export async function evaluate(options: EvaluateOptions): Promise<number> {
  checkUsage(options);
  const { calls, features, scorecard, truth } = options;
  if (calls !== undefined && truth !== undefined) return evaluateStream(calls, truth, options);
  if (scorecard === undefined || features === undefined) {
    throw new UsageError('Give --scorecard and --features, or --calls and --truth.');
  }
  const document = await readScorecard(scorecard);
  const table = await readLabelledTables(features);
  try {
    print(answer(document, table, options));
  } catch (error) {
    if (!(error instanceof ScorecardError)) throw error;
    throw new UsageError(`${scorecard}: ${error.message}`, { cause: error });
  }
  return EXIT.ok;
}

/** Measures the live scorecards of a policy on streams. */
async function evaluateStream(
  calls: string,
  truthFile: string,
  { country, json, policy: policyFile }: EvaluateOptions,
): Promise<number> {
  const policy = policyFile === undefined ? loadDefaultPolicy() : await readPolicyFile(policyFile);
  const truth = parseTruthFile(await readText(truthFile), truthFile);
  const progress = showProgress(await sizeOf(calls), json === true, 'reading');
  let measured: StreamMeasures[];
  try {
    measured = await evaluateOnStream(openInput(calls), policy, truth, {
      country,
      onProgress: progress.update,
    });
  } finally {
    progress.stop();
  }
  if (json) {
    print(safeJson(measured, 2));
    return EXIT.ok;
  }
  const table = new Table({
    style: { head: [], border: [] },
    head: [
      'after',
      'people',
      'of them fraud',
      'AUC of the scorecards',
      'recall at 1 % false positives',
      'AUC with the hand rules',
    ],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
  });
  for (const { after, people, fraud, auc, recallAt1pctFpr, withRules } of measured) {
    const when = after === 'all' ? 'all calls' : `${after} calls`;
    const figures = [auc, recallAt1pctFpr, withRules.auc].map((figure) => figure.toFixed(4));
    table.push([when, people, fraud, ...figures]);
  }
  print(table.toString());
  return EXIT.ok;
}

function checkUsage({ threshold, baseRate }: EvaluateOptions): void {
  if (threshold !== undefined && !Number.isFinite(threshold)) {
    throw new UsageError('--threshold must be a number of points.');
  }
  if (!(baseRate > 0 && baseRate < 1)) {
    throw new UsageError('--base-rate must be above 0 and below 1, as 0.002.');
  }
}

/** The scorecard's document; what it may look at is checked where it meets the table. */
async function readScorecard(path: string): Promise<ScorecardDocument> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(`${path}: ${(cause as Error).message}`, { cause });
  }
  const validator = Compile(ScorecardSchema);
  if (validator.Check(document)) return document;
  const [first] = validator.Errors(document);
  throw new UsageError(`${path} is no scorecard: ${first?.instancePath ?? ''} ${first?.message}`);
}

function answer(
  document: ScorecardDocument,
  table: LabelledTable,
  { reasons, threshold, baseRate, json }: EvaluateOptions,
): string {
  if (reasons === undefined) {
    const measures = evaluateScorecard(document, table, threshold);
    return json ? JSON.stringify(measures, undefined, 2) : rowsOf(Object.entries(measures));
  }
  const found = reasonsOfRow(document, table, reasons, baseRate);
  if (found === undefined) {
    throw new UsageError(`There is no row ${reasons}; the table has ${table.labels.length}.`);
  }
  return json ? JSON.stringify(found, undefined, 2) : inWords(found, baseRate);
}

function rowsOf(entries: readonly (readonly [string, number])[]): string {
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  for (const [name, value] of entries) {
    table.push([name, Number.isInteger(value) ? value : value.toFixed(4)]);
  }
  return table.toString();
}

function inWords(found: RowReasons, baseRate: number): string {
  const table = new Table({
    style: { head: [], border: [] },
    head: ['points', 'value', 'what'],
    colAligns: ['right', 'right', 'left'],
  });
  for (const { points, value, meaning } of found.reasons) {
    table.push([signed(points), valueInWords(value), meaning]);
  }
  table.push([signed(found.base), '', 'base: before anything is known']);
  table.push([signed(found.points), '', 'sum']);
  const chance = Number((100 * found.probability).toPrecision(3));
  return [
    `row ${found.row} (${found.id}), labelled ${found.label === 1 ? 'fraud' : 'ordinary'}`,
    table.toString(),
    `chance of fraud: ${chance} % where ${100 * baseRate} % of callers are fraudsters`,
  ].join('\n');
}
