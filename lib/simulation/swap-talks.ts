import type { SeededRandom } from './seeded-random.ts';

/** So many talks of a contact are tried, and so many partners around the ideal one. */
const TRIES = 12;
const NEIGHBOURS = 24;
/** Exchanges that bring the largest sum to its value. */
const MAX_ROUNDS = 12;

/** Talks and their contacts, for exchanging two talks between contacts. */
export class TalkSwaps {
  /** Descending. */
  readonly #talks: Int32Array;
  readonly #owners: Int32Array;
  readonly #random: SeededRandom;
  readonly #sums: Float64Array;
  /** Places of each contact's talks, one contact after the other. */
  readonly #places: Int32Array;
  readonly #firstPlace: Int32Array;
  /** Where in `#places` a place stands. */
  readonly #slots: Int32Array;

  constructor(talks: Int32Array, owners: Int32Array, contacts: number, random: SeededRandom) {
    this.#talks = talks;
    this.#owners = owners;
    this.#random = random;
    this.#sums = new Float64Array(contacts);
    this.#firstPlace = new Int32Array(contacts + 1);
    for (let place = 0; place < owners.length; place++) {
      const owner = owners[place] as number;
      this.#sums[owner] = (this.#sums[owner] as number) + (talks[place] as number);
      this.#firstPlace[owner + 1] = (this.#firstPlace[owner + 1] as number) + 1;
    }
    for (let owner = 0; owner < contacts; owner++) {
      this.#firstPlace[owner + 1] =
        (this.#firstPlace[owner + 1] as number) + (this.#firstPlace[owner] as number);
    }
    this.#places = new Int32Array(owners.length);
    this.#slots = new Int32Array(owners.length);
    const filled = this.#firstPlace.slice();
    for (let place = 0; place < owners.length; place++) {
      const owner = owners[place] as number;
      const slot = filled[owner] as number;
      filled[owner] = slot + 1;
      this.#places[slot] = place;
      this.#slots[place] = slot;
    }
  }

  /** Brings the largest sum to `max`, as nearly as exchanges allow, and moves no sum across `median`. */
  tuneMax(max: number, median: number): void {
    const top = this.#ranked().at(-1) as number;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const lack = max - (this.#sums[top] as number);
      // A partner must not become the largest, either.
      const allows = (sum: number, before: number) =>
        sum < max && sum < median === before < median && sum > median === before > median;
      if (lack === 0 || !this.#exchange(top, lack, allows)) return;
    }
  }

  /** Brings the middle sum to `median`: contacts beside the middle get what the large ones can spare, or give it. */
  tuneMedian(median: number, max: number): void {
    const ranked = this.#ranked();
    const middle = ranked.length >> 1;
    const below = ranked.filter((contact) => (this.#sums[contact] as number) < median).length;
    // Of an even number, the two in the middle are brought to the value.
    const first = ranked.length % 2 === 0 ? middle - 1 : middle;
    const moved = [
      ...ranked.slice(first, Math.max(below, middle + 1)),
      ...ranked.slice(Math.min(first, below), first),
    ];
    for (const contact of moved) {
      const lack = Math.round(median - (this.#sums[contact] as number));
      if (lack === 0) continue;
      // Whoever is above stays above.
      this.#exchange(contact, lack, (sum, before) => before > median && sum > median && sum < max);
    }
  }

  #ranked(): Int32Array {
    return Int32Array.from(this.#sums.keys()).sort(
      (one, other) => (this.#sums[one] as number) - (this.#sums[other] as number),
    );
  }

  /** Exchanges a talk of a contact for one that is longer by about `lack`. @returns whether the sum came nearer */
  #exchange(
    contact: number,
    lack: number,
    allows: (sum: number, before: number) => boolean,
  ): boolean {
    const from = this.#firstPlace[contact] as number;
    const count = (this.#firstPlace[contact + 1] as number) - from;
    let best = { given: -1, taken: -1, missing: Math.abs(lack) };
    for (let attempt = 0; attempt < Math.min(TRIES, 2 * count); attempt++) {
      const given = this.#places[from + this.#random.below(count)] as number;
      const ideal = this.#placeOf((this.#talks[given] as number) + lack);
      for (let step = 0; step < NEIGHBOURS; step++) {
        const taken = ideal + (step % 2 === 0 ? step >> 1 : -(step + 1) >> 1);
        const missing = this.#missing(contact, given, taken, lack, allows);
        if (missing < best.missing) best = { given, taken, missing };
      }
      if (best.missing === 0) break;
    }
    if (best.given < 0) return false;
    this.#swap(best.given, best.taken);
    return true;
  }

  #missing(
    contact: number,
    given: number,
    taken: number,
    lack: number,
    allows: (sum: number, before: number) => boolean,
  ): number {
    if (taken < 0 || taken >= this.#talks.length) return Number.POSITIVE_INFINITY;
    const partner = this.#owners[taken] as number;
    if (partner === contact) return Number.POSITIVE_INFINITY;
    const gain = (this.#talks[taken] as number) - (this.#talks[given] as number);
    const before = this.#sums[partner] as number;
    if (!allows(before - gain, before)) return Number.POSITIVE_INFINITY;
    return Math.abs(lack - gain);
  }

  /** The first place whose talk is not longer. */
  #placeOf(seconds: number): number {
    let [low, high] = [0, this.#talks.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#talks[middle] as number) > seconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #swap(one: number, other: number): void {
    const [first, second] = [this.#owners[one] as number, this.#owners[other] as number];
    const gain = (this.#talks[other] as number) - (this.#talks[one] as number);
    this.#sums[first] = (this.#sums[first] as number) + gain;
    this.#sums[second] = (this.#sums[second] as number) - gain;
    this.#owners[one] = second;
    this.#owners[other] = first;
    const [slotOne, slotOther] = [this.#slots[one] as number, this.#slots[other] as number];
    this.#places[slotOne] = other;
    this.#places[slotOther] = one;
    this.#slots[one] = slotOther;
    this.#slots[other] = slotOne;
  }
}
