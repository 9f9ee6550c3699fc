import { type Static, Type } from 'typebox';
import { FRAUD_KINDS } from '../fraud-kind.ts';
import type { CallRule } from './call-rule.ts';

export const FirstInternationalCallSchema = Type.Object(
  {
    rule: Type.Literal('first-international-call'),
    points: Type.Number(),
    kind: Type.Enum([...FRAUD_KINDS]),
    /** With more calls from abroad than this before, the person is used to them. */
    callsBeforeAtMost: Type.Integer({ minimum: 0, maximum: 254 }),
    secondsAtLeast: Type.Number({ minimum: 0 }),
  },
  { additionalProperties: false },
);

/** A person who never has calls from abroad is kept on the line by one. */
export const firstInternationalCall: CallRule<Static<typeof FirstInternationalCallSchema>> = (
  call,
  { callsBeforeAtMost, secondsAtLeast },
) =>
  call.international &&
  call.stranger &&
  call.internationalBefore <= callsBeforeAtMost &&
  (call.duration ?? 0) >= secondsAtLeast;
