import type { PartyId } from './parties.ts';
import type { Range } from './scenario-schema.ts';
import type { SeededRandom } from './seeded-random.ts';

/** How strongly a person keeps to the nearest of a circle: few contacts take most of the calls. */
const CONCENTRATION = 2.2;
const SEAT_FIELDS = 4;

/**
 * People parted into circles (households, workplaces, friends). Within its circle everyone sits in a ring and
 * mostly calls the nearest neighbours, who therefore call back as often: ties are mutual.
 */
export class Circles {
  readonly #order: Int32Array;
  /** Of each person, side by side: the seat, the first seat of the circle, and how many seats it has. */
  readonly #seats: Int32Array;

  /** @param shuffled false keeps neighbours in one circle, as households are */
  constructor(people: number, size: Range, shuffled: boolean, random: SeededRandom) {
    this.#order = Int32Array.from({ length: people }, (_, person) => person);
    if (shuffled) shuffle(this.#order, random);
    this.#seats = new Int32Array(people * SEAT_FIELDS);
    for (let start = 0; start < people; ) {
      const members = Math.min(random.wholeBetween(size), people - start);
      for (let seat = start; seat < start + members; seat++) {
        this.#seats.set([seat, start, members], (this.#order[seat] as number) * SEAT_FIELDS);
      }
      start += members;
    }
  }

  /** Somebody of the person's circle; undefined for one who is alone in it. */
  mateOf(person: PartyId, random: SeededRandom): PartyId | undefined {
    const at = person * SEAT_FIELDS;
    const seat = this.#seats[at] as number;
    const start = this.#seats[at + 1] as number;
    const size = this.#seats[at + 2] as number;
    if (size < 2) return undefined;
    const distance = 1 + Math.floor(((size - 1) / 2) * random.next() ** CONCENTRATION);
    const step = random.chance(0.5) ? distance : size - distance;
    return this.#order[start + ((seat - start + step) % size)];
  }

  /** Everybody else of the person's circle. */
  matesOf(person: PartyId): PartyId[] {
    const at = person * SEAT_FIELDS;
    const start = this.#seats[at + 1] as number;
    const size = this.#seats[at + 2] as number;
    return [...this.#order.subarray(start, start + size)].filter((mate) => mate !== person);
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
