import { describe, expect, test } from 'vitest';
import { Privacy } from './privacy.ts';
import { ALL_NUMBERS, tokenOf } from './run-history.ts';

const NUMBER = '13800001013';

/** The places where a number was found that was written so. */
function leaksOf(written: string | Uint8Array): readonly string[] {
  const privacy = new Privacy(ALL_NUMBERS);
  if (typeof written === 'string') privacy.saw('here', written);
  else privacy.sawBytes('here', written);
  return privacy.leaks.map((leak) => leak.split(':')[0] ?? '');
}

const digits = (of: (digit: string) => string): string => [...NUMBER].map(of).join('');
const from = (first: number) => digits((digit) => String.fromCharCode(first + Number(digit)));

const IN_TEXTS: readonly (readonly [string, string])[] = [
  ['plain', `to ${NUMBER}.`],
  ['with the country’s prefix', `"+86${NUMBER}"`],
  ['with 00 before it', `0086${NUMBER}`],
  ['with blanks', '+86 138 0000 1013'],
  ['with no-break spaces', '138\u00a00000\u00a01013'],
  ['with separators', '(138)-0000/1013'],
  ['with dots and underscores', '138.0000_1013'],
  ['with other dashes', '138\u20110000\u20131013'],
  ['as a list of digits', JSON.stringify([...NUMBER].map(Number))],
  ['as a list of texts', JSON.stringify([...NUMBER])],
  ['backwards, as in ENUM', `${[...NUMBER].reverse().join('.')}.6.8.e164.arpa`],
  ['full-width', from(0xff10)],
  ['in Arabic digits', from(0x660)],
  ['in Persian digits', from(0x6f0)],
  ['escaped for an address', digits((digit) => `%3${digit}`)],
  ['escaped for JSON', digits((digit) => `\\u003${digit}`)],
  ['escaped for a page', digits((digit) => `&#${48 + Number(digit)};`)],
  ['in hexadecimal', Buffer.from(`tel:${NUMBER}`).toString('hex')],
  ['in base64', Buffer.from(`+86${NUMBER}`).toString('base64')],
  ['in base64url, amid other things', Buffer.from(`x${NUMBER}y`).toString('base64url')],
];

function integer(number: string, isLittle: boolean): Uint8Array {
  const buffer = Buffer.alloc(11, 0xaa);
  if (isLittle) buffer.writeBigUInt64LE(BigInt(number), 2);
  else buffer.writeBigUInt64BE(BigInt(number), 2);
  return buffer;
}

function double(number: string, isLittle: boolean): Uint8Array {
  const buffer = Buffer.alloc(11, 0xaa);
  if (isLittle) buffer.writeDoubleLE(Number(number), 2);
  else buffer.writeDoubleBE(Number(number), 2);
  return buffer;
}

const IN_BYTES: readonly (readonly [string, Uint8Array])[] = [
  ['as text', Buffer.from(`\0\0${NUMBER}\0`)],
  ['packed, two digits to a byte', Buffer.from(`aa${NUMBER}faa`, 'hex')],
  ['packed, shifted by half a byte', Buffer.from(`aaf${NUMBER}`, 'hex')],
  ['packed as exchanges do', Buffer.from('aa683108001010f3', 'hex')],
  ['as an integer', integer(NUMBER, false)],
  ['as an integer, the least byte first', integer(`86${NUMBER}`, true)],
  ['as a floating-point number', double(`86${NUMBER}`, false)],
  ['as a floating-point number, the least byte first', double(NUMBER, true)],
  // Field 1, then 13,800,001,013 in groups of seven bits.
  ['as a number of protobuf', Buffer.from([0x08, 0xf5, 0x9b, 0xad, 0xb4, 0x33])],
];

describe('A clear number in a text', () => {
  test.each(IN_TEXTS)('is found %s', (_, written) => {
    expect(leaksOf(written)).toEqual(['here']);
  });

  test('is not seen where there is none', () => {
    expect(leaksOf(`${tokenOf(13)} 138****1013 1795480138000 [1380000] 13800009999`)).toEqual([]);
  });
});

describe('A clear number in bytes', () => {
  test.each(IN_BYTES)('is found %s', (_, written) => {
    expect(leaksOf(written)).toEqual(['here']);
  });

  test('is not seen where there is none', () => {
    const times = [1_795_480_138_000, 13_800_009_999].map((time) => integer(String(time), false));
    expect(leaksOf(Buffer.concat([Buffer.from(tokenOf(13)), ...times]))).toEqual([]);
  });
});
