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

export async function runSeeds(
  { first, runs, step }: RunShare,
  tell: (result: SeedResult) => void,
): Promise<void> {
  for (let i = 0; i < runs; i++) tell(await runSeed(first + i * step));
}
