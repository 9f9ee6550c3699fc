import { setTimeout as sleep } from 'node:timers/promises';

/** What retries depend on; tests pass their own. */
export interface Patience {
  readonly attempts: number;
  readonly random: () => number;
  readonly delay: (ms: number) => Promise<unknown>;
}

const BASE_MS = 40;
const LONGEST_MS = 2_000;

/** Retries for about ten seconds, as long as a Lambda batch can well wait. */
export const DEFAULT_PATIENCE: Patience = { attempts: 9, random: Math.random, delay: sleep };

/** Full jitter: anything up to the doubled step, so that many callers do not return at once. */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(LONGEST_MS, BASE_MS * 2 ** attempt);
}
