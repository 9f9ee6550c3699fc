import { type Static, Type } from 'typebox';
import type { CallerRule } from './caller-rule.ts';
import { featurePosition } from './feature-position.ts';

export const DialsStrangersFromAbroadSchema = Type.Object(
  {
    rule: Type.Literal('dials-strangers-from-abroad'),
    points: Type.Number(),
    callsAtLeast: Type.Integer({ minimum: 1 }),
    newContactShareAtLeast: Type.Number({ minimum: 0, maximum: 1 }),
  },
  { additionalProperties: false },
);

const INTERNATIONAL = featurePosition('international');
const CALLS = featurePosition('calls-made-day');
const NEW_CONTACTS = featurePosition('new-contact-share');

/** Somebody abroad who rings up one stranger after the other is no traveller and no relative. */
export const dialsStrangersFromAbroad: CallerRule<Static<typeof DialsStrangersFromAbroadSchema>> = (
  features,
  { callsAtLeast, newContactShareAtLeast },
) =>
  features[INTERNATIONAL] === 1 &&
  (features[CALLS] ?? 0) >= callsAtLeast &&
  (features[NEW_CONTACTS] ?? 0) >= newContactShareAtLeast;
