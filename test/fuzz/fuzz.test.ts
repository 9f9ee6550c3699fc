import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DECODERS } from './all-decoders.ts';
import { checkInput, Finding, pollution } from './check-input.ts';
import { CORPUS, corpusOf } from './corpus.ts';
import type { Decoder, Outcome } from './decoder.ts';
import { fuzzDecoder } from './fuzz-decoder.ts';

const SEED = 1;
const INPUTS = 300;
const NAMES = DECODERS.map(({ name }) => name);

describe('hostile input', () => {
  test.each(DECODERS.map((decoder) => [decoder.name, decoder] as const))(
    'breaks no promise of the decoder %s, be it kept or drawn by lot',
    async (name, decoder) => {
      for (const { bytes } of corpusOf(name)) await checkInput(decoder, bytes);
      const { accepted, found } = await fuzzDecoder(decoder, INPUTS, SEED);
      expect(found?.what).toBeUndefined();
      // Were all refused, nothing behind the first check would have been tried.
      expect(accepted).toBeGreaterThan(0);
    },
  );

  test('is kept of decoders that there are', () => {
    expect(readdirSync(CORPUS).filter((name) => !NAMES.includes(name))).toEqual([]);
  });
});

const TEXT = Buffer.from('{"a":"\u001b[2J"}');
const decoderOf = (decode: (input: Uint8Array) => Outcome): Decoder => ({
  name: 'for-the-test',
  reads: 'nothing',
  make: () => TEXT,
  decode,
});

describe('a promise that is broken is found:', () => {
  test.each<[string, (input: Uint8Array) => Outcome]>([
    [
      'an error that is not its own',
      () => {
        throw new TypeError('oops');
      },
    ],
    ['a line that acts on a terminal', (input) => ({ isAccepted: true, lines: [String(input)] })],
    ['a line within a line', () => ({ isAccepted: true, lines: ['all\nis well'] })],
    ['lines that act on a terminal', () => ({ isAccepted: true, printed: ['one\n\u202etwo'] })],
    [
      'a text that is kept as it came',
      (input) => ({ isAccepted: true, kept: { a: [String(input)] } }),
    ],
    ['more than there was', () => ({ isAccepted: true, kept: 'x'.repeat(1_000_000) })],
    [
      'a value that inherits from an input',
      () => ({ isAccepted: true, kept: Object.create({ admin: true }) }),
    ],
    ['what the decoder says itself', () => ({ isAccepted: true, broken: 'oops' })],
  ])('%s', (_, decode) => {
    expect(() =>
      checkInput(
        decoderOf((input) => decode(Buffer.from(input) as never)),
        TEXT,
      ),
    ).toThrow();
  });

  test('a property that everything has', () => {
    const shared = Object.prototype as unknown as Record<string, unknown>;
    const polluting = decoderOf(() => {
      shared.admin = true;
      return { isAccepted: true };
    });
    try {
      expect(() => checkInput(polluting, TEXT)).toThrow(Finding);
      expect(pollution()).toMatch('admin');
    } finally {
      delete shared.admin;
    }
    expect(pollution()).toBeUndefined();
  });

  test('and made short', async () => {
    const decoder: Decoder = {
      ...decoderOf((input) => {
        if (input.length > 10) throw new RangeError('too long');
        return { isAccepted: true };
      }),
      make: ({ steps }) => Buffer.from('x'.repeat(8 * steps.length)),
    };
    const { found } = await fuzzDecoder(decoder, 1_000, SEED);
    expect(found?.input).toHaveLength(16);
    expect(found?.what).toMatch('too long');
  });
});
