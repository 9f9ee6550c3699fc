import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOffset, wallClockOf } from '../../lib/feeds/zoned-time.ts';

function utcOf(zone: string, wall: string): string | undefined {
  const ms = wallClockOf(zone)?.(Date.parse(`${wall}Z`));
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

describe('zones', () => {
  it.each([
    ['Asia/Shanghai', '2026-07-01T08:00:00', '2026-07-01T00:00:00.000Z'],
    ['Asia/Kathmandu', '2026-07-01T05:45:00', '2026-07-01T00:00:00.000Z'],
    ['Europe/Copenhagen', '2026-07-01T02:00:00', '2026-07-01T00:00:00.000Z'],
    ['Europe/Copenhagen', '2026-12-01T01:00:00', '2026-12-01T00:00:00.000Z'],
    ['America/St_Johns', '2026-12-31T20:30:00', '2027-01-01T00:00:00.000Z'],
    ['-03:30', '2026-12-31T20:30:00', '2027-01-01T00:00:00.000Z'],
  ])('%s at %s', (zone, wall, expected) => {
    expect(utcOf(zone, wall)).toBe(expected);
  });

  it('takes the first of an hour that comes twice', () => {
    expect(utcOf('Europe/Copenhagen', '2026-10-25T02:30:00')).toBe('2026-10-25T00:30:00.000Z');
  });

  it('reads an hour that is left out as if clocks had not been put forward', () => {
    expect(utcOf('Europe/Copenhagen', '2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00.000Z');
  });

  it('knows no zone that does not exist', () => {
    expect(wallClockOf('Asia/Chengdu')).toBeUndefined();
    expect(wallClockOf('')).toBeUndefined();
    expect(parseOffset('+19:00')).toBeUndefined();
    expect(parseOffset('+08:60')).toBeUndefined();
  });

  it('agrees with Intl at any moment but the hour that comes twice', () => {
    const zones = ['Asia/Shanghai', 'Europe/Copenhagen', 'Australia/Lord_Howe', 'America/New_York'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 0, max: 60_000_000 }).map((minutes) => minutes * 60_000),
        (zone, epochMs) => {
          const shown = new Date(epochMs).toLocaleString('sv-SE', { timeZone: zone });
          const wallMs = Date.parse(`${shown.replace(' ', 'T')}Z`);
          const read = wallClockOf(zone)?.(wallMs) ?? Number.NaN;
          const again = new Date(read).toLocaleString('sv-SE', { timeZone: zone });
          expect(again).toBe(shown);
          expect(read).toBeLessThanOrEqual(epochMs);
        },
      ),
    );
  });
});
