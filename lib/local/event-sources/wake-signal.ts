import type { Delay } from './delay.ts';

/**
 * Lets a loop sleep until something happens. A wake that comes while nobody waits is kept, so
 * nothing is missed between looking and waiting.
 */
export class WakeSignal {
  readonly #delay: Delay;
  #pending = false;
  #interrupt: (() => void) | undefined;

  constructor(delay: Delay) {
    this.#delay = delay;
  }

  wake(): void {
    this.#pending = true;
    this.#interrupt?.();
  }

  /** Forgets a wake that nobody waited for. */
  reset(): void {
    this.#pending = false;
  }

  /** Resolves on the next wake, or after `ms` milliseconds if they are given. */
  async wait(ms?: number): Promise<void> {
    if (!this.#pending) {
      const abort = new AbortController();
      const woken = new Promise<void>((resolve) => {
        this.#interrupt = resolve;
      });
      await (ms === undefined ? woken : Promise.race([woken, this.#delay(ms, abort.signal)]));
      this.#interrupt = undefined;
      abort.abort();
    }
    this.#pending = false;
  }
}
