import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowWriter } from '../../lib/wire/row-writer.ts';

function written(write: (into: RowWriter) => void): string {
  const writer = new RowWriter();
  write(writer);
  return writer.bytes.toString('latin1', 0, writer.length);
}

describe('a row written into bytes', () => {
  it('holds any whole number as its decimal digits', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(written((into) => into.integer(value))).toBe(String(value));
      }),
    );
  });

  it.each([0, 9, 10, -1, 999_999_999, 1_000_000_000, 1_000_000_001, 2 ** 48 - 1])(
    'holds %d, where the number of digits or of parts changes',
    (value) => {
      expect(written((into) => into.integer(value))).toBe(String(value));
    },
  );

  it('keeps what was written before while it grows', () => {
    const texts = Array.from({ length: 2000 }, (_, i) => `row ${i}`);
    const row = written((into) => {
      for (const text of texts) into.text(text);
    });
    expect(row).toBe(texts.join(''));
  });

  it('can be cut back to a length it had', () => {
    const text = written((into) => {
      into.text('kept');
      const before = into.length;
      into.text('taken back');
      into.length = before;
      into.integer(7);
    });
    expect(text).toBe('kept7');
  });
});
