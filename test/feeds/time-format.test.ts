import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carriesOffset, compileTimeFormat, TimePatternError } from '../../lib/feeds/time-format.ts';
import { wallClockOf } from '../../lib/feeds/zoned-time.ts';

function read(format: string, text: string, zone?: string, epoch = '1970-01-01T00:00:00Z') {
  const ms = compileTimeFormat(format, {
    wallClock: zone === undefined ? undefined : wallClockOf(zone),
    epochMs: Date.parse(epoch),
  })(text);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

describe('time formats', () => {
  it.each(['constructor', 'toString', '__proto__'])('know no %s', (format) => {
    const options = { wallClock: undefined, epochMs: 0 };
    expect(() => compileTimeFormat(format, options)).toThrow(TimePatternError);
    expect(() => carriesOffset(format) && compileTimeFormat(format, options)).not.toThrow(
      TypeError,
    );
  });

  it.each([
    ['seconds', '1795000000', undefined, '2026-11-18T11:06:40.000Z'],
    ['seconds', '1795000000.25', undefined, '2026-11-18T11:06:40.250Z'],
    ['milliseconds', '1795000000123', undefined, '2026-11-18T11:06:40.123Z'],
    ['microseconds', '1795000000123456', undefined, '2026-11-18T11:06:40.123Z'],
    ['record', '1795000000123', undefined, '2026-11-18T11:06:40.123Z'],
    ['record', '2026-11-18T19:06:40+08:00', undefined, '2026-11-18T11:06:40.000Z'],
    ['iso', '2026-11-18T19:06:40.5+08:00', undefined, '2026-11-18T11:06:40.500Z'],
    ['iso', '2026-11-18 19:06:40', 'Asia/Shanghai', '2026-11-18T11:06:40.000Z'],
    ['iso', '20261118T190640+0800', undefined, '2026-11-18T11:06:40.000Z'],
    ['iso', '2026-11-18T11:06Z', 'Asia/Shanghai', '2026-11-18T11:06:00.000Z'],
    ['yyyyMMddHHmmss', '20261118190640', '+08:00', '2026-11-18T11:06:40.000Z'],
    ['yyyy-MM-dd HH:mm:ss.SSS', '2026-11-18 19:06:40.120', '+0800', '2026-11-18T11:06:40.120Z'],
    ['dd/MM/yy HH.mm', '18/11/26 19.06', '+08', '2026-11-18T11:06:00.000Z'],
    ['M/d/yyyy h:mm:ss a', '1/8/2026 12:05:00 am', '+00:00', '2026-01-08T00:05:00.000Z'],
    ['M/d/yyyy h:mm:ss a', '1/8/2026 12:05:00 PM', '+00:00', '2026-01-08T12:05:00.000Z'],
    ['yyyy年M月d日 H:mm', '2026年11月8日 9:06', 'Asia/Shanghai', '2026-11-08T01:06:00.000Z'],
    ["yyyyMMdd'at'HHmmXXX", '20261118at1906+08:00', undefined, '2026-11-18T11:06:00.000Z'],
    ['yyyy-MM-ddTHH:mm', '2026-11-18T19:06', '+08:00', '2026-11-18T11:06:00.000Z'],
  ])('reads %s from %s', (format, text, zone, expected) => {
    expect(read(format, text, zone)).toBe(expected);
  });

  it('counts from the epoch that is given', () => {
    const epoch = '2025-09-01T00:00:00+08:00';
    expect(read('seconds', '184', undefined, epoch)).toBe('2025-08-31T16:03:04.000Z');
  });

  it.each([
    ['seconds', '17950x'],
    ['seconds', ''],
    ['seconds', '1e9'],
    ['iso', '2026-11-18T19:06:40'],
    ['iso', '2026-02-30T10:00:00Z'],
    ['iso', '2026-11-18T24:00:00Z'],
    ['record', 'yesterday'],
    ['yyyyMMddHHmmssX', '20261318190640+08'],
    ['yyyy-MM-dd hh:mm a X', '2026-11-18 13:00 PM Z'],
  ])('finds no time as %s in "%s"', (format, text) => {
    expect(read(format, text)).toBeUndefined();
  });

  it.each([
    'yyyyMMdd QQ HHmm',
    'yyyyMMdd',
    'HHmm',
    'yyyyMMddHHmmss yyyy',
    'yyyyMMdd hhmm',
    'yyyyMMddHHmmssss ss',
    '',
  ])('refuses the pattern "%s"', (pattern) => {
    expect(() => read(pattern, '')).toThrow(TimePatternError);
  });

  it('knows which formats carry their offset', () => {
    expect(['iso', 'seconds', 'record', 'yyyyMMddHHmmXXX'].map(carriesOffset)).not.toContain(false);
    expect(carriesOffset('yyyyMMddHHmm')).toBe(false);
  });

  it('reads back any second of a century from its digits', () => {
    const toMs = compileTimeFormat('yyyyMMddHHmmss', {
      wallClock: wallClockOf('+00:00'),
      epochMs: 0,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        const text = new Date(seconds * 1000).toISOString().replace(/\D/g, '').slice(0, 14);
        expect(toMs(text)).toBe(seconds * 1000);
      }),
    );
  });
});
