/**
 * A small seeded generator (sfc32, Chris Doty-Humphrey's PractRand; 128 bits of state): the same seed
 * gives the same city on every machine.
 */
export class SeededRandom {
  readonly #seed: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  #spareNormal: number | undefined;

  constructor(seed: number, label = '') {
    this.#seed = seed;
    const folded = [...label].reduce((hash, letter) => mix32(hash ^ letter.charCodeAt(0)), 0);
    this.#a = mix32((seed >>> 0) ^ 0x9e37_79b9);
    this.#b = mix32(Math.floor(seed / 2 ** 32) ^ 0x243f_6a88);
    this.#c = mix32(folded ^ 0xb7e1_5162);
    for (let round = 0; round < 12; round++) this.next();
  }

  /** An independent generator for one purpose: drawing more of one thing leaves the others as they were. */
  fork(label: string): SeededRandom {
    return new SeededRandom(this.#seed, label);
  }

  /** Uniform in [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** Uniform in [from, to). */
  between(range: readonly [number, number]): number {
    return range[0] + this.next() * (range[1] - range[0]);
  }

  /** A whole number from `from` to `to`, both included. */
  wholeBetween(range: readonly [number, number]): number {
    return range[0] + this.below(range[1] - range[0] + 1);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  /** Log-normal by its median and the standard deviation of its logarithm. */
  logNormal(median: number, spread: number): number {
    return median * Math.exp(spread * this.#normal());
  }

  #normal(): number {
    const spare = this.#spareNormal;
    if (spare !== undefined) {
      this.#spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    const angle = 2 * Math.PI * this.next();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/** A stateless hash of 32 bits (the finaliser of MurmurHash3): lasting traits of a party are read from it. */
export function mix32(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
