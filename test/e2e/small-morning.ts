import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import { expectedState, type FinalState } from '../support/final-state.ts';
import { InMemoryPipeline, TEST_CONTEXT } from '../support/in-memory-pipeline.ts';
import type { PipelineClient } from './local-pipeline.ts';

/** A line of a feed with the time of what it tells. */
export interface TimedLine {
  readonly text: string;
  /** Epoch ms. */
  readonly time: number;
}

/** Lines of a small morning with the time of what each tells; broken lines have that of the line before. */
export function smallMorning(calls = 4_000, seed = 11): TimedLine[] {
  let time = 0;
  return [...simulateMorning({ seed, calls }).records()].map((record) => {
    if (typeof record === 'string') return { text: record, time };
    const start = typeof record.start === 'number' ? record.start : Date.parse(record.start);
    time = start + (record.event === 'call.started' ? 0 : (record.duration ?? 0) * 1000);
    return { text: JSON.stringify(record), time };
  });
}

/** What these lines come to where nothing disturbs them. */
export async function undisturbed(
  lines: readonly string[],
  pipeline: PipelineClient,
): Promise<FinalState> {
  const expected = new InMemoryPipeline(undefined, undefined, await pipeline.sealer(), {
    ...TEST_CONTEXT,
    nowMs: Date.now(),
    retentionMs: Date.now() - Date.UTC(2000, 0, 1),
  });
  await expected.run(lines);
  return expectedState(expected);
}
