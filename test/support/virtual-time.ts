import { setImmediate } from 'node:timers/promises';

/** Time that passes only when nothing else is left to do. */
export class VirtualTime {
  /** Epoch ms. */
  now: number;
  private readonly timers: { at: number; order: number; act: () => void }[] = [];
  private order = 0;

  constructor(start: number) {
    this.now = start;
  }

  at(time: number, act: () => void): void {
    this.timers.push({ at: Math.max(time, this.now), order: this.order++, act });
  }

  /** Runs whatever is due until `isOver` holds, or nothing is left. */
  async run(isOver: () => boolean): Promise<void> {
    for (;;) {
      // Everything that waits on promises alone happens before time goes on.
      await setImmediate();
      if (isOver()) return;
      this.timers.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.timers.shift();
      if (next === undefined) return;
      this.now = next.at;
      next.act();
    }
  }
}
