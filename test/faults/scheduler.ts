/** Resolves when every promise that can go on without time passing has done so. */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/**
 * Time that passes only when nothing else is left to do. One thing happens after the other, those of one time in the
 * order in which they were planned: so the same plan gives the same history, to the last step.
 */
export class Scheduler {
  /** Epoch ms. */
  now: number;
  /** Things that happened so far. */
  steps = 0;
  readonly #heap: Timer[] = [];
  #order = 0;

  constructor(start: number) {
    this.now = start;
  }

  at(time: number, act: () => void): void {
    const timer = { at: Math.max(time, this.now), order: this.#order++, act };
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent] as Timer;
      if (isBefore(above, timer)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = timer;
  }

  after(ms: number, act: () => void): void {
    this.at(this.now + ms, act);
  }

  delay(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /**
   * Runs whatever is due until nothing is left.
   *
   * @returns false when it gave up: at the deadline (epoch ms), or after so many steps
   */
  async run(deadline: number, mostSteps: number): Promise<boolean> {
    for (;;) {
      await settled();
      const next = this.#take();
      if (next === undefined) return true;
      if (next.at > deadline || this.steps >= mostSteps) return false;
      this.steps++;
      this.now = next.at;
      next.act();
    }
  }

  #take(): Timer | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    const size = heap.length;
    if (last === undefined || size === 0) return top;
    let place = 0;
    for (let child = 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && isBefore(heap[child + 1] as Timer, heap[child] as Timer)) child++;
      const below = heap[child] as Timer;
      if (isBefore(last, below)) break;
      heap[place] = below;
      place = child;
    }
    heap[place] = last;
    return top;
  }
}
