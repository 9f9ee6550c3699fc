import { type Static, Type } from 'typebox';
import type { CallerRule } from './caller-rule.ts';
import { featurePosition } from './feature-position.ts';

export const RotatesHandsetsSchema = Type.Object(
  {
    rule: Type.Literal('rotates-handsets'),
    points: Type.Number(),
    handsetsAtLeast: Type.Integer({ minimum: 2 }),
    callsAtMost: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false },
);

const HANDSETS = featurePosition('handsets');
const CALLS = featurePosition('calls-made-month');

/** A number that turns up in many handsets within few calls sits in a SIM box. */
export const rotatesHandsets: CallerRule<Static<typeof RotatesHandsetsSchema>> = (
  features,
  { handsetsAtLeast, callsAtMost },
) => (features[HANDSETS] ?? 0) >= handsetsAtLeast && (features[CALLS] ?? 0) <= callsAtMost;
