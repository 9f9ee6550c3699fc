import { type Static, Type } from 'typebox';
import type { FeatureVector } from '../features.ts';
import type { CallCircumstances } from './call-rule.ts';
import {
  DialsStrangersFromAbroadSchema,
  dialsStrangersFromAbroad,
} from './dials-strangers-from-abroad.ts';
import {
  FirstInternationalCallSchema,
  firstInternationalCall,
} from './first-international-call.ts';
import { HoldsStrangersLongSchema, holdsStrangersLong } from './holds-strangers-long.ts';
import { LongCallFromStrangerSchema, longCallFromStranger } from './long-call-from-stranger.ts';
import { PestersBrieflySchema, pestersBriefly } from './pesters-briefly.ts';
import { RotatesHandsetsSchema, rotatesHandsets } from './rotates-handsets.ts';

/** Hand rules on a caller: their points are added to the scorecard's. */
export const CallerRuleSchema = Type.Union([
  RotatesHandsetsSchema,
  DialsStrangersFromAbroadSchema,
  HoldsStrangersLongSchema,
  PestersBrieflySchema,
]);
export type CallerRuleDocument = Static<typeof CallerRuleSchema>;

/** Hand rules on one call, from the called person's side: they make an exposure of their own. */
export const CallRuleSchema = Type.Union([
  FirstInternationalCallSchema,
  LongCallFromStrangerSchema,
]);
export type CallRuleDocument = Static<typeof CallRuleSchema>;

/** Whether a rule on a caller holds. */
export function callerRuleHolds(features: FeatureVector, document: CallerRuleDocument): boolean {
  switch (document.rule) {
    case 'rotates-handsets':
      return rotatesHandsets(features, document);
    case 'dials-strangers-from-abroad':
      return dialsStrangersFromAbroad(features, document);
    case 'holds-strangers-long':
      return holdsStrangersLong(features, document);
    case 'pesters-briefly':
      return pestersBriefly(features, document);
  }
}

/** Whether a rule on one call holds. */
export function callRuleHolds(call: CallCircumstances, document: CallRuleDocument): boolean {
  switch (document.rule) {
    case 'first-international-call':
      return firstInternationalCall(call, document);
    case 'long-call-from-stranger':
      return longCallFromStranger(call, document);
  }
}
