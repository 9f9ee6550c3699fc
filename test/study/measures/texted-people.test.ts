import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HeldExposure, SubjectState } from '../../../lib/domain/subject/subject-state.ts';
import {
  effectByStates,
  type PeopleTexted,
  TextedPeople,
  whoseHoursAreOver,
} from '../../../lib/study/measures/texted-people.ts';
import { tokenOf } from '../../domain/factories.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** Midnight after the studied day. */
const UNTIL = 1_000 * DAY;

const call = (start: number, seconds: number, answered = true): HeldExposure => ({
  caller: tokenOf(99),
  call: start,
  start,
  duration: seconds,
  answered,
});
const state = (exposures: readonly HeldExposure[], floor = 0) => ({ exposures, floor });
const nobodyHeld = (texted: PeopleTexted['texted']): PeopleTexted => ({ texted, heldOut: [] });

describe('TextedPeople', () => {
  test('keeps first texts of the people with the first lots, in whatever order it is told', () => {
    const told = fc.record({
      person: fc.nat(30).map(tokenOf),
      at: fc.nat(1_000),
      what: fc.constantFrom('texted' as const, 'heldOut' as const),
    });
    fc.assert(
      fc.property(
        fc.array(told, { maxLength: 200 }),
        fc.integer({ min: 1, max: 12 }),
        (all, most) => {
          const sample = new TextedPeople(most);
          for (const { at, person, what } of all) sample.add(person, at, what);
          const chosen = new Set(
            [...new Set(all.map(({ person }) => person))]
              .toSorted((a, b) => (a.slice(1) < b.slice(1) ? -1 : 1))
              .slice(0, most),
          );
          const firstOf = (what: 'texted' | 'heldOut') =>
            [...Map.groupBy(all, ({ person }) => person)].flatMap(([person, own]) => {
              const moments = own.filter((one) => one.what === what).map(({ at }) => at);
              return chosen.has(person) && moments.length > 0
                ? [{ person, at: Math.min(...moments) }]
                : [];
            });
          const { heldOut, texted } = sample.people();
          expect(new Set(texted)).toEqual(new Set(firstOf('texted')));
          expect(new Set(heldOut)).toEqual(new Set(firstOf('heldOut')));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('the hours after a text', () => {
  test('are over by the end of the day, and not of long ago', () => {
    const moments = [-2 * DAY, -DAY, -DAY + 1, -7 * DAY, -7 * DAY - 1].map((before, i) => ({
      person: tokenOf(i),
      at: UNTIL + before,
    }));
    const { heldOut, texted } = whoseHoursAreOver({ texted: moments, heldOut: [] }, UNTIL);
    expect(heldOut).toEqual([]);
    expect(texted.map(({ person }) => person)).toEqual([0, 1, 3].map(tokenOf));
  });

  test('are those of somebody held out only while no text comes', () => {
    const at = UNTIL - 3 * DAY;
    const all = [1, 2, 3].map((i) => ({ person: tokenOf(i), at }));
    const texted = [
      { person: tokenOf(1), at: at + DAY - 1 },
      { person: tokenOf(2), at: at + DAY },
    ];
    const { heldOut } = whoseHoursAreOver({ texted, heldOut: all }, UNTIL);
    expect(heldOut.map(({ person }) => person)).toEqual([tokenOf(2), tokenOf(3)]);
  });
});

describe('the effect of texts by states', () => {
  const at = UNTIL - 2 * DAY;

  test('is of answered risky calls before and after, up to the end of the day', () => {
    const states = new Map([
      [
        tokenOf(1),
        state([
          call(at - 3 * HOUR, 600),
          call(at - 2 * HOUR, 60, false),
          call(at + HOUR, 120),
          call(at + 2 * HOUR, -1),
          call(at + 25 * HOUR, 6_000),
        ]),
      ],
    ]);
    expect(effectByStates(nobodyHeld([{ person: tokenOf(1), at }]), states, UNTIL)).toMatchObject({
      people: 1,
      before: { calls: 1, minutes: 10 },
      after: { calls: 2, minutes: 2 },
    });
  });

  test('leaves out whose state is gone, or has forgotten calls of the hours before', () => {
    const states = new Map<string, Pick<SubjectState, 'exposures' | 'floor'>>([
      [tokenOf(1), state([], at - DAY)],
      [tokenOf(2), state([call(at, 60)], at - DAY + 1)],
    ]);
    const texted = [1, 2, 3].map((i) => ({ person: tokenOf(i), at }));
    expect(effectByStates(nobodyHeld(texted), states, UNTIL)).toMatchObject({
      people: 1,
      after: { calls: 0, minutes: 0 },
    });
    expect(effectByStates(nobodyHeld(texted.slice(1)), states, UNTIL)).toBeUndefined();
  });

  test('is compared with people held out', () => {
    const people = Array.from({ length: 40 }, (_, i) => tokenOf(i));
    const states = new Map(
      people.map((person, i) => [
        person,
        state([call(at - HOUR, 300), ...(i < 20 ? [] : [call(at + HOUR, 300 + 10 * i)])]),
      ]),
    );
    const moments = people.map((person) => ({ person, at }));
    const effect = effectByStates(
      { texted: moments.slice(0, 20), heldOut: moments.slice(20) },
      states,
      UNTIL,
    );
    expect(effect?.heldOut).toMatchObject({ people: 20, after: { calls: 1 } });
    expect(effect?.heldOut?.difference?.minutes.high).toBeLessThan(-5);
  });
});
