import { type Static, Type } from 'typebox';
import type { CallerRule } from './caller-rule.ts';
import { featurePosition } from './feature-position.ts';

export const HoldsStrangersLongSchema = Type.Object(
  {
    rule: Type.Literal('holds-strangers-long'),
    points: Type.Number(),
    meanSecondsAtLeast: Type.Number({ exclusiveMinimum: 0 }),
    newContactShareAtLeast: Type.Number({ minimum: 0, maximum: 1 }),
  },
  { additionalProperties: false },
);

const MEAN_TALK = featurePosition('mean-talk-seconds');
const NEW_CONTACTS = featurePosition('new-contact-share');

/** Strangers who are kept on the line for long: what a false police officer does, and no courier. */
export const holdsStrangersLong: CallerRule<Static<typeof HoldsStrangersLongSchema>> = (
  features,
  { meanSecondsAtLeast, newContactShareAtLeast },
) =>
  (features[MEAN_TALK] ?? 0) >= meanSecondsAtLeast &&
  (features[NEW_CONTACTS] ?? 0) >= newContactShareAtLeast;
