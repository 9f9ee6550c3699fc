import { sampleWith } from './sample-with.ts';
import type { SeededRandom } from './seeded-random.ts';
import { TalkSwaps } from './swap-talks.ts';

/** How far the average of the calls to come may fall until needs are reckoned anew. */
const USUAL_STEP = 0.95;
/** A talk so many times as long as the average is dealt out by need. */
const LONG_TALK = 2.5;
const TUNING_ROUNDS = 3;
/** How loosely the calls and the seconds of a contact go together. [assumption] */
const PAIRING_SPREAD = 0.4;

/**
 * Deals talks out to contacts: each contact gets as many as it has calls, and the seconds of the contacts come to
 * the given middle and largest value as nearly as the talks allow.
 *
 * @param lengths seconds of each call
 * @param callsOf calls of each contact, together as many as there are lengths
 * @returns the talks in another order, and the contact of each
 */
export function sharedOut(
  lengths: Int32Array,
  callsOf: Int32Array,
  seconds: { readonly median: number; readonly max: number },
  random: SeededRandom,
): { readonly talks: Int32Array; readonly owners: Int32Array } {
  const talks = lengths.slice().sort().reverse();
  const owners = new Int32Array(talks.length);
  if (callsOf.length < 2) return { talks, owners };
  const total = talks.reduce((sum, talk) => sum + talk, 0);
  // Whoever calls more mostly talks more.
  const counts = callsOf.slice().sort();
  const lots = Float64Array.from(counts, (calls) => random.logNormal(calls, PAIRING_SPREAD));
  const ranked = Int32Array.from(counts.keys())
    .sort((one, other) => (lots[one] as number) - (lots[other] as number))
    .map((contact) => counts[contact] as number);
  const wanted = sampleWith({
    length: callsOf.length,
    min: talks.at(-1) ?? 0,
    ...seconds,
    sum: total,
  }).sort();
  const heap = new NeedHeap(wanted, ranked);
  // Long talks go to the contact that lacks most if its other calls are usual ones.
  let left = total;
  let place = 0;
  for (; place < talks.length; place++) {
    const talk = talks[place] as number;
    if (talk * talks.length < LONG_TALK * total) break;
    heap.expect(left / (talks.length - place));
    owners[place] = heap.give(talk);
    left -= talk;
  }
  fillUp(talks, owners, place, heap, random);
  const swaps = new TalkSwaps(talks, owners, callsOf.length, random);
  for (let round = 0; round < TUNING_ROUNDS; round++) {
    swaps.tuneMax(seconds.max, seconds.median);
    swaps.tuneMedian(seconds.median, seconds.max);
  }
  return { talks, owners };
}

/** The rest: contacts with few calls first take what fits them best, and those with many have the choice left to them. */
function fillUp(
  talks: Int32Array,
  owners: Int32Array,
  from: number,
  { lacks, calls }: NeedHeap,
  random: SeededRandom,
): void {
  const free = new FreePlaces(talks, from);
  const total = talks.subarray(from).reduce((sum, talk) => sum + talk, 0);
  const usual = total / Math.max(1, talks.length - from);
  const least = talks.at(-1) ?? 0;
  const contacts = Int32Array.from(calls.keys()).sort(
    (one, other) =>
      (calls[one] as number) - (calls[other] as number) ||
      (lacks[one] as number) - (lacks[other] as number),
  );
  for (const contact of contacts) {
    let lack = lacks[contact] as number;
    for (let left = calls[contact] as number; left > 0; left--) {
      const drawn = talks[from + random.below(talks.length - from)] as number;
      const wish =
        left === 1
          ? lack
          : Math.min(lack - (left - 1) * least, usual > 0 ? (drawn * lack) / (left * usual) : 0);
      const place = free.takeNearest(wish);
      owners[place] = contact;
      lack -= talks[place] as number;
    }
  }
}

/** Places of a descending list that are not taken yet. */
class FreePlaces {
  readonly #talks: Int32Array;
  readonly #from: number;
  // Where to look next when a place is taken; shortened on the way.
  readonly #after: Int32Array;
  readonly #before: Int32Array;

  constructor(talks: Int32Array, from: number) {
    this.#talks = talks;
    this.#from = from;
    this.#after = Int32Array.from({ length: talks.length + 1 }, (_, place) => place);
    // One further, so that 0 stands for the place before the first.
    this.#before = Int32Array.from({ length: talks.length + 1 }, (_, place) => place);
  }

  /** Takes the place whose talk is nearest to a wish; at least one must be free. */
  takeNearest(wish: number): number {
    const talks = this.#talks;
    let [low, high] = [this.#from, talks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((talks[middle] as number) > wish) low = middle + 1;
      else high = middle;
    }
    const shorter = find(this.#after, low);
    const longer = find(this.#before, low) - 1;
    const noLonger = longer < this.#from;
    const takeShorter =
      shorter < talks.length &&
      (noLonger || wish - (talks[shorter] as number) <= (talks[longer] as number) - wish);
    const taken = takeShorter ? shorter : longer;
    this.#after[taken] = taken + 1;
    this.#before[taken + 1] = taken;
    return taken;
  }
}

function find(next: Int32Array, from: number): number {
  let found = from;
  while ((next[found] as number) !== found) found = next[found] as number;
  // So that the next search is short.
  for (let at = from; at !== found; ) {
    const following = next[at] as number;
    next[at] = found;
    at = following;
  }
  return found;
}

/** The contacts that still have calls to get, the neediest on top. */
class NeedHeap {
  /** Seconds and calls that a contact lacks. */
  readonly lacks: Float64Array;
  readonly calls: Int32Array;
  readonly #heap: Int32Array;
  #size: number;
  #usual = Number.POSITIVE_INFINITY;

  constructor(wanted: Int32Array, calls: Int32Array) {
    this.calls = calls;
    this.lacks = Float64Array.from(wanted);
    this.#size = wanted.length;
    this.#heap = Int32Array.from(wanted.keys());
  }

  /** Says how long the calls to come are on average; needs are reckoned anew when that has changed enough. */
  expect(usual: number): void {
    if (usual > this.#usual * USUAL_STEP) return;
    this.#usual = usual;
    for (let at = (this.#size >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** Gives the neediest contact a talk. @returns that contact */
  give(seconds: number): number {
    const contact = this.#heap[0] as number;
    const left = (this.calls[contact] as number) - 1;
    this.calls[contact] = left;
    this.lacks[contact] = (this.lacks[contact] as number) - seconds;
    if (left === 0) this.#heap[0] = this.#heap[--this.#size] as number;
    this.#sink(0);
    return contact;
  }

  #need(contact: number): number {
    return (this.lacks[contact] as number) - ((this.calls[contact] as number) - 1) * this.#usual;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const moved = heap[from] as number;
    const need = this.#need(moved);
    let at = from;
    for (let child = 2 * at + 1; child < this.#size; child = 2 * at + 1) {
      const right = child + 1;
      let most = this.#need(heap[child] as number);
      if (right < this.#size && this.#need(heap[right] as number) > most) {
        most = this.#need(heap[right] as number);
        child = right;
      }
      if (most <= need) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = moved;
  }
}
