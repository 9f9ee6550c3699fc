import fc from 'fast-check';
import type { Leg } from '../../../lib/domain/leg.ts';
import { legOf, MORNING, tokenOf } from '../factories.ts';

/** What may vary in a call, save for its gap to the one before. */
export const callFields = {
  duration: fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 90 }) },
    { weight: 2, arbitrary: fc.integer({ min: 90, max: 4_000 }) },
  ),
  counterpart: fc.nat({ max: 60 }),
  made: fc.integer({ min: 0, max: 9 }),
  handset: fc.integer({ min: 0, max: 2 }),
  international: fc.integer({ min: 0, max: 12 }),
  service: fc.integer({ min: 0, max: 12 }),
};

/** Gaps between calls: mostly minutes, now and then as long as this. */
const callsApart = (longGap: { readonly min: number; readonly max: number }) =>
  fc.record({
    ...callFields,
    gap: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 400 }) },
      { weight: 1, arbitrary: fc.integer(longGap) },
    ),
  });

type AnyCall = { readonly [Field in keyof typeof callFields]: number };

/** The leg of a whole call, the i-th of its number. */
export function wholeLeg(call: AnyCall, i: number, start: number): Leg {
  return legOf({
    // Spread like real keys, so that their order is not that of the calls.
    call: (i * 7_919 + 13) % 1_009,
    counterpart: tokenOf(call.counterpart),
    originating: call.made > 1,
    start,
    duration: call.duration,
    answered: call.duration > 0,
    handset: call.handset,
    international: call.international === 0,
    counterpartIsService: call.service === 0,
  });
}

/** Whole calls of one number, at most so many, in the order of their starts. */
export const legsUpTo = (maxLength: number, longGap = { min: 3_000, max: 9_000 }) =>
  fc.array(callsApart(longGap), { minLength: 1, maxLength }).map((calls) => {
    let start = MORNING;
    return calls.map((call, i): Leg => {
      start += call.gap;
      return wholeLeg(call, i, start);
    });
  });
