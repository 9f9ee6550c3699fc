/**
 * What is known of a number as a caller. Each is one that tells fraud from ordinary callers in the labelled
 * subscribers of a Sichuan operator; none of them grows with the time a number was observed.
 */
export const FEATURES = [
  'calls-made-hour',
  'calls-made-day',
  'calls-made-week',
  /** Calls to numbers not in touch before / calls made, over a day. */
  'new-contact-share',
  /** Calls made / new contacts, over a week. */
  'calls-per-new-contact',
  /** Calls made / calls made and received, over a day. */
  'made-share',
  /** Calls made that were answered / calls made, over a day. */
  'answered-share',
  /** Seconds per answered call made, over a day. */
  'mean-talk-seconds',
  /** Recent contacts that were called and called back / recent contacts. */
  'two-way-share',
  'handsets',
  'districts',
  /** 1 when the number or one of its calls came from abroad. */
  'international',
] as const;

export type Feature = (typeof FEATURES)[number];

/** One value per feature, in the order of {@link FEATURES}. */
export type FeatureVector = Float64Array;
