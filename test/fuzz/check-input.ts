import { plainLines } from '../../bin/terminal/plain-text.ts';
import { ACTING } from '../../lib/domain/plain-text.ts';
import type { Decoder, Outcome } from './decoder.ts';

/** A promise that an input broke. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

const ACTS = new RegExp(ACTING.source, 'u');
/** Everything that is made of an input may be so much larger, and no more. */
const USUAL_GROWTH = 32;
/** An error says a few lines, however small its input was. */
const ALLOWANCE = 64 * 1024;
const PROTOTYPES: readonly object[] = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  Number.prototype,
  Boolean.prototype,
  Map.prototype,
  Set.prototype,
  RegExp.prototype,
  Promise.prototype,
  Error.prototype,
  Uint8Array.prototype,
];
const before = PROTOTYPES.map((prototype) => Object.getOwnPropertyDescriptors(prototype));
const counts = PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).length);

/** What was changed of what all objects share; undefined when nothing was. */
export function pollution(): string | undefined {
  for (const [i, prototype] of PROTOTYPES.entries()) {
    const keys = Reflect.ownKeys(prototype);
    if (keys.length !== counts[i]) {
      return `a prototype has other properties than before: ${keys.map(String).join(', ')}`;
    }
    const known = before[i] as Record<PropertyKey, PropertyDescriptor>;
    const changed = keys.find((key) => {
      const now = Reflect.getOwnPropertyDescriptor(prototype, key);
      return now?.value !== known[key]?.value || now?.get !== known[key]?.get;
    });
    if (changed !== undefined) return `a prototype has another ${String(changed)} than before`;
  }
  return undefined;
}

const NO_ITEMS: readonly unknown[] = [];

/** What assigning to a prototype leaves behind, told at no cost: it shows in everything. */
function pollutedKey(): string | undefined {
  for (const key in NO_ITEMS) return key;
  return undefined;
}

const PLAIN: ReadonlySet<unknown> = new Set([
  Object.prototype,
  Array.prototype,
  Map.prototype,
  null,
]);
const EMPTY_BYTES = 16;

/** Bytes that a value takes, roughly; throws where it is more than plain data. Not recursive: inputs nest deeply. */
function sizeOf(root: unknown, mayHoldTexts: boolean): number {
  const waiting: unknown[] = [root];
  let size = 0;
  for (
    let value = waiting.pop();
    waiting.length > 0 || value !== undefined;
    value = waiting.pop()
  ) {
    if (typeof value === 'string') {
      size += value.length;
      if (!mayHoldTexts && ACTS.test(value))
        throw new Finding(`kept as it came: ${JSON.stringify(value)}`);
      continue;
    }
    size += EMPTY_BYTES;
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
    if (!PLAIN.has(Object.getPrototypeOf(value)))
      throw new Finding('what is kept inherits from what came in');
    for (const [key, inner] of Object.entries(value)) {
      size += key.length;
      waiting.push(inner);
    }
  }
  return size;
}

function checkOutcome(outcome: Outcome, input: Uint8Array, growth = USUAL_GROWTH): void {
  const { broken, kept, keepsTexts = false, lines = [], printed = [] } = outcome;
  if (broken !== undefined) throw new Finding(broken);
  const acting = lines.find((line) => ACTS.test(line));
  if (acting !== undefined) throw new Finding(`a terminal acts on ${JSON.stringify(acting)}`);
  const unclean = printed.find((text) => plainLines(text) !== text.replaceAll('\t', ' '));
  if (unclean !== undefined) throw new Finding(`a terminal acts on ${JSON.stringify(unclean)}`);
  const texts = [...lines, ...printed].reduce((sum, text) => sum + text.length, 0);
  const size = texts + sizeOf(kept, keepsTexts);
  if (size > ALLOWANCE + growth * input.length) {
    throw new Finding(`${size} bytes were made of ${input.length}`);
  }
}

function checkAfter(outcome: Outcome, input: Uint8Array, decoder: Decoder): boolean {
  checkOutcome(outcome, input, decoder.growth);
  const polluted = pollutedKey();
  if (polluted !== undefined) throw new Finding(`everything has a property ${polluted} now`);
  return outcome.isAccepted;
}

/**
 * Has a decoder read an input, and checks all that it promises of hostile ones.
 *
 * @returns whether it was accepted; at once where the decoder answers at once
 * @throws {Finding} for a promise that was broken, and whatever the decoder throws that is no refusal of its own
 */
export function checkInput(decoder: Decoder, input: Uint8Array): boolean | Promise<boolean> {
  const outcome = decoder.decode(input);
  if (!(outcome instanceof Promise)) return checkAfter(outcome, input, decoder);
  return outcome.then((awaited) => checkAfter(awaited, input, decoder));
}
