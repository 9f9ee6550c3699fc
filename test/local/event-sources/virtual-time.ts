import type { Delay } from '../../../lib/local/event-sources/delay.ts';

interface Timer {
  atMs: number;
  resolve: () => void;
}

/** A clock that jumps to the next timer as soon as nothing else is left to do. */
export class VirtualTime {
  #nowMs: number;
  #timers: Timer[] = [];

  constructor(startMs = Date.UTC(2026, 10, 23, 9, 14, 3)) {
    this.#nowMs = startMs;
  }

  readonly now = (): number => this.#nowMs;

  readonly delay: Delay = (ms, signal) =>
    new Promise((resolve) => {
      const timer = { atMs: this.#nowMs + ms, resolve };
      const cancel = () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        resolve();
      };
      if (signal.aborted) return resolve();
      signal.addEventListener('abort', cancel, { once: true });
      this.#timers.push(timer);
    });

  /** Sleeps for a virtual time, without a way to interrupt it. */
  readonly sleep = (ms: number): Promise<void> => this.delay(ms, new AbortController().signal);

  /** Lets time pass until the condition holds. */
  async until(condition: () => boolean, deadlineMs = 600_000): Promise<void> {
    const endMs = this.#nowMs + deadlineMs;
    while (true) {
      // One turn of the event loop runs every pending promise of the code under test.
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (condition()) return;
      const next = this.#timers.sort((a, b) => a.atMs - b.atMs).shift();
      if (!next) throw new Error('The condition never holds: nothing is left to wait for');
      if (next.atMs > endMs) throw new Error(`The condition does not hold after ${deadlineMs} ms`);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.resolve();
    }
  }

  /** Lets a time pass. */
  async pass(ms: number): Promise<void> {
    let over = false;
    void this.sleep(ms).then(() => {
      over = true;
    });
    await this.until(() => over);
  }
}
