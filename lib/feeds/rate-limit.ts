/** Time as the feeds see it; tests bring their own. */
export interface FeedTimer {
  /** Milliseconds on any steadily growing clock. */
  now(): number;
  /** Calls back once after so many milliseconds; the returned function calls it off. */
  schedule(ms: number, callback: () => void): () => void;
}

/** The computer's own time. */
export const systemTimer: FeedTimer = {
  now: () => performance.now(),
  schedule: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Takes one turn: undefined when it is due already, else a promise of it. */
export type RateLimit = () => Promise<void> | undefined;

/** Timers are late by a millisecond or two: turns this close are taken at once, and lateness made up. */
const TOLERANCE_MS = 10;

/** At most so many turns a second, evenly spread; a caller who paused gets no burst beyond 10 ms. */
export function createRateLimit(turnsPerSecond: number, timer: FeedTimer): RateLimit {
  const spacingMs = 1000 / turnsPerSecond;
  let nextAt = timer.now();
  return () => {
    const now = timer.now();
    nextAt = Math.max(nextAt, now - TOLERANCE_MS) + spacingMs;
    const wait = nextAt - spacingMs - now;
    if (wait <= 0) return undefined;
    return new Promise((resolve) => timer.schedule(wait, resolve));
  };
}
