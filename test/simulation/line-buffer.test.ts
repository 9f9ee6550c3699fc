import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineBuffer, pieceOf } from '../../lib/simulation/line-buffer.ts';

const ascii = fc.string({ unit: 'binary-ascii', maxLength: 60 });

/** What a buffer writes, and the same by strings. */
const step = fc.oneof(
  ascii.map((text) => ({
    text,
    write: (lines: LineBuffer) => lines.piece(pieceOf(text)),
  })),
  ascii.map((text) => ({ text, write: (lines: LineBuffer) => lines.composed(text) })),
  fc.nat({ max: 999_999_999_999_999 }).map((value) => ({
    text: String(value),
    write: (lines: LineBuffer) => lines.digits(value),
  })),
  fc.nat({ max: 99_999_999_999 }).map((value) => ({
    text: String(value).padStart(11, '0'),
    write: (lines: LineBuffer) => lines.fixedDigits(value, 11),
  })),
  fc.string({ unit: 'binary-ascii', minLength: 16, maxLength: 16 }).chain((text) =>
    fc.nat({ max: 16 }).map((length) => ({
      text: text.slice(0, length),
      write: (lines: LineBuffer) => lines.short(pieceOf(text).bytes, 0, length),
    })),
  ),
);

test('pieces, digits and texts give what strings would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const lines = new LineBuffer();
      lines.begin();
      for (const { write } of steps) write(lines);
      expect(lines.take().toString('latin1')).toBe(steps.map(({ text }) => text).join(''));
    }),
  );
});

test('digits are put into a piece that has room for them', () => {
  const lines = new LineBuffer();
  lines.begin();
  lines.piece(pieceOf('00:000 Uhr'));
  lines.digitsBefore(10, 7, 2);
  lines.digitsBefore(7, 42, 3);
  expect(lines.take().toString('latin1')).toBe('07:042 Uhr');
});

test('it grows with lines that nobody takes, and is empty when they are taken', () => {
  const lines = new LineBuffer();
  const line = pieceOf(`${'x'.repeat(999)}\n`);
  for (let count = 0; count < 2000; count++) {
    lines.begin();
    lines.piece(line);
  }
  expect(lines.length).toBe(2_000_000);
  expect(lines.take().toString('latin1')).toBe(`${'x'.repeat(999)}\n`.repeat(2000));
  expect(lines.length).toBe(0);
});

test('a piece that is not ASCII is refused', () => {
  expect(() => pieceOf('é')).toThrow(RangeError);
});
