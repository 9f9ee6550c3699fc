import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainLines, plainValue, safeJson } from '../../../bin/terminal/plain-text.ts';
import { beginsAsFormula, plainText, quoted } from '../../../lib/domain/plain-text.ts';

const ACTING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\u001b', '[', ']', '0;', '\u0007', '\u009b', '\u202e', '\u200b', '\n', 'm'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  ),
});

describe('text of strangers', () => {
  test.each([
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['titles of windows', '\u001b]0;owned\u0007text', 'text'],
    ['one-byte sequences', '\u009b2Jtext', 'text'],
    ['writing that runs backwards', 'a\u202egnp.exe', 'agnp.exe'],
    ['what has no width', 'ch\u200ben\ufeff', 'chen'],
    ['halves of a character that what is lost would join', 'a\udb40\u0000\udc41', 'a\ufffd\ufffd'],
    ['lines', 'one\r\ntwo\tthree', 'one two three'],
  ])('loses %s', (_what, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  test('of several lines keeps them', () => {
    expect(plainLines('one\u001b[2J\ntwo\r\u202e\n')).toBe('one\ntwo \n');
  });

  test.each(['\u001b]', '\u001b]0;a', '\u001bP', '\u009d', '\u001b['])(
    'that opens %j without end is read in one pass',
    (opening) => {
      // With the square of its length, this would take minutes.
      expect(plainText(opening.repeat(300_000))).not.toMatch(ACTING);
    },
  );

  test('is quoted as one line, and not at any length', () => {
    expect(quoted('a\nb')).toBe('a b');
    expect(quoted('x'.repeat(1_000))).toBe(`${'x'.repeat(120)}…`);
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1+1', '＠x'])(
    '%j begins as a formula',
    (text) => {
      expect(beginsAsFormula(text)).toBe(true);
      expect(beginsAsFormula(`a${text}`)).toBe(false);
    },
  );

  test('keeps every script', () => {
    const text = '王芳 says: José, Ελλάδα, ‘8000’ … 劝阻';
    expect(plainText(text)).toBe(text);
  });

  test('never acts on a terminal, however it is put together', () => {
    fc.assert(fc.property(hostile, (text) => !ACTING.test(plainText(text))));
  });

  test('is cleaned anywhere in a value, in its keys too', () => {
    const value = { 'k\u001b[1mey': ['\u0007a', { b: 'c\u0000' }], n: 1, no: null };
    expect(plainValue(value)).toEqual({ key: ['a', { b: 'c' }], n: 1, no: null });
  });

  test('survives as JSON to the letter, without acting on a terminal', () => {
    fc.assert(
      fc.property(fc.dictionary(hostile, hostile), (value) => {
        const json = safeJson(value, 2);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(json.replaceAll('\n', '')).not.toMatch(ACTING);
      }),
    );
  });
});
