import { writeFile } from 'node:fs/promises';
import { type Backtest, runBacktest } from '../../lib/backtest/backtest.ts';
import {
  type BacktestMeasures,
  DEFAULT_COSTS,
  measureBacktest,
} from '../../lib/backtest/measures.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { parseMapping } from '../../lib/feeds/mapping.ts';
import { parseTruthFile } from '../../lib/simulation/truth-file.ts';
import { backtestTable } from '../backtest/backtest-table.ts';
import type { BacktestCommandOptions } from '../commands/backtest.ts';
import { EXIT } from '../exit-codes.ts';
import { openInput, orUsageError, readText, sizeOf } from '../input-file.ts';
import { interruptible } from '../interruption.ts';
import { readPolicyFile } from '../policy/policy-file.ts';
import { showProgress } from '../progress.ts';
import { safeJson } from '../terminal/plain-text.ts';
import { print, remark } from '../terminal/print.ts';

/** A policy with the name that reports call it by. */
interface NamedPolicy {
  readonly name: string;
  readonly policy: Policy;
}

/** Runs the calls through the policies, prints what comes of it, and returns the exit code. */
export async function backtest(options: BacktestCommandOptions): Promise<number> {
  const policies = await readPolicies(options);
  const { mapping: mappingFile, truth: truthFile } = options;
  const truth =
    truthFile === undefined ? undefined : parseTruthFile(await readText(truthFile), truthFile);
  const mapping =
    mappingFile === undefined ? undefined : parseMapping(await readText(mappingFile), mappingFile);
  const [first, second] = policies;
  if (first === undefined) return EXIT.usage;
  const progress = showProgress(await sizeOf(options.calls), options.quiet === true, 'reading');
  const interruption = interruptible();
  const startedAt = performance.now();
  let done: Backtest;
  try {
    done = await runBacktest(
      openInput(options.calls),
      {
        policy: first.policy,
        against: second?.policy,
        truth,
        country: options.country,
        people: options.people,
        mapping,
      },
      { onProgress: progress.update, signal: interruption.signal },
    );
  } finally {
    progress.stop();
    interruption.release();
  }
  if (interruption.signal.aborted) {
    remark('Stopped; nothing was written.');
    return EXIT.interrupted;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await report(done, policies, options, seconds);
  return done.records === 0 ? EXIT.rejected : EXIT.ok;
}

async function readPolicies({ policy, against }: BacktestCommandOptions): Promise<NamedPolicy[]> {
  const files = against === undefined ? [policy] : [policy, against];
  return Promise.all(
    files.map(async (file) =>
      file === undefined
        ? { name: 'the shipped policy', policy: loadDefaultPolicy() }
        : { name: file, policy: await readPolicyFile(file) },
    ),
  );
}

async function report(
  done: Backtest,
  policies: readonly NamedPolicy[],
  options: BacktestCommandOptions,
  seconds: number,
): Promise<void> {
  const officerMinutes = { ...DEFAULT_COSTS.officerMinutes, ...options.officerMinutes };
  const costs = { officerMinutes, textPrice: options.textPrice };
  const measures = measureBacktest(done, costs, options.people);
  const names = policies.map(({ name }) => name);
  if (options.html !== undefined) {
    // Loaded only where it is asked for: drawing takes longer to load than a small history to read.
    const { backtestPage } = await import('../../lib/backtest/report-page.ts');
    const page = backtestPage(measures, {
      calls: options.calls,
      policies: names,
      officerMinutes: Object.entries(officerMinutes)
        .map(([tier, minutes]) => `${tier} ${minutes}`)
        .join(', '),
      textPrice: options.textPrice,
    });
    await orUsageError(writeFile(options.html, page), options.html);
  }
  print(
    options.json
      ? safeJson(jsonOf(measures, names, seconds), 2)
      : backtestTable(measures, names, seconds),
  );
  if (options.html !== undefined && !options.quiet) {
    remark(`Report: ${options.html}`);
  }
}

function jsonOf(measures: BacktestMeasures, names: readonly string[], seconds: number) {
  return {
    ...measures,
    policies: measures.policies.map((policy, i) => ({ policy: names[i], ...policy })),
    seconds: Math.round(seconds * 1000) / 1000,
    callsPerSecond: Math.round(measures.calls / Math.max(seconds, 0.001)),
  };
}
