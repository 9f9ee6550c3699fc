interface Planned<T> {
  readonly time: number;
  readonly order: number;
  readonly item: T;
}

/**
 * What happens next: by time, and of two things at one time the one planned first. Far events wait unsorted in
 * slots of time, only the slot at hand is kept as a heap: a whole city's plans in one heap would miss the
 * processor's cache at every step.
 */
export class EventQueue<T> {
  readonly #slotLength: number;
  readonly #slots = new Map<number, Planned<T>[]>();
  /** Numbers of the waiting slots, lowest first. */
  readonly #waiting: number[] = [];
  #near: Planned<T>[] = [];
  #nearSlot = Number.NEGATIVE_INFINITY;
  #planned = 0;

  /** @param slotLength in units of time */
  constructor(slotLength: number) {
    this.#slotLength = slotLength;
  }

  push(time: number, item: T): void {
    const planned = { time, order: this.#planned++, item };
    const slot = Math.floor(time / this.#slotLength);
    if (slot <= this.#nearSlot) {
      addToHeap(this.#near, planned);
      return;
    }
    const waiting = this.#slots.get(slot);
    if (waiting === undefined) this.#openSlot(slot, planned);
    else waiting.push(planned);
  }

  /** Takes the next event; undefined when there is none. */
  pop(): { readonly time: number; readonly item: T } | undefined {
    if (this.#near.length === 0) this.#nextSlot();
    return takeFromHeap(this.#near);
  }

  #openSlot(slot: number, planned: Planned<T>): void {
    this.#slots.set(slot, [planned]);
    let at = this.#waiting.length;
    while (at > 0 && (this.#waiting[at - 1] as number) > slot) at--;
    this.#waiting.splice(at, 0, slot);
  }

  #nextSlot(): void {
    const slot = this.#waiting.shift();
    if (slot === undefined) return;
    this.#nearSlot = slot;
    // A sorted list is a heap.
    this.#near = (this.#slots.get(slot) ?? []).sort((one, other) => (before(one, other) ? -1 : 1));
    this.#slots.delete(slot);
  }
}

function before(one: Planned<unknown>, other: Planned<unknown>): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order);
}

function addToHeap<T>(heap: Planned<T>[], planned: Planned<T>): void {
  let at = heap.length;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Planned<T>;
    if (before(above, planned)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = planned;
}

function takeFromHeap<T>(heap: Planned<T>[]): Planned<T> | undefined {
  const top = heap[0];
  const last = heap.pop();
  const size = heap.length;
  if (last === undefined || size === 0) return top;
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    if (child + 1 < size && before(heap[child + 1] as Planned<T>, heap[child] as Planned<T>))
      child++;
    const below = heap[child] as Planned<T>;
    if (before(last, below)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
  return top;
}
