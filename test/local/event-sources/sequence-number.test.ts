import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareSequenceNumbers } from '../../../lib/local/event-sources/sequence-number.ts';

it('orders sequence numbers of any width as numbers', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n }), fc.bigInt({ min: 0n }), (left, right) => {
      const expected = left < right ? -1 : left > right ? 1 : 0;
      expect(Math.sign(compareSequenceNumbers(String(left), String(right)))).toBe(expected);
    }),
  );
});
