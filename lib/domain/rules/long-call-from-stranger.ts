import { type Static, Type } from 'typebox';
import { FRAUD_KINDS } from '../fraud-kind.ts';
import type { CallRule } from './call-rule.ts';

export const LongCallFromStrangerSchema = Type.Object(
  {
    rule: Type.Literal('long-call-from-stranger'),
    points: Type.Number(),
    kind: Type.Enum([...FRAUD_KINDS]),
    secondsAtLeast: Type.Number({ exclusiveMinimum: 0 }),
  },
  { additionalProperties: false },
);

/** Hours with somebody never heard of before: false officers forbid to hang up. */
export const longCallFromStranger: CallRule<Static<typeof LongCallFromStrangerSchema>> = (
  call,
  { secondsAtLeast },
) => call.stranger && (call.duration ?? 0) >= secondsAtLeast;
