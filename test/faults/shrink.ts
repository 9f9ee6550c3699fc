import type { Fault, History, PlannedRecord } from './history.ts';
import type { Violation } from './invariants.ts';
import { violationsOf } from './invariants.ts';
import type { Bug } from './product.ts';
import { runHistory } from './run-history.ts';

/** The shortest history found that breaks the same rule. */
export interface Shrunk {
  readonly history: History;
  readonly violations: readonly Violation[];
  /** Histories that were tried on the way. */
  readonly tried: number;
}

const MOST_TRIES = 400;

/** Every way to leave out a part of a list: halves first, then ever smaller runs, then single entries. */
function* shorter<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let size = list.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < list.length; from += size) {
      yield [...list.slice(0, from), ...list.slice(from + size)];
    }
  }
}

/** Records with some of their lines left out. */
function* fewerLines(records: readonly PlannedRecord[]): Generator<readonly PlannedRecord[]> {
  for (const [i, record] of records.entries()) {
    if (record.lines.length < 2) continue;
    for (const lines of shorter(record.lines)) {
      if (lines.length > 0) yield records.with(i, { ...record, lines });
    }
  }
}

function* simplerRecords(records: readonly PlannedRecord[]): Generator<readonly PlannedRecord[]> {
  for (const [i, record] of records.entries()) {
    const { again, ...once } = record;
    if (again !== undefined) yield records.with(i, once);
    if (record.packing !== 'plain' && record.damaged === undefined) {
      yield records.with(i, { ...record, packing: 'plain' });
    }
  }
}

function* simpler(history: History): Generator<History> {
  for (const records of shorter(history.records)) yield { ...history, records };
  for (const faults of shorter<Fault>(history.faults)) yield { ...history, faults };
  for (const records of fewerLines(history.records)) yield { ...history, records };
  for (const records of simplerRecords(history.records)) yield { ...history, records };
  if (history.staleMs > 0) yield { ...history, staleMs: 0 };
  if (history.skewMs > 0) yield { ...history, skewMs: 0 };
  if (history.stage === 'prod') yield { ...history, stage: 'dev' };
  const silent = history.reactions.map((reaction) => ({ ...reaction, silent: true }));
  if (history.reactions.some((reaction) => !reaction.silent))
    yield { ...history, reactions: silent };
}

/** How much there is to read in a history. */
export function sizeOf({ faults, reactions, records, skewMs, staleMs }: History): number {
  const lines = records.reduce((sum, { again, lines }) => sum + lines.length + (again ? 1 : 0), 0);
  const officers = reactions.filter(({ silent }) => !silent).length;
  return (
    lines + records.length + 2 * faults.length + officers + Number(skewMs > 0) + Number(staleMs > 0)
  );
}

/**
 * Leaves out of a failing history whatever its first violation does without: records, lines, faults, officers.
 *
 * @param first the violations of the whole history
 */
export async function shrink(
  history: History,
  first: readonly Violation[],
  bug: Bug | undefined,
): Promise<Shrunk> {
  const rule = first[0]?.rule;
  let best: Shrunk = { history, violations: first, tried: 0 };
  let tried = 0;
  for (let found = true; found && tried < MOST_TRIES; ) {
    found = false;
    for (const candidate of simpler(best.history)) {
      if (++tried > MOST_TRIES) break;
      const violations = await violationsOf(await runHistory(candidate, { bug }));
      if (!violations.some((one) => one.rule === rule)) continue;
      best = { history: candidate, violations, tried };
      found = true;
      break;
    }
  }
  return { ...best, tried };
}
