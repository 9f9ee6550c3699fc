import type { FeatureVector } from '../features.ts';

/** A hand rule on a caller: adds its points to the scorecard's when it holds. Parameters stand in the policy. */
export type CallerRule<Parameters> = (features: FeatureVector, parameters: Parameters) => boolean;
