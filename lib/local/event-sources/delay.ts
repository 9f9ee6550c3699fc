import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after `ms` milliseconds, or at once when `signal` is aborted. */
export type Delay = (ms: number, signal: AbortSignal) => Promise<void>;

/** A delay by the machine's clock. */
export const realDelay: Delay = async (ms, signal) => {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};
