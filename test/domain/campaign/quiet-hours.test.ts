import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextDayAt, quietUntil, wakingMinutes } from '../../../lib/domain/campaign/quiet-hours.ts';
import { localDay } from '../../../lib/domain/subject/burden-budget.ts';

const NIGHT = { from: '21:00', to: '08:00' };
const CHENGDU = 480;
const local = (text: string) => Date.parse(`${text}+08:00`);

describe('Quiet hours', () => {
  test.each([
    ['2026-11-27T20:59:59', undefined],
    ['2026-11-27T21:00:00', '2026-11-28T08:00:00'],
    ['2026-11-27T23:30:10', '2026-11-28T08:00:00'],
    ['2026-11-28T00:00:00', '2026-11-28T08:00:00'],
    ['2026-11-28T07:59:59', '2026-11-28T08:00:00'],
    ['2026-11-28T08:00:00', undefined],
  ])('at %s last until %s', (now, until) => {
    const expected = until === undefined ? undefined : local(until);
    expect(quietUntil(NIGHT, local(now), CHENGDU)).toBe(expected);
  });

  test('may lie within a day', () => {
    const noon = { from: '12:00', to: '14:00' };
    expect(quietUntil(noon, local('2026-11-27T13:00:00'), CHENGDU)).toBe(
      local('2026-11-27T14:00:00'),
    );
    expect(quietUntil(noon, local('2026-11-27T14:00:00'), CHENGDU)).toBeUndefined();
    expect(wakingMinutes(noon)).toBe(22 * 60);
    expect(wakingMinutes(NIGHT)).toBe(13 * 60);
  });

  const minute = fc.integer({ min: 0, max: 1_439 });
  const text = (m: number) =>
    `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`;

  test('always end at a moment that is not quiet, within a day', () => {
    fc.assert(
      fc.property(
        minute,
        minute,
        fc.integer({ min: 0, max: 2 ** 41 }),
        fc.integer({ min: -720, max: 840 }),
        (from, to, now, offset) => {
          fc.pre(from !== to);
          const quiet = { from: text(from), to: text(to) };
          const until = quietUntil(quiet, now, offset);
          if (until === undefined) return;
          expect(until).toBeGreaterThan(now);
          expect(until - now).toBeLessThanOrEqual(86_400_000);
          expect(quietUntil(quiet, until, offset)).toBeUndefined();
        },
      ),
    );
  });

  test('leave the next day its first waking minute', () => {
    fc.assert(
      fc.property(minute, minute, fc.integer({ min: 0, max: 2 ** 41 }), (from, to, now) => {
        fc.pre(from !== to);
        const quiet = { from: text(from), to: text(to) };
        const at = nextDayAt(quiet, now, CHENGDU);
        expect(at).toBeGreaterThan(now);
        expect(localDay(at, CHENGDU) > localDay(now, CHENGDU)).toBe(true);
        expect(quietUntil(quiet, at, CHENGDU)).toBeUndefined();
      }),
    );
  });
});
