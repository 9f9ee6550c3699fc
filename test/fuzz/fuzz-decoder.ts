import fc from 'fast-check';
import { checkInput, Finding, pollution } from './check-input.ts';
import type { Decoder } from './decoder.ts';
import { type Recipe, recipes } from './recipe.ts';

/** An input that broke a promise, made as short as fast-check could. */
export interface Found {
  readonly input: Uint8Array;
  readonly what: string;
}

export interface Fuzzed {
  readonly inputs: number;
  readonly accepted: number;
  readonly found?: Found;
}

/** Told of every input before it is read. */
export type Watch = (input: Uint8Array) => void;

function whatOf(error: unknown): string {
  if (error instanceof Finding) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Has a decoder read inputs that are drawn by lot: the same seed draws the same.
 *
 * @param watch for whoever has to name an input over which the decoder never comes back
 */
export async function fuzzDecoder(
  decoder: Decoder,
  inputs: number,
  seed: number,
  watch: Watch = () => undefined,
): Promise<Fuzzed> {
  let accepted = 0;
  const count = (isAccepted: boolean) => {
    if (isAccepted) accepted++;
  };
  const read = (recipe: Recipe): void | Promise<void> => {
    const input = decoder.make(recipe);
    watch(input);
    const checked = checkInput(decoder, input);
    if (checked instanceof Promise) return checked.then(count);
    count(checked);
    return undefined;
  };
  const plain = decoder.make(PLAIN_RECIPE);
  watch(plain);
  let isAsync: boolean;
  try {
    const checked = checkInput(decoder, plain);
    isAsync = checked instanceof Promise;
    await checked;
  } catch (error) {
    return { inputs: 1, accepted: 0, found: { input: plain, what: whatOf(error) } };
  }
  const options = { numRuns: inputs, seed, endOnFailure: false };
  const result = isAsync
    ? await fc.check(
        fc.asyncProperty(recipes, async (recipe) => read(recipe)),
        options,
      )
    : fc.check(
        fc.property(recipes, (recipe) => void read(recipe)),
        options,
      );
  if (result.failed) {
    const [recipe] = result.counterexample ?? [PLAIN_RECIPE];
    const found = { input: decoder.make(recipe), what: whatOf(result.errorInstance) };
    return { inputs: result.numRuns, accepted, found };
  }
  const polluted = pollution();
  const found = polluted === undefined ? undefined : { input: new Uint8Array(), what: polluted };
  return { inputs, accepted, ...(found !== undefined && { found }) };
}

/** A good input, as it is. */
export const PLAIN_RECIPE: Recipe = { base: 0, shape: 0, steps: [], bytes: [] };
