/** Room for the place of an event within its slot: keys stay whole numbers below 2 ** 53. */
const ORDERS = 2 ** 24;
// Events that wait lie in blocks of one line of the processor's cache: the block before it in the slot, and pairs of
// time since the slot's begin and item.
const BLOCK = 16;
const PAIRS_AT = 2;
const PAIRS = 7;
const FIRST_BLOCKS = 1024;
const FIRST_SLOTS = 1024;
const NONE = -1;

interface Late {
  readonly time: number;
  readonly order: number;
  readonly item: number;
}

/**
 * What happens next: by time, and of two things at one time the one planned first. Times and items are whole numbers,
 * items of 32 bits. Far events wait unsorted in slots of time, and a slot is sorted when its turn comes: a whole city's
 * plans in one heap would miss the processor's cache at every step. What is planned for the slot at hand goes into a
 * small heap. Nothing is allocated for an event, except there.
 */
export class EventQueue {
  readonly #slotLength: number;
  // A ring of slots by the low bits of their number: how many events, and the block of the last ones.
  #mask = FIRST_SLOTS - 1;
  #counts = new Int32Array(FIRST_SLOTS);
  #tails = new Int32Array(FIRST_SLOTS);
  #firstSlot = Number.POSITIVE_INFINITY;
  #lastSlot = Number.NEGATIVE_INFINITY;
  #blocks = new Int32Array(FIRST_BLOCKS * BLOCK);
  #blocksUsed = 0;
  #freeBlock = NONE;
  #nearSlot = Number.NEGATIVE_INFINITY;
  #nearKeys = new Float64Array(0);
  #nearItems = new Int32Array(0);
  #nearNext = 0;
  #nearCount = 0;
  readonly #late: Late[] = [];
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

  push(time: number, item: number): void {
    const slot = Math.floor(time / this.#slotLength);
    if (slot <= this.#nearSlot) {
      addToHeap(this.#late, { time, order: this.#planned++, item });
      return;
    }
    if (slot < this.#firstSlot || slot > this.#lastSlot) this.#reach(slot);
    const place = slot & this.#mask;
    const count = this.#counts[place] as number;
    const pair = count % PAIRS;
    if (pair === 0) this.#tails[place] = this.#newBlock(count === 0 ? NONE : this.#tails[place]);
    this.#counts[place] = count + 1;
    const at = (this.#tails[place] as number) * BLOCK + PAIRS_AT + 2 * pair;
    this.#blocks[at] = time - slot * this.#slotLength;
    this.#blocks[at + 1] = item;
  }

  /** Takes the next event; undefined when there is none. */
  pop(): number | undefined {
    if (this.#nearNext === this.#nearCount) {
      if (this.#late.length > 0) return this.#popLate();
      if (!this.#nextSlot()) return undefined;
    }
    const key = this.#nearKeys[this.#nearNext] as number;
    const past = Math.floor(key / ORDERS);
    const time = this.#nearSlot * this.#slotLength + past;
    // What was planned for the slot before it was at hand was planned before what came late.
    const [late] = this.#late;
    if (late !== undefined && late.time < time) return this.#popLate();
    this.#nearNext++;
    this.#time = time;
    return this.#nearItems[key - past * ORDERS];
  }

  #popLate(): number | undefined {
    const late = takeFromHeap(this.#late);
    if (late === undefined) return undefined;
    this.#time = late.time;
    return late.item;
  }

  #nextSlot(): boolean {
    let slot = this.#firstSlot;
    while (slot <= this.#lastSlot && this.#counts[slot & this.#mask] === 0) slot++;
    if (slot > this.#lastSlot) return false;
    const place = slot & this.#mask;
    const count = this.#counts[place] as number;
    this.#counts[place] = 0;
    this.#firstSlot = slot + 1;
    this.#nearSlot = slot;
    this.#nearNext = 0;
    this.#nearCount = count;
    if (count > this.#nearKeys.length) {
      this.#nearKeys = new Float64Array(2 * count);
      this.#nearItems = new Int32Array(2 * count);
    }
    this.#empty(this.#tails[place] as number, count);
    sort(this.#nearKeys, count);
    return true;
  }

  /** Reads the events of a slot from its last block on, and frees the blocks. */
  #empty(tail: number, count: number): void {
    const blocks = this.#blocks;
    let block = tail;
    let from = Math.floor((count - 1) / PAIRS) * PAIRS;
    let until = count;
    for (; from >= 0; from -= PAIRS) {
      const at = block * BLOCK + PAIRS_AT;
      for (let order = from; order < until; order++) {
        const pair = at + 2 * (order - from);
        this.#nearKeys[order] = (blocks[pair] as number) * ORDERS + order;
        this.#nearItems[order] = blocks[pair + 1] as number;
      }
      const before = blocks[block * BLOCK] as number;
      blocks[block * BLOCK] = this.#freeBlock;
      this.#freeBlock = block;
      block = before;
      until = from;
    }
  }

  #newBlock(before = NONE): number {
    let block = this.#freeBlock;
    if (block === NONE) {
      block = this.#blocksUsed++;
      if (block * BLOCK === this.#blocks.length) this.#blocks = doubled(this.#blocks);
    } else {
      this.#freeBlock = this.#blocks[block * BLOCK] as number;
    }
    this.#blocks[block * BLOCK] = before;
    return block;
  }

  /** Makes the ring long enough for a slot before the first or after the last one. */
  #reach(slot: number): void {
    const first = Math.min(this.#firstSlot, slot);
    const last = Math.max(this.#lastSlot, slot);
    let slots = this.#mask + 1;
    while (last - first >= slots) slots *= 2;
    if (slots > this.#mask + 1) {
      const [counts, tails] = [new Int32Array(slots), new Int32Array(slots)];
      for (let known = this.#firstSlot; known <= this.#lastSlot; known++) {
        counts[known & (slots - 1)] = this.#counts[known & this.#mask] as number;
        tails[known & (slots - 1)] = this.#tails[known & this.#mask] as number;
      }
      this.#mask = slots - 1;
      this.#counts = counts;
      this.#tails = tails;
    }
    this.#firstSlot = first;
    this.#lastSlot = last;
  }
}

function doubled(list: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * list.length);
  larger.set(list);
  return larger;
}

/** Sorts the first `count` numbers. Few of them are sorted here faster than they are passed to the engine's sort. */
function sort(keys: Float64Array, count: number): void {
  if (count > 64) {
    keys.subarray(0, count).sort();
    return;
  }
  for (let next = 1; next < count; next++) {
    const key = keys[next] as number;
    let at = next;
    for (; at > 0 && (keys[at - 1] as number) > key; at--) keys[at] = keys[at - 1] as number;
    keys[at] = key;
  }
}

function before(one: Late, other: Late): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order);
}

function addToHeap(heap: Late[], late: Late): void {
  let at = heap.length;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Late;
    if (before(above, late)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = late;
}

function takeFromHeap(heap: Late[]): Late | undefined {
  const top = heap[0];
  const last = heap.pop();
  const size = heap.length;
  if (last === undefined || size === 0) return top;
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    if (child + 1 < size && before(heap[child + 1] as Late, heap[child] as Late)) child++;
    const below = heap[child] as Late;
    if (before(last, below)) break;
    heap[at] = below;
    at = child;
  }
  heap[at] = last;
  return top;
}
