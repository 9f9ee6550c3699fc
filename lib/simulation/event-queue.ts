/** Room for the place of an event within its slot: keys stay whole numbers below 2 ** 53. */
const ORDERS = 2 ** 24;

interface Slot<T> {
  /** Time since the slot's begin and order of planning, in one number: sorting them needs no comparator. */
  readonly keys: number[];
  readonly items: T[];
}

interface Planned<T> {
  readonly time: number;
  readonly order: number;
  readonly item: T;
}

/**
 * What happens next: by time, and of two things at one time the one planned first. Times are whole numbers. Far
 * events wait unsorted in slots of time, and a slot is sorted when its turn comes: a whole city's plans in one heap
 * would miss the processor's cache at every step. What is planned for the slot at hand goes into a small heap.
 */
export class EventQueue<T> {
  readonly #slotLength: number;
  readonly #slots = new Map<number, Slot<T>>();
  #firstSlot = Number.POSITIVE_INFINITY;
  #lastSlot = Number.NEGATIVE_INFINITY;
  #nearSlot = Number.NEGATIVE_INFINITY;
  #nearKeys = new Float64Array(0);
  #nearItems: T[] = [];
  #nearNext = 0;
  readonly #late: Planned<T>[] = [];
  #planned = 0;
  #time = Number.NEGATIVE_INFINITY;

  /** @param slotLength in units of time */
  constructor(slotLength: number) {
    this.#slotLength = slotLength;
  }

  /** The time of what `pop` took last. */
  get time(): number {
    return this.#time;
  }

  push(time: number, item: T): void {
    const slot = Math.floor(time / this.#slotLength);
    if (slot <= this.#nearSlot) {
      addToHeap(this.#late, { time, order: this.#planned++, item });
      return;
    }
    let waiting = this.#slots.get(slot);
    if (waiting === undefined) {
      waiting = { keys: [], items: [] };
      this.#slots.set(slot, waiting);
      this.#firstSlot = Math.min(this.#firstSlot, slot);
      this.#lastSlot = Math.max(this.#lastSlot, slot);
    }
    waiting.keys.push((time - slot * this.#slotLength) * ORDERS + waiting.items.length);
    waiting.items.push(item);
  }

  /** Takes the next event; undefined when there is none. */
  pop(): T | undefined {
    if (this.#nearNext === this.#nearKeys.length) {
      if (this.#late.length > 0) return this.#popLate();
      if (!this.#nextSlot()) return undefined;
    }
    const key = this.#nearKeys[this.#nearNext] as number;
    const time = this.#nearSlot * this.#slotLength + Math.floor(key / ORDERS);
    // What was planned for the slot before it was at hand was planned before what came late.
    const [late] = this.#late;
    if (late !== undefined && late.time < time) return this.#popLate();
    this.#nearNext++;
    this.#time = time;
    return this.#nearItems[key % ORDERS];
  }

  #popLate(): T | undefined {
    const late = takeFromHeap(this.#late);
    if (late === undefined) return undefined;
    this.#time = late.time;
    return late.item;
  }

  #nextSlot(): boolean {
    let slot = Math.max(this.#nearSlot + 1, this.#firstSlot);
    while (slot <= this.#lastSlot && !this.#slots.has(slot)) slot++;
    const found = this.#slots.get(slot);
    if (found === undefined) return false;
    this.#slots.delete(slot);
    this.#nearSlot = slot;
    this.#nearKeys = Float64Array.from(found.keys).sort();
    this.#nearItems = found.items;
    this.#nearNext = 0;
    return true;
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
