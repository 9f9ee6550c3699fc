import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIsoTimestamp } from '../../lib/domain/timestamp.ts';

const twoDigits = (value: number) => String(value).padStart(2, '0');

describe('a timestamp with its offset', () => {
  it.each([
    '2026-11-23T09:14:03.120+08:00',
    '2026-11-23T09:14:03+08:00',
    '2026-11-23T01:14:03Z',
    '2024-02-29T23:59:59.999Z',
    '2000-02-29T00:00:00Z',
    '1999-12-31T23:59:59-05:30',
    '1970-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ])('is read as Date.parse reads it: %s', (text) => {
    expect(parseIsoTimestamp(text)).toBe(Date.parse(text));
  });

  it.each([
    ['2026-11-23 09:14:03+08:00', '2026-11-23T01:14:03.000Z'],
    ['2026-11-23t09:14:03z', '2026-11-23T09:14:03.000Z'],
    ['2026-11-23T09:14:03+0800', '2026-11-23T01:14:03.000Z'],
    ['2026-11-23T09:14:03+08', '2026-11-23T01:14:03.000Z'],
    ['2026-11-23T09:14:03,5Z', '2026-11-23T09:14:03.500Z'],
    ['2026-11-23T09:14:03.123987654Z', '2026-11-23T09:14:03.123Z'],
  ])('is read in the other notations of ISO 8601: %s', (text, expected) => {
    expect(parseIsoTimestamp(text)).toBe(Date.parse(expected));
  });

  it.each([
    ['no offset', '2026-11-23T09:14:03'],
    ['no offset after a fraction', '2026-11-23T09:14:03.120'],
    ['no time', '2026-11-23'],
    ['no seconds', '2026-11-23T09:14+08:00'],
    ['a day that the month does not have', '2026-04-31T00:00:00Z'],
    ['29 February in a common year', '2026-02-29T00:00:00Z'],
    ['29 February in a common century', '1900-02-29T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['month 0', '2026-00-10T00:00:00Z'],
    ['day 0', '2026-01-00T00:00:00Z'],
    ['hour 24', '2026-11-23T24:00:00Z'],
    ['minute 60', '2026-11-23T09:60:00Z'],
    ['a leap second', '2026-11-23T23:59:60Z'],
    ['an offset of 19 hours', '2026-11-23T09:14:03+19:00'],
    ['an offset of 60 minutes', '2026-11-23T09:14:03+08:60'],
    ['an unfinished offset', '2026-11-23T09:14:03+8'],
    ['an empty fraction', '2026-11-23T09:14:03.Z'],
    ['something behind', '2026-11-23T09:14:03Z '],
    ['letters', '2026-11-23T0A:14:03Z'],
    ['other separators', '2026/11/23T09:14:03Z'],
    ['nothing', ''],
    ['far too much', `2026-11-23T09:14:03.${'1'.repeat(40)}Z`],
  ])('is refused with %s', (_, text) => {
    expect(parseIsoTimestamp(text)).toBeUndefined();
  });

  it('agrees with Date.parse on every instant and offset', () => {
    const instant = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    });
    const offset = fc.integer({ min: -14 * 60, max: 14 * 60 });
    fc.assert(
      fc.property(instant, offset, (date, minutes) => {
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const sign = minutes < 0 ? '-' : '+';
        const size = Math.abs(minutes);
        const text = `${local}${sign}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
        expect(parseIsoTimestamp(text)).toBe(date.getTime());
      }),
    );
  });

  it('knows the length of every month, as the calendar does', () => {
    for (const year of [1900, 1999, 2000, 2024, 2026, 2100]) {
      for (let month = 1; month <= 12; month++) {
        for (let day = 28; day <= 32; day++) {
          const exists = day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
          const text = `${year}-${twoDigits(month)}-${day}T12:00:00Z`;
          expect(parseIsoTimestamp(text) !== undefined, text).toBe(exists);
        }
      }
    }
  });

  it('never yields anything but whole milliseconds or nothing', () => {
    const nearly = fc
      .tuple(
        fc.constantFrom('2026-11-23T09:14:03.120+08:00', '2026-11-23T09:14:03Z'),
        fc.nat({ max: 28 }),
        fc.string({ maxLength: 2 }),
      )
      .map(([text, at, noise]) => text.slice(0, at) + noise + text.slice(at + noise.length));
    fc.assert(
      fc.property(nearly, (text) => {
        const found = parseIsoTimestamp(text);
        expect(found === undefined || Number.isInteger(found)).toBe(true);
      }),
    );
  });
});
