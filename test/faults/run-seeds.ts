import { drawHistory } from './draw-history.ts';
import { type Violation, violationsOf } from './invariants.ts';
import { type Aftermath, runHistory } from './run-history.ts';

/** The seeds of one thread: every `step`th from `first` on. */
export interface RunShare {
  readonly first: number;
  readonly step: number;
  readonly runs: number;
}

/** What is counted of a history, to see that it was worth running. */
export interface Tally {
  readonly calls: number;
  readonly faults: number;
  readonly texts: number;
  readonly cases: number;
  readonly steps: number;
}

export interface SeedResult {
  readonly seed: number;
  readonly tally: Tally;
  readonly violations: readonly Violation[];
}

function tallyOf({ history, steps, texts, workflows }: Aftermath): Tally {
  return {
    calls: history.records.reduce((sum, { lines }) => sum + lines.length, 0),
    faults: history.faults.length,
    texts: texts.taken.length,
    cases: workflows.executions.size,
    steps,
  };
}

/** Runs the history of one seed and checks it. */
export async function runSeed(seed: number): Promise<SeedResult> {
  const after = await runHistory(drawHistory(seed));
  return { seed, tally: tallyOf(after), violations: await violationsOf(after) };
}

/** The simulator itself failed over a history: the others must not go down with it, and nobody must miss it. */
function brokenDown(seed: number, error: unknown): SeedResult {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const tally = { calls: 0, faults: 0, texts: 0, cases: 0, steps: 0 };
  return { seed, tally, violations: [{ rule: 'a history can be run', what }] };
}

export async function runSeeds(
  { first, runs, step }: RunShare,
  tell: (result: SeedResult) => void,
): Promise<void> {
  for (let i = 0; i < runs; i++) {
    const seed = first + i * step;
    tell(await runSeed(seed).catch((error: unknown) => brokenDown(seed, error)));
  }
}
