/**
 * What is known of a number as a caller, computed from its profile. None is a count of days observed, which would
 * tell how long an account was watched and not what it did. Those marked *habit* look back over 32 to 64 days and mean
 * the same as columns of a feature table (see table-features.ts); the others need a stream.
 * A share or mean of nothing is NaN, for which a term has points of its own.
 */
export const FEATURES = [
  'calls-made-hour',
  'calls-made-day',
  'calls-made-month',
  /** Calls to numbers not in touch before / calls made, over a day. */
  'new-contact-share',
  /** Calls made / calls made and received, over a day. */
  'made-share-day',
  /** Calls made that were answered / calls made, over a day. */
  'answered-share',
  /** Seconds per answered call made, over a day. */
  'mean-talk-seconds',
  /** Recent contacts that were called and called back / recent contacts. */
  'two-way-share',
  /** Habit: calls made and received / distinct counterparts. */
  'calls-per-contact',
  /** Habit: calls made / calls made and received. */
  'made-share',
  /** Habit: seconds per answered call, made or received. */
  'mean-call-seconds',
  /** Habit: calls in the busiest hour of day / calls. */
  'busiest-hour-share',
  /** Habit: hours of the day in which there were calls, 1 to 24. */
  'distinct-hours',
  /** Habit: calls with the counterpart most in touch with / calls. */
  'top-contact-share',
  /** Habit: handsets that calls were made from. */
  'handsets',
  /** Habit: districts that calls were made or taken in. */
  'places',
  /** 1 when one of the calls made was international, else 0. */
  'international',
] as const;

export type Feature = (typeof FEATURES)[number];

/** One value per feature, in the order of {@link FEATURES}. */
export type FeatureVector = Float64Array;

/** Room for one number's features. */
export function createFeatureVector(): FeatureVector {
  return new Float64Array(FEATURES.length);
}

/** Features by name, for people and JSON; null where there is no value. */
export function featuresByName(features: FeatureVector): Record<string, number | null> {
  return Object.fromEntries(
    FEATURES.map((feature, i) => {
      const value = features[i] ?? Number.NaN;
      return [feature, Number.isNaN(value) ? null : value];
    }),
  );
}
