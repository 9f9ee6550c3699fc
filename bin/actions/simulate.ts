import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CITY_SCENARIO } from '../../lib/simulation/city-scenario.ts';
import { ProfileTableError, parseProfileTable } from '../../lib/simulation/profile-table.ts';
import {
  checkScenario,
  parseScenario,
  ScenarioError,
  scaledToPeople,
} from '../../lib/simulation/scenario.ts';
import type { Scenario } from '../../lib/simulation/scenario-schema.ts';
import { type Simulation, simulateCity } from '../../lib/simulation/simulate-city.ts';
import { simulateProfiles } from '../../lib/simulation/simulate-profiles.ts';
import type { SimulateOptions } from '../commands/simulate.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { interruptible } from '../interruption.ts';
import { showProgress } from '../progress.ts';
import { safeJson } from '../terminal/plain-text.ts';
import { print } from '../terminal/print.ts';

/** Simulates, writes both files, prints what came of it, and returns the exit code. */
export async function simulate(options: SimulateOptions): Promise<number> {
  if (options.printScenario) {
    const whole = { ...(await chosenScenario(options)), only: ['trades', 'fraud'] };
    print(safeJson(whole, 2));
    return EXIT.ok;
  }
  checkUsage(options);
  const simulation = await chosenSimulation(options);
  const { out } = options;
  if (out === undefined) throw new UsageError('Give --out, the directory to write into.');
  const files = { calls: join(out, 'calls.jsonl.gz'), truth: join(out, 'truth.json') };
  if (!options.force) await refuseToOverwrite(Object.values(files));
  await mkdir(out, { recursive: true });
  const startedAt = performance.now();
  const written = await writeFiles(simulation, files, options);
  if (!written) return EXIT.interrupted;
  printSummary(simulation, files, (performance.now() - startedAt) / 1000, options);
  return EXIT.ok;
}

function checkUsage({ profiles, ...options }: SimulateOptions): void {
  if (profiles === undefined) return;
  const others = (['scenario', 'days', 'people'] as const).filter(
    (name) => options[name] !== undefined,
  );
  if (others.length === 0) return;
  throw new UsageError(
    `--profiles does not go with --${others.join(', --')}: the table says who there is, for one month.`,
  );
}

async function chosenSimulation(options: SimulateOptions): Promise<Simulation> {
  const { profiles, seed } = options;
  if (profiles === undefined) return simulateCity(await chosenScenario(options), seed);
  try {
    return simulateProfiles(parseProfileTable(await readFile(profiles, 'utf8'), profiles), seed);
  } catch (cause) {
    throw asUsageError(cause, profiles);
  }
}

async function chosenScenario(options: SimulateOptions): Promise<Scenario> {
  const { scenario: path, people, days } = options;
  const scenario = path === undefined ? CITY_SCENARIO : await readScenario(path);
  const sized = people === undefined ? scenario : scaledToPeople(scenario, people);
  const whole = days === undefined ? sized : { ...sized, days };
  try {
    // Other sizes may make it impossible.
    return checkScenario(whole, path ?? 'of the default city');
  } catch (cause) {
    throw asUsageError(cause);
  }
}

async function readScenario(path: string): Promise<Scenario> {
  try {
    return parseScenario(await readFile(path, 'utf8'), path);
  } catch (cause) {
    throw asUsageError(cause, path);
  }
}

function asUsageError(cause: unknown, path = ''): unknown {
  if (cause instanceof ScenarioError || cause instanceof ProfileTableError)
    return new UsageError(cause.message, { cause });
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === undefined || path === '') return cause;
  const why = code === 'ENOENT' ? 'there is no such file' : message;
  return new UsageError(`${path}: ${why}`, { cause });
}

async function refuseToOverwrite(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) throw new UsageError(`${path} is there already; --force overwrites it.`);
  }
}

/** False when it was interrupted. Files get their names when they are whole. */
async function writeFiles(
  simulation: Simulation,
  files: { calls: string; truth: string },
  options: SimulateOptions,
): Promise<boolean> {
  const partial = { calls: `${files.calls}.partial`, truth: `${files.truth}.partial` };
  const interruption = interruptible();
  const progress = showProgress(1, options.quiet === true, 'simulating');
  try {
    await simulation.save(partial.calls, {
      signal: interruption.signal,
      onPiece: () => {
        const { share, calls } = simulation.progress();
        progress.update(share, calls);
      },
    });
    await writeFile(partial.truth, `${JSON.stringify(simulation.truth(), undefined, 1)}\n`);
    await rename(partial.calls, files.calls);
    await rename(partial.truth, files.truth);
    return true;
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    return false;
  } finally {
    progress.stop();
    interruption.release();
    await Promise.all(Object.values(partial).map((path) => rm(path, { force: true })));
  }
}

function printSummary(
  simulation: Simulation,
  files: { calls: string; truth: string },
  seconds: number,
  options: SimulateOptions,
): void {
  if (options.quiet) return;
  const { people, calls, fraudCallers, deceived, hardNegatives, subscribers } = simulation.truth();
  const summary = {
    ...files,
    people,
    callsWritten: calls,
    fraudCallers: fraudCallers.length,
    deceived: deceived.length,
    hardNegatives: hardNegatives.length,
    ...(subscribers === undefined ? {} : { subscribers: subscribers.length }),
    seconds: Number(seconds.toFixed(2)),
    callsPerSecond: Math.round(calls / seconds),
  };
  if (options.json) {
    print(safeJson(summary));
    return;
  }
  print(
    [
      `${files.calls}: ${calls} calls in ${summary.seconds} s (${summary.callsPerSecond}/s)`,
      `${files.truth}: ${people} people, ${summary.fraudCallers} fraud numbers, ` +
        `${summary.deceived} deceived, ${summary.hardNegatives} hard negatives`,
    ].join('\n'),
  );
}
