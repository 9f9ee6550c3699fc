import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decisionName } from '../../../functions/adapters/decision-name.ts';

test('a name can be given to a command as it is, and is the same each time', () => {
  fc.assert(
    fc.property(fc.string(), (subject) => {
      expect(decisionName(subject)).toMatch(/^[0-9a-f]{32}$/);
      expect(decisionName(subject)).toBe(decisionName(subject));
    }),
  );
});

test('different subjects have different names', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 2 }), ([one, other]) => {
      expect(decisionName(one ?? '')).not.toBe(decisionName(other ?? ''));
    }),
  );
});
