import { FEATURES, type Feature } from '../features.ts';

/** Where a feature stands in a vector. */
export function featurePosition(feature: Feature): number {
  return FEATURES.indexOf(feature);
}
