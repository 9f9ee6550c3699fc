import fc from 'fast-check';
import { HOSTILE_BYTES } from './hostile-text.ts';

/** One thing that is done to an input: what, where, and two numbers more. */
export type Step = readonly [kind: number, where: number, a: number, b: number];

/**
 * How an input is made: which good one it begins with, what is done to its structure, and what to its bytes. Numbers
 * only, so that fast-check draws thousands in a blink and shrinks them to the few steps that matter.
 */
export interface Recipe {
  readonly base: number;
  readonly shape: number;
  readonly steps: readonly Step[];
  readonly bytes: readonly Step[];
}

const MOST = 0x7fff_ffff;
const number = fc.noBias(fc.nat(MOST));
const step: fc.Arbitrary<Step> = fc.tuple(number, number, number, number);

export const recipes: fc.Arbitrary<Recipe> = fc
  .tuple(
    number,
    number,
    fc.array(step, { maxLength: 4, size: 'max' }),
    // Most inputs keep their bytes: what is no JSON any more never reaches what comes after.
    fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(step, { minLength: 1, maxLength: 3 }) },
    ),
  )
  .map(([base, shape, steps, bytes]) => ({ base, shape, steps, bytes }));

/** One of a list, whatever the number. */
export function pick<T>(list: readonly T[], at: number): T {
  return list[at % list.length] as T;
}

const MOST_REPEATS = 64;

function brokenOnce(input: Uint8Array, [kind, where, a, b]: Step, others: readonly Uint8Array[]) {
  const at = where % (input.length + 1);
  const head = input.subarray(0, at);
  const length = a % 16;
  switch (kind % 8) {
    case 0:
      return head;
    case 1: {
      const flipped = Uint8Array.from(input);
      if (flipped.length > 0)
        flipped[at % flipped.length] = (flipped[at % flipped.length] ?? 0) ^ (1 << (a % 8));
      return flipped;
    }
    case 2:
      return Buffer.concat([head, pick(HOSTILE_BYTES, b), input.subarray(at)]);
    case 3:
      return Buffer.concat([head, pick(HOSTILE_BYTES, b), input.subarray(at + length)]);
    case 4:
      return Buffer.concat([head, input.subarray(at + length)]);
    case 5: {
      const other = pick(others, a);
      return Buffer.concat([head, other.subarray(b % (other.length + 1))]);
    }
    case 6: {
      const piece = input.subarray(at, at + length);
      const times = b % MOST_REPEATS;
      return Buffer.concat([
        head,
        ...Array.from({ length: times }, () => piece),
        input.subarray(at),
      ]);
    }
    default: {
      const changed = Uint8Array.from(input);
      if (changed.length > 0) changed[at % changed.length] = a % 256;
      return changed;
    }
  }
}

/**
 * Breaks bytes: cuts, flips, repeats, puts in what means something.
 *
 * @param others what pieces are taken from
 */
export function brokenBytes(
  input: Uint8Array,
  steps: readonly Step[],
  others: readonly Uint8Array[],
): Uint8Array {
  return steps.reduce((bytes, step) => brokenOnce(bytes, step, others), input);
}
