import { FEATURES, type Feature, type FeatureVector } from '../features.ts';
import { mostCallsToOne, twoWayShare } from './contacts.ts';
import {
  callsOfHabit,
  distinctContacts,
  distinctHandsets,
  distinctPlaces,
  hoursOfHabit,
} from './habits.ts';
import {
  DAY_BUCKET,
  DAY_WINDOW,
  HOUR_BUCKET,
  HOUR_WINDOW,
  MONTH_BUCKET,
  MONTH_WINDOW,
  OFFSET,
  PROFILE_FLAG,
} from './layout.ts';
import type { Profile } from './profile.ts';
import { sum16, sum24 } from './windows.ts';

/** Calls made over a month: the gate before the whole vector is worth computing. */
export function callsMadeInMonth(profile: Profile): number {
  return sum16(profile, MONTH_WINDOW, MONTH_BUCKET.made);
}

function answeredInDay(profile: Profile): number {
  return sum16(profile, DAY_WINDOW, DAY_BUCKET.answered);
}

/** Calls made over a day. */
export function madeInDay(profile: Profile): number {
  return sum16(profile, DAY_WINDOW, DAY_BUCKET.made);
}

export type FeatureReader = (profile: Profile) => number;

const READ: Readonly<Record<Feature, FeatureReader>> = {
  'calls-made-hour': (profile) => sum16(profile, HOUR_WINDOW, HOUR_BUCKET.made),
  'calls-made-day': madeInDay,
  'calls-made-month': callsMadeInMonth,
  'new-contact-share': (profile) =>
    sum16(profile, DAY_WINDOW, DAY_BUCKET.newContacts) / madeInDay(profile),
  'made-share-day': (profile) => {
    const made = madeInDay(profile);
    return made / (made + sum16(profile, DAY_WINDOW, DAY_BUCKET.received));
  },
  'answered-share': (profile) => answeredInDay(profile) / madeInDay(profile),
  'mean-talk-seconds': (profile) =>
    sum24(profile, DAY_WINDOW, DAY_BUCKET.talk) / answeredInDay(profile),
  'two-way-share': twoWayShare,
  'calls-per-contact': (profile) => callsOfHabit(profile) / distinctContacts(profile),
  'made-share': (profile) => {
    const made = callsMadeInMonth(profile);
    return made / (made + sum16(profile, MONTH_WINDOW, MONTH_BUCKET.received));
  },
  'mean-call-seconds': (profile) =>
    sum24(profile, MONTH_WINDOW, MONTH_BUCKET.talk) /
    sum16(profile, MONTH_WINDOW, MONTH_BUCKET.answered),
  'busiest-hour-share': (profile) => {
    const { busiest, all } = hoursOfHabit(profile);
    return busiest / all;
  },
  'distinct-hours': (profile) => hoursOfHabit(profile).distinct,
  'top-contact-share': (profile) => Math.min(1, mostCallsToOne(profile) / callsOfHabit(profile)),
  handsets: distinctHandsets,
  places: distinctPlaces,
  international: ({ view }) => view.getUint8(OFFSET.flags) & PROFILE_FLAG.international,
};

/** By position in FEATURES: one feature of a number as of its newest settled call; NaN when it has no value. */
export const FEATURE_READERS = FEATURES.map((feature) => READ[feature]);

/** All features of a number as of its newest settled call, written into `into` (order of FEATURES). */
export function computeFeatures(profile: Profile, into: FeatureVector): FeatureVector {
  for (let i = 0; i < FEATURES.length; i++)
    into[i] = (FEATURE_READERS[i] as FeatureReader)(profile);
  return into;
}
