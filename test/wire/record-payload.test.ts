import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate } from '../../lib/wire/kpl-aggregate.ts';
import {
  DEFAULT_PAYLOAD_LIMITS,
  type PayloadPiece,
  splitPayload,
} from '../../lib/wire/record-payload.ts';

const A = '{"caller":"13800138000"}';
const B = '{"caller":"甲"}';

function split(data: Uint8Array | string, limits = {}): PayloadPiece[] {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  return splitPayload(bytes, { ...DEFAULT_PAYLOAD_LIMITS, ...limits });
}

function summary(pieces: PayloadPiece[]): unknown[] {
  return pieces.map((piece) => {
    const { subRecord, line } = piece.position;
    return [subRecord ?? '-', line ?? '-', 'text' in piece ? piece.text.trimEnd() : piece.reason];
  });
}

function aggregateOf(...texts: (string | Uint8Array)[]): Buffer {
  return aggregate(texts.map((text) => ({ partitionKey: 'k', data: Buffer.from(text) })));
}

describe('the payload of a record', () => {
  it.each([
    ['a single record', A, [['-', 1, A]]],
    [
      'several lines',
      `${A}\n${B}\n`,
      [
        ['-', 1, A],
        ['-', 2, B],
      ],
    ],
    [
      'CRLF and blank lines',
      `\r\n${A}\r\n \t\r\n${B}`,
      [
        ['-', 2, A],
        ['-', 4, B],
      ],
    ],
    [
      'a byte order mark',
      `\uFEFF${A}\n${B}`,
      [
        ['-', 1, A],
        ['-', 2, B],
      ],
    ],
    [
      'gzip',
      gzipSync(`${A}\n${B}`),
      [
        ['-', 1, A],
        ['-', 2, B],
      ],
    ],
    [
      'an aggregate',
      aggregateOf(A, `${A}\n${B}`),
      [
        [1, 1, A],
        [2, 1, A],
        [2, 2, B],
      ],
    ],
    [
      'gzip of an aggregate',
      gzipSync(aggregateOf(A, B)),
      [
        [1, 1, A],
        [2, 1, B],
      ],
    ],
    [
      'an aggregate with gzip',
      aggregateOf(gzipSync(A), B),
      [
        [1, 1, A],
        [2, 1, B],
      ],
    ],
  ])('may be %s', (_name, data, expected) => {
    expect(summary(split(data))).toEqual(expected);
  });

  it('keeps every line of any JSON values, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { minLength: 1 }),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        fc.boolean(),
        (values, separator, zip) => {
          const text = Buffer.from(values.map((value) => JSON.stringify(value)).join(separator));
          const pieces = split(zip ? gzipSync(text) : text);
          const parsed = pieces.map((piece) => 'text' in piece && JSON.parse(piece.text));
          expect(JSON.stringify(parsed)).toBe(JSON.stringify(values));
        },
      ),
    );
  });

  it('never throws, and never loses bytes without a word, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.uint8Array(),
        fc.constantFrom('', '1f8b', '1f8b0800', 'f3899ac2', 'efbbbf'),
        (bytes, prefix) => {
          expect(split(Buffer.concat([Buffer.from(prefix, 'hex'), bytes]))).not.toHaveLength(0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('rejects only the line that is not UTF-8', () => {
    const damaged = Buffer.from([0x7b, 0xb0, 0xa1, 0x7d]);
    const pieces = split(Buffer.concat([Buffer.from(`${A}\n`), damaged, Buffer.from(`\n${B}`)]));
    expect(summary(pieces)).toEqual([
      ['-', 1, A],
      ['-', 2, 'bad-encoding'],
      ['-', 3, B],
    ]);
    expect(pieces[1]).toMatchObject({ raw: damaged });
  });

  it('rejects only the line that is too long, and hands it back', () => {
    const long = 'x'.repeat(40);
    const pieces = split(`${A}\n${long}\n${A}`, { maxLineLength: 30 });
    expect(summary(pieces)).toEqual([
      ['-', 1, A],
      ['-', 2, 'too-large'],
      ['-', 3, A],
    ]);
    expect(pieces[1]).toMatchObject({ raw: Buffer.from(long) });
  });

  it('refuses a decompression bomb, and hands it back as it came', () => {
    const bomb = gzipSync(Buffer.alloc(17 * 1024 * 1024, 0x20));
    expect(split(bomb)).toMatchObject([{ reason: 'too-large', position: {}, raw: bomb }]);
  });

  it('counts the bytes of all gzip user records of one aggregate together', () => {
    const line = gzipSync(`"${'x'.repeat(98)}"`);
    const pieces = split(aggregateOf(line, line, line), { maxInflatedBytes: 250 });
    expect(pieces.map((piece) => 'text' in piece)).toEqual([true, true, false]);
    expect(pieces[2]).toMatchObject({ reason: 'too-large', position: { subRecord: 3 } });
  });

  it('charges what it inflates in vain, so that an aggregate of bombs is no more work than one', () => {
    const line = gzipSync(A);
    const bomb = gzipSync(Buffer.alloc(300, 0x20));
    const damaged = gzipSync(`"${'x'.repeat(98)}"`);
    damaged.writeUInt32LE(0, damaged.length - 8);
    const limits = { maxInflatedBytes: 250 };
    expect(summary(split(aggregateOf(bomb, line), limits))).toEqual([
      [1, '-', 'too-large'],
      [2, '-', 'too-large'],
    ]);
    expect(summary(split(aggregateOf(damaged, line), limits))).toEqual([
      [1, '-', 'bad-gzip'],
      [2, '-', 'too-large'],
    ]);
    expect(summary(split(aggregateOf(damaged, line)))[1]).toEqual([2, 1, A]);
  });

  it('refuses a record with too many lines as a whole', () => {
    const lines = Buffer.from('1\n'.repeat(4));
    const whole = { reason: 'too-large', position: {} };
    expect(split(lines, { maxPieces: 4 })).toHaveLength(4);
    expect(split(lines, { maxPieces: 3 })).toMatchObject([{ ...whole, raw: lines }]);
    const packed = aggregateOf('1\n2', '3\n4');
    expect(split(packed, { maxPieces: 3 })).toMatchObject([{ ...whole, raw: packed }]);
    const damaged = Buffer.from([0xff, 0x0a, 0xff, 0x0a, 0x31, 0x0a, 0x31]);
    expect(split(damaged, { maxPieces: 3 })).toMatchObject([{ ...whole, raw: damaged }]);
  });

  it.each([
    ['gzip cut short', gzipSync(`${A}${A}`).subarray(0, 20), 'bad-gzip'],
    ['gzip within gzip', gzipSync(gzipSync(A)), 'bad-gzip'],
    ['an aggregate cut short', aggregateOf(A).subarray(0, 30), 'bad-aggregate'],
    ['an aggregate within an aggregate', aggregateOf(aggregateOf(A)), 'bad-aggregate'],
    ['nothing', '', 'not-json'],
    ['only blank lines', '\n \r\n', 'not-json'],
    ['an aggregate of nothing', aggregateOf(), 'not-json'],
    ['an empty user record', aggregateOf(''), 'not-json'],
  ])('is refused when it is %s', (_name, data, reason) => {
    expect(split(data)).toMatchObject([{ reason }]);
  });
});
