import type { PartyId } from './parties.ts';
import type { Range } from './scenario-schema.ts';
import type { SeededRandom } from './seeded-random.ts';

/** How strongly a person keeps to the nearest of a circle: few contacts take most of the calls. */
const CONCENTRATION = 2.2;

/**
 * People parted into circles (households, workplaces, friends). Within its circle everyone sits in a ring and
 * mostly calls the nearest neighbours, who therefore call back as often: ties are mutual.
 */
export class Circles {
  readonly #order: Int32Array;
  readonly #seat: Int32Array;
  readonly #circleStart: Int32Array;
  readonly #circleSize: Int32Array;

  /** @param shuffled false keeps neighbours in one circle, as households are */
  constructor(people: number, size: Range, shuffled: boolean, random: SeededRandom) {
    this.#order = Int32Array.from({ length: people }, (_, person) => person);
    if (shuffled) shuffle(this.#order, random);
    this.#seat = new Int32Array(people);
    this.#circleStart = new Int32Array(people);
    this.#circleSize = new Int32Array(people);
    for (let start = 0; start < people; ) {
      const members = Math.min(random.wholeBetween(size), people - start);
      for (let seat = start; seat < start + members; seat++) {
        this.#seat[this.#order[seat] as number] = seat;
        this.#circleStart[seat] = start;
        this.#circleSize[seat] = members;
      }
      start += members;
    }
  }

  /** Somebody of the person's circle; undefined for one who is alone in it. */
  mateOf(person: PartyId, random: SeededRandom): PartyId | undefined {
    const seat = this.#seat[person] as number;
    const start = this.#circleStart[seat] as number;
    const size = this.#circleSize[seat] as number;
    if (size < 2) return undefined;
    const distance = 1 + Math.floor(((size - 1) / 2) * random.next() ** CONCENTRATION);
    const step = random.chance(0.5) ? distance : size - distance;
    return this.#order[start + ((seat - start + step) % size)];
  }
}

function shuffle(order: Int32Array, random: SeededRandom): void {
  for (let last = order.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const kept = order[last] as number;
    order[last] = order[other] as number;
    order[other] = kept;
  }
}
