import { type Static, Type } from 'typebox';
import type { CallerRule } from './caller-rule.ts';
import { featurePosition } from './feature-position.ts';

export const PestersBrieflySchema = Type.Object(
  {
    rule: Type.Literal('pesters-briefly'),
    points: Type.Number(),
    callsAtLeast: Type.Integer({ minimum: 1 }),
    callsPerContactAtLeast: Type.Number({ minimum: 1 }),
    meanSecondsBelow: Type.Number({ exclusiveMinimum: 0 }),
  },
  { additionalProperties: false },
);

const CALLS = featurePosition('calls-made-month');
const CALLS_PER_CONTACT = featurePosition('calls-per-contact');
const MEAN_TALK = featurePosition('mean-talk-seconds');

/** Collectors and sellers ring the same people again and again, and nobody listens for long. */
export const pestersBriefly: CallerRule<Static<typeof PestersBrieflySchema>> = (
  features,
  { callsAtLeast, callsPerContactAtLeast, meanSecondsBelow },
) =>
  (features[CALLS] ?? 0) >= callsAtLeast &&
  (features[CALLS_PER_CONTACT] ?? 0) >= callsPerContactAtLeast &&
  (features[MEAN_TALK] ?? 0) < meanSecondsBelow;
