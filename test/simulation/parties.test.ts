import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canReceiveTexts, normaliseNumber } from '../../lib/domain/phone-number.ts';
import { oddNotation, plainNotation } from '../../lib/simulation/number-notation.ts';
import {
  imeiOf,
  type Line,
  normalNumber,
  numberParts,
  SERVICE_NUMBERS,
} from '../../lib/simulation/parties.ts';
import { SeededRandom } from '../../lib/simulation/seeded-random.ts';

const party = fc.integer({ min: 0, max: 99_999_999 });
const seed = fc.integer({ min: 0, max: 2 ** 32 });
const line = fc.constantFrom<Line>(
  'mobile',
  'landline',
  'abroad',
  ...SERVICE_NUMBERS.map((service) => ({ service })),
);

test('the domain reads every notation of every party as one and the same number', () => {
  fc.assert(
    fc.property(party, seed, line, (id, citySeed, lineOfParty) => {
      const parts = numberParts(id, lineOfParty, citySeed);
      const random = new SeededRandom(citySeed);
      const notations = [
        plainNotation(parts, 'national'),
        plainNotation(parts, 'international'),
        ...Array.from({ length: 8 }, () => oddNotation(parts, random)),
      ];
      const read = notations.map((notation) => normaliseNumber(notation, 'CN')?.number);
      expect(new Set(read)).toEqual(new Set([normalNumber(parts)]));
    }),
    { numRuns: 500 },
  );
});

test('texts can reach mobile numbers and no landline', () => {
  fc.assert(
    fc.property(party, seed, (id, citySeed) => {
      expect(canReceiveTexts(normalNumber(numberParts(id, 'mobile', citySeed)))).toBe(true);
      expect(canReceiveTexts(normalNumber(numberParts(id, 'landline', citySeed)))).toBe(false);
    }),
  );
});

test('no two parties share a mobile number', () => {
  const numbers = new Set<string>();
  for (let id = 0; id < 100_000; id++) {
    numbers.add(normalNumber(numberParts(id * 613, 'mobile', 42)));
  }
  expect(numbers.size).toBe(100_000);
});

test('a handset has fifteen digits that pass the Luhn check, and its own', () => {
  fc.assert(
    fc.property(party, fc.integer({ min: 0, max: 7 }), seed, (id, handset, citySeed) => {
      const imei = imeiOf(id, handset, citySeed);
      expect(imei).toMatch(/^\d{15}$/);
      const sum = [...imei].reverse().reduce((total, letter, place) => {
        const weighed = Number(letter) * (place % 2 === 1 ? 2 : 1);
        return total + Math.floor(weighed / 10) + (weighed % 10);
      }, 0);
      expect(sum % 10).toBe(0);
      expect(imeiOf(id, handset + 1, citySeed)).not.toBe(imei);
    }),
  );
});
