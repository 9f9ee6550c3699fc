import { createWriteStream, existsSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { FEATURES } from '../../lib/domain/features.ts';
import { fraudStarts } from '../../lib/fitting/fraud-starts.ts';
import { takeSnapshots } from '../../lib/fitting/stream-snapshots.ts';
import { parseTruthFile } from '../../lib/simulation/truth-file.ts';
import type { FeaturesOptions } from '../commands/features.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { openInput, readText, sizeOf } from '../input-file.ts';
import { showProgress } from '../progress.ts';
import { remark } from '../terminal/print.ts';

const CALLS_IN_DAY = FEATURES.indexOf('calls-made-day');
const CALLS_IN_MONTH = FEATURES.indexOf('calls-made-month');

/** Writes the table, says how many rows it has, and returns the exit code. */
export async function writeFeatures(options: FeaturesOptions): Promise<number> {
  if (existsSync(options.out) && options.force !== true) {
    throw new UsageError(`${options.out} exists already; --force replaces it.`);
  }
  const truth = parseTruthFile(await readText(options.truth), options.truth);
  const fraud = fraudStarts(truth);
  const notable = new Set([...fraud.keys(), ...truth.hardNegatives.map(({ number }) => number)]);
  const policy = loadDefaultPolicy();
  const table = createWriteStream(options.out);
  table.write(`${['label', 'weight', 'group', 'made', ...FEATURES].join(',')}\n`);
  let rows = 0;
  let others = 0;
  const skipped = new Set<string>();
  const taken = new Set<string>();
  const isTaken = (number: string): boolean => {
    if (notable.has(number) || taken.has(number)) return true;
    if (skipped.has(number)) return false;
    const take = others++ % options.every === 0;
    (take ? taken : skipped).add(number);
    return take;
  };
  const progress = showProgress(await sizeOf(options.calls), false, 'reading');
  await takeSnapshots(
    openInput(options.calls),
    policy,
    {
      count: 'made',
      steps: options.steps,
      watched: truth.subscribers && new Set(truth.subscribers.map(({ number }) => number)),
      country: options.country,
      settleSeconds: policy.scoring.settleSeconds,
      onProgress: progress.update,
    },
    ({ number, at, made, features }) => {
      const inDay = (features[CALLS_IN_DAY] ?? 0) / Math.max(1, features[CALLS_IN_MONTH] ?? 0);
      if (!isTaken(number) || inDay < options.burstShare) return;
      const label = at >= (fraud.get(number) ?? Number.POSITIVE_INFINITY) ? 1 : 0;
      const stands = notable.has(number) || truth.subscribers !== undefined ? 1 : options.every;
      const weight = stands * options.weight * (label === 1 ? options.fraudWeight : 1);
      const values = Array.from(features, (value) => (Number.isNaN(value) ? '' : value));
      table.write(`${[label, weight, number, made, ...values].join(',')}\n`);
      rows++;
    },
  ).finally(progress.stop);
  table.end();
  await finished(table);
  remark(`${rows} rows of ${truth.calls} calls in ${options.out}`);
  return EXIT.ok;
}
