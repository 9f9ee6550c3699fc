import type { Feature } from '../domain/features.ts';
import type { Direction } from './boosting.ts';

/**
 * Where the field knows the sign of a live feature's curve; a feature not named here may go as the data say.
 */
export const LIVE_DIRECTIONS: Readonly<Partial<Record<Feature, Direction>>> = {
  'new-contact-share': 1,
  'made-share-day': 1,
  'answered-share': -1,
  'two-way-share': -1,
  'calls-per-contact': -1,
  handsets: 1,
  international: 1,
};
