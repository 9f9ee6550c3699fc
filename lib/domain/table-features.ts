/**
 * The features of a labelled table of subscribers, each a whole life's aggregate. Defined once: the fitting, the
 * evaluation, the reports and the officers' words all read them here.
 */

/** Columns of the Sichuan table that features are made of (the processed table published with GAT-COBO). */
export const SICHUAN_COLUMNS = [
  'opposite_count',
  'opposite_unique',
  'voccalltype1',
  'imeis',
  'voc_calltype1',
  'city_name_call',
  'county_name_call',
  'phone2opposite_mean',
  'phone2opposite_median',
  'phone2opposite_max',
  'phone2oppo_sum_mean',
  'phone2oppo_sum_median',
  'phone2oppo_sum_max',
  'call_dur_mean',
  'call_dur_median',
  'call_dur_max',
  'call_dur_min',
  'city_name_nunique',
  'county_name_nunique',
  'calltype_id_unique',
  'voc_hour_mode',
  'voc_hour_mode_count',
  'voc_hour_nunique',
  'voc_day_mode',
  'voc_day_mode_count',
  'voc_day_nunique',
] as const;

export type SichuanColumn = (typeof SICHUAN_COLUMNS)[number];

/** One row: a number per column, NaN where the cell is empty (the subscriber has no such call). */
export type SichuanRow = Readonly<Record<SichuanColumn, number>>;

export type Unit =
  | 'calls'
  | 'people'
  | 'handsets'
  | 'places'
  | 'seconds'
  | 'share'
  | 'hour'
  | 'hours'
  | 'day'
  | 'days'
  | 'kinds'
  | 'ratio';

/** A feature of a labelled table. */
export interface TableFeature {
  readonly id: string;
  readonly unit: Unit;
  /** In words, as an officer would be told. */
  readonly meaning: string;
  /**
   * 1: more of it is never less suspicious; -1: never more so; 0: the field does not know. Known are: people talk again,
   * and longer, with those they know, and round the clock; a swindler dials strangers once, in working hours,
   * and wears out handsets.
   */
  readonly direction: -1 | 0 | 1;
  /** Grows with the time that the account was observed, or is a share of it: young accounts leak through it. */
  readonly span: boolean;
  readonly of: (row: SichuanRow) => number;
}

/** The number, but at least one: for places, where 0 is written for calls without a place. */
const least1 = (value: number) => Math.max(1, value);

/** Every feature of a labelled table. */
export const TABLE_FEATURES: readonly TableFeature[] = [
  {
    id: 'calls',
    unit: 'calls',
    meaning: 'calls in all',
    direction: 0,
    span: false,
    of: (r) => r.opposite_count,
  },
  {
    id: 'contacts',
    unit: 'people',
    meaning: 'people in touch with',
    direction: 0,
    span: false,
    of: (r) => r.opposite_unique,
  },
  {
    id: 'calls-made',
    unit: 'calls',
    meaning: 'calls made',
    direction: 0,
    span: false,
    of: (r) => r.voccalltype1,
  },
  {
    id: 'calls-received',
    unit: 'calls',
    meaning: 'calls received or forwarded',
    direction: 0,
    span: false,
    of: (r) => r.opposite_count - (Number.isNaN(r.voccalltype1) ? 0 : r.voccalltype1),
  },
  {
    id: 'made-share',
    unit: 'share',
    meaning: 'calls made / calls in all',
    direction: 0,
    span: false,
    of: (r) => r.voc_calltype1,
  },
  {
    id: 'handsets',
    unit: 'handsets',
    meaning: 'handsets used for calls made',
    direction: 1,
    span: false,
    of: (r) => r.imeis,
  },
  {
    id: 'cities-made',
    unit: 'places',
    meaning: 'cities that calls were made from',
    direction: 0,
    span: false,
    of: (r) => r.city_name_call,
  },
  {
    id: 'counties-made',
    unit: 'places',
    meaning: 'counties that calls were made from',
    direction: 0,
    span: false,
    of: (r) => r.county_name_call,
  },
  {
    id: 'cities',
    unit: 'places',
    meaning: 'cities over all calls',
    direction: 0,
    span: false,
    of: (r) => r.city_name_nunique,
  },
  {
    id: 'places',
    unit: 'places',
    meaning: 'counties over all calls',
    direction: 0,
    span: false,
    of: (r) => r.county_name_nunique,
  },
  {
    id: 'call-kinds',
    unit: 'kinds',
    meaning: 'kinds of call: made, received, forwarded',
    direction: 0,
    span: false,
    of: (r) => r.calltype_id_unique,
  },
  {
    id: 'calls-per-contact',
    unit: 'ratio',
    meaning: 'calls per person',
    direction: -1,
    span: false,
    of: (r) => r.phone2opposite_mean,
  },
  {
    id: 'calls-per-contact-median',
    unit: 'calls',
    meaning: 'calls with the person in the middle',
    direction: -1,
    span: false,
    of: (r) => r.phone2opposite_median,
  },
  {
    id: 'calls-with-closest',
    unit: 'calls',
    meaning: 'calls with the person called most',
    direction: -1,
    span: false,
    of: (r) => r.phone2opposite_max,
  },
  {
    id: 'talk-per-contact',
    unit: 'seconds',
    meaning: 'seconds talked per person',
    direction: -1,
    span: false,
    of: (r) => r.phone2oppo_sum_mean,
  },
  {
    id: 'talk-per-contact-median',
    unit: 'seconds',
    meaning: 'seconds talked with the person in the middle',
    direction: -1,
    span: false,
    of: (r) => r.phone2oppo_sum_median,
  },
  {
    id: 'talk-with-closest',
    unit: 'seconds',
    meaning: 'seconds talked with the person talked to most',
    direction: -1,
    span: false,
    of: (r) => r.phone2oppo_sum_max,
  },
  {
    id: 'mean-call-seconds',
    unit: 'seconds',
    meaning: 'mean seconds of a call',
    direction: 0,
    span: false,
    of: (r) => r.call_dur_mean,
  },
  {
    id: 'median-call-seconds',
    unit: 'seconds',
    meaning: 'seconds of the call in the middle',
    direction: 0,
    span: false,
    of: (r) => r.call_dur_median,
  },
  {
    id: 'call-seconds-longest',
    unit: 'seconds',
    meaning: 'seconds of the longest call',
    direction: 0,
    span: false,
    of: (r) => r.call_dur_max,
  },
  {
    id: 'call-seconds-shortest',
    unit: 'seconds',
    meaning: 'seconds of the shortest call',
    direction: 0,
    span: false,
    of: (r) => r.call_dur_min,
  },
  {
    id: 'busiest-hour',
    unit: 'hour',
    meaning: 'hour of day with most calls',
    direction: 0,
    span: false,
    of: (r) => r.voc_hour_mode,
  },
  {
    id: 'busiest-hour-calls',
    unit: 'calls',
    meaning: 'calls in the busiest hour of day',
    direction: 0,
    span: false,
    of: (r) => r.voc_hour_mode_count,
  },
  {
    id: 'distinct-hours',
    unit: 'hours',
    meaning: 'hours of day with calls',
    direction: -1,
    span: false,
    of: (r) => r.voc_hour_nunique,
  },
  {
    id: 'busiest-day',
    unit: 'day',
    meaning: 'day of the month with most calls',
    direction: 0,
    span: true,
    of: (r) => r.voc_day_mode,
  },
  {
    id: 'busiest-day-calls',
    unit: 'calls',
    meaning: 'calls on the busiest day of the month',
    direction: 0,
    span: true,
    of: (r) => r.voc_day_mode_count,
  },
  {
    id: 'days',
    unit: 'days',
    meaning: 'days of the month with calls',
    direction: -1,
    span: true,
    of: (r) => r.voc_day_nunique,
  },
  {
    id: 'made-per-contact',
    unit: 'ratio',
    meaning: 'calls made per person',
    direction: -1,
    span: false,
    of: (r) => r.voccalltype1 / r.opposite_unique,
  },
  {
    id: 'busiest-hour-share',
    unit: 'share',
    meaning: 'calls in the busiest hour / calls in all',
    direction: 1,
    span: false,
    of: (r) => r.voc_hour_mode_count / r.opposite_count,
  },
  {
    id: 'busiest-hour-crowding',
    unit: 'ratio',
    meaning: 'calls in the busiest hour / calls in the mean hour with calls',
    direction: 0,
    span: false,
    of: (r) => (r.voc_hour_mode_count * r.voc_hour_nunique) / r.opposite_count,
  },
  {
    id: 'calls-per-hour',
    unit: 'ratio',
    meaning: 'calls / hours of day with calls',
    direction: 0,
    span: false,
    of: (r) => r.opposite_count / r.voc_hour_nunique,
  },
  {
    id: 'contacts-per-hour',
    unit: 'ratio',
    meaning: 'people / hours of day with calls',
    direction: 0,
    span: false,
    of: (r) => r.opposite_unique / r.voc_hour_nunique,
  },
  {
    id: 'calls-per-day',
    unit: 'ratio',
    meaning: 'calls / days of the month with calls',
    direction: 0,
    span: true,
    of: (r) => r.opposite_count / r.voc_day_nunique,
  },
  {
    id: 'contacts-per-day',
    unit: 'ratio',
    meaning: 'people / days of the month with calls',
    direction: 0,
    span: true,
    of: (r) => r.opposite_unique / r.voc_day_nunique,
  },
  {
    id: 'busiest-day-share',
    unit: 'share',
    meaning: 'calls on the busiest day / calls in all',
    direction: 0,
    span: true,
    of: (r) => r.voc_day_mode_count / r.opposite_count,
  },
  {
    id: 'busiest-day-crowding',
    unit: 'ratio',
    meaning: 'calls on the busiest day / calls on the mean day with calls',
    direction: 0,
    span: true,
    of: (r) => (r.voc_day_mode_count * r.voc_day_nunique) / r.opposite_count,
  },
  {
    id: 'days-per-call',
    unit: 'ratio',
    meaning: 'days of the month with calls / calls, at most as many calls as a month has days',
    direction: 0,
    span: true,
    of: (r) => r.voc_day_nunique / Math.min(31, r.opposite_count),
  },
  {
    id: 'hours-per-day',
    unit: 'ratio',
    meaning: 'hours of day with calls / days of the month with calls',
    direction: 0,
    span: true,
    of: (r) => r.voc_hour_nunique / r.voc_day_nunique,
  },
  {
    id: 'handsets-per-day',
    unit: 'ratio',
    meaning: 'handsets / days of the month with calls',
    direction: 0,
    span: true,
    of: (r) => r.imeis / r.voc_day_nunique,
  },
  {
    id: 'closest-per-day',
    unit: 'ratio',
    meaning: 'calls with the person called most / days of the month with calls',
    direction: 0,
    span: true,
    of: (r) => r.phone2opposite_max / r.voc_day_nunique,
  },
  {
    id: 'hours-per-call',
    unit: 'ratio',
    meaning: 'hours of day with calls / calls, at most as many calls as a day has hours',
    direction: 0,
    span: false,
    of: (r) => r.voc_hour_nunique / Math.min(24, r.opposite_count),
  },
  {
    id: 'top-contact-share',
    unit: 'share',
    meaning: 'calls with the person called most / calls in all',
    direction: 0,
    span: false,
    of: (r) => r.phone2opposite_max / r.opposite_count,
  },
  {
    id: 'closest-talk-share',
    unit: 'share',
    meaning: 'seconds with the person talked to most / seconds in all',
    direction: 0,
    span: false,
    of: (r) => r.phone2oppo_sum_max / (r.call_dur_mean * r.opposite_count),
  },
  {
    id: 'talk',
    unit: 'seconds',
    meaning: 'seconds talked in all',
    direction: 0,
    span: false,
    of: (r) => r.call_dur_mean * r.opposite_count,
  },
  {
    id: 'call-seconds-spread',
    unit: 'ratio',
    meaning: 'mean call / call in the middle',
    direction: 0,
    span: false,
    of: (r) => r.call_dur_mean / r.call_dur_median,
  },
  {
    id: 'longest-per-mean',
    unit: 'ratio',
    meaning: 'longest call / mean call',
    direction: 0,
    span: false,
    of: (r) => r.call_dur_max / r.call_dur_mean,
  },
  {
    id: 'contact-spread',
    unit: 'ratio',
    meaning: 'mean calls per person / calls with the person in the middle',
    direction: 0,
    span: false,
    of: (r) => r.phone2opposite_mean / r.phone2opposite_median,
  },
  {
    id: 'talk-spread',
    unit: 'ratio',
    meaning: 'mean seconds per person / seconds with the person in the middle',
    direction: 0,
    span: false,
    of: (r) => r.phone2oppo_sum_mean / r.phone2oppo_sum_median,
  },
  {
    id: 'contact-per-call-seconds',
    unit: 'ratio',
    meaning: 'seconds with the person in the middle / seconds of the call in the middle',
    direction: 0,
    span: false,
    of: (r) => r.phone2oppo_sum_median / r.call_dur_median,
  },
  {
    id: 'counties-per-city',
    unit: 'ratio',
    meaning: 'counties per city',
    direction: 0,
    span: false,
    of: (r) => r.county_name_nunique / least1(r.city_name_nunique),
  },
  {
    id: 'counties-made-share',
    unit: 'share',
    meaning: 'counties that calls were made from / counties in all',
    direction: 0,
    span: false,
    of: (r) => r.county_name_call / least1(r.county_name_nunique),
  },
  {
    id: 'counties-per-handset',
    unit: 'ratio',
    meaning: 'counties per handset',
    direction: 0,
    span: false,
    of: (r) => r.county_name_nunique / r.imeis,
  },
  {
    id: 'made-per-handset',
    unit: 'ratio',
    meaning: 'calls made per handset',
    direction: 0,
    span: false,
    of: (r) => r.voccalltype1 / r.imeis,
  },
  {
    id: 'contacts-per-county',
    unit: 'ratio',
    meaning: 'people per county',
    direction: 0,
    span: false,
    of: (r) => r.opposite_unique / least1(r.county_name_nunique),
  },
  {
    id: 'calls-per-county',
    unit: 'ratio',
    meaning: 'calls per county',
    direction: 0,
    span: false,
    of: (r) => r.opposite_count / least1(r.county_name_nunique),
  },
  {
    id: 'counties-per-root-calls',
    unit: 'ratio',
    meaning: 'counties / root of calls',
    direction: 0,
    span: false,
    of: (r) => r.county_name_nunique / Math.sqrt(r.opposite_count),
  },
  {
    id: 'handsets-per-contact',
    unit: 'ratio',
    meaning: 'handsets per person',
    direction: 0,
    span: false,
    of: (r) => r.imeis / r.opposite_unique,
  },
  {
    id: 'longest-share',
    unit: 'share',
    meaning: 'longest call / all talk',
    direction: 0,
    span: false,
    of: (r) => r.call_dur_max / (r.call_dur_mean * r.opposite_count),
  },
  {
    id: 'repeat-calls',
    unit: 'calls',
    meaning: 'calls to people already in touch with',
    direction: 0,
    span: false,
    of: (r) => r.opposite_count - r.opposite_unique,
  },
];

/** The features of one row of the Sichuan table, in the order of {@link TABLE_FEATURES}. */
export function sichuanFeatures(row: SichuanRow): Float64Array {
  return Float64Array.from(TABLE_FEATURES, ({ of }) => finite(of(row)));
}

/** A share of nothing is no share. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}

/** Names of the features that tell how long an account was observed. */
export function spanFeatures(): ReadonlySet<string> {
  return new Set(TABLE_FEATURES.filter(({ span }) => span).map(({ id }) => id));
}
