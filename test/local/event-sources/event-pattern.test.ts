import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileEventPattern } from '../../../lib/local/event-sources/event-pattern.ts';
import { InvalidFilterPatternError } from '../../../lib/local/event-sources/event-source-errors.ts';

const matches = (pattern: unknown, document: unknown) => compileEventPattern(pattern)(document);

describe('a field matches', () => {
  it.each<[string, unknown[], unknown, boolean]>([
    ['an equal text', ['a'], 'a', true],
    ['no text in another case', ['a'], 'A', false],
    ['any of the alternatives', ['a', 'b'], 'b', true],
    ['an equal number', [100], 100, true],
    ['no number that is text', [100], '100', false],
    ['null', [null], null, true],
    ['no absent field as null', [null], undefined, false],
    ['an empty text', [''], '', true],
    ['a boolean', [true], true, true],
    ['any element of an array', ['b'], ['a', 'b'], true],
    ['no element of an array', ['c'], ['a', 'b'], false],
    ['a prefix', [{ prefix: 'WARNING#' }], 'WARNING#1', true],
    ['no other prefix', [{ prefix: 'WARNING#' }], 'CASE#1', false],
    ['no prefix of a number', [{ prefix: '1' }], 12, false],
    ['a prefix in any case', [{ prefix: { 'equals-ignore-case': 'warn' } }], 'WARNING', true],
    ['a suffix', [{ suffix: '.png' }], 'a.png', true],
    ['no other suffix', [{ suffix: '.png' }], 'a.jpg', false],
    ['a suffix in any case', [{ suffix: { 'equals-ignore-case': '.PNG' } }], 'a.png', true],
    ['a text in any case', [{ 'equals-ignore-case': 'insert' }], 'INSERT', true],
    ['no different text in any case', [{ 'equals-ignore-case': 'insert' }], 'INSERTED', false],
    ['anything but a text', [{ 'anything-but': 'a' }], 'b', true],
    ['not just that text', [{ 'anything-but': 'a' }], 'a', false],
    ['anything but a list', [{ 'anything-but': ['a', 'b'] }], 'b', false],
    ['anything but numbers', [{ 'anything-but': [1, 2] }], 3, true],
    ['nothing absent for anything-but', [{ 'anything-but': 'a' }], undefined, false],
    ['anything but a prefix', [{ 'anything-but': { prefix: 'a' } }], 'abc', false],
    ['another prefix for that', [{ 'anything-but': { prefix: 'a' } }], 'bc', true],
    ['anything but prefixes', [{ 'anything-but': { prefix: ['a', 'b'] } }], 'bc', false],
    ['anything but a suffix', [{ 'anything-but': { suffix: 'c' } }], 'bc', false],
    [
      'anything but a text in any case',
      [{ 'anything-but': { 'equals-ignore-case': 'A' } }],
      'a',
      false,
    ],
    ['a number by comparison', [{ numeric: ['=', 3] }], 3, true],
    ['a range', [{ numeric: ['>', 10, '<=', 20] }], 20, true],
    ['nothing at an open bound', [{ numeric: ['>', 10, '<=', 20] }], 10, false],
    ['nothing above a range', [{ numeric: ['>=', 10, '<', 20] }], 20, false],
    ['no number that is text by comparison', [{ numeric: ['>', 10] }], '20', false],
    ['what exists', [{ exists: true }], 0, true],
    ['null as existing', [{ exists: true }], null, true],
    ['nothing absent as existing', [{ exists: true }], undefined, false],
    ['no object as existing', [{ exists: true }], {}, false],
    ['what is absent', [{ exists: false }], undefined, true],
    ['nothing there as absent', [{ exists: false }], 'a', false],
    ['an empty array as absent', [{ exists: false }], [], true],
    ['a wildcard', [{ wildcard: 'a*c' }], 'abbc', true],
    ['nothing else by wildcard', [{ wildcard: 'a*c' }], 'abbd', false],
    ['no expression in a wildcard', [{ wildcard: 'a.c*' }], 'abc', false],
    ['a star that is meant', [{ wildcard: 'a\\*c' }], 'a*c', true],
    ['only a star when that is meant', [{ wildcard: 'a\\*c' }], 'abc', false],
  ])('%s', (_, alternatives, value, expected) => {
    expect(matches({ field: alternatives }, value === undefined ? {} : { field: value })).toBe(
      expected,
    );
  });
});

describe('a pattern', () => {
  it('needs all its fields to match', () => {
    const pattern = { a: [1], b: { c: [2] } };
    expect(matches(pattern, { a: 1, b: { c: 2, d: 3 }, e: 4 })).toBe(true);
    expect(matches(pattern, { a: 1, b: { c: 3 } })).toBe(false);
    expect(matches(pattern, { a: 1 })).toBe(false);
  });

  it('needs one of the patterns under $or, and the fields beside it', () => {
    const pattern = { a: [1], $or: [{ b: [2] }, { c: [{ prefix: 'x' }] }] };
    expect(matches(pattern, { a: 1, b: 2 })).toBe(true);
    expect(matches(pattern, { a: 1, c: 'xy' })).toBe(true);
    expect(matches(pattern, { a: 1, c: 'y' })).toBe(false);
    expect(matches(pattern, { a: 2, b: 2 })).toBe(false);
  });

  it('looks into the objects of an array', () => {
    expect(matches({ a: { b: [1] } }, { a: [{ b: 2 }, { b: 1 }] })).toBe(true);
    expect(matches({ a: { b: [1] } }, { a: [{ b: 2 }] })).toBe(false);
  });

  it('finds nothing in what every object inherits', () => {
    expect(matches({ constructor: [{ exists: false }] }, {})).toBe(true);
  });

  it('matches a document that was made of its own values', () => {
    const document = fc.dictionary(
      fc.string().filter((name) => name !== '$or' && name !== '__proto__'),
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
    );
    fc.assert(
      fc.property(document, (fields) => {
        const pattern = Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [name, [value]]),
        );
        expect(matches(pattern, fields)).toBe(true);
      }),
    );
  });

  it.each([
    ['a list', []],
    ['text', 'a'],
    ['a field without a list', { a: 'b' }],
    ['a field with an empty list', { a: [] }],
    ['an unknown operator', { a: [{ like: 'b' }] }],
    ['two operators in one', { a: [{ prefix: 'b', suffix: 'c' }] }],
    ['a prefix that is a number', { a: [{ prefix: 1 }] }],
    ['a half comparison', { a: [{ numeric: ['>'] }] }],
    ['an unknown comparison', { a: [{ numeric: ['!', 1] }] }],
    ['a comparison with text', { a: [{ numeric: ['>', '1'] }] }],
    ['exists with text', { a: [{ exists: 'yes' }] }],
    ['anything-but of objects', { a: [{ 'anything-but': [{}] }] }],
    ['anything-but of an unknown operator', { a: [{ 'anything-but': { like: 'b' } }] }],
  ])('is refused if it is or has %s', (_, pattern) => {
    expect(() => compileEventPattern(pattern)).toThrow(InvalidFilterPatternError);
  });
});
