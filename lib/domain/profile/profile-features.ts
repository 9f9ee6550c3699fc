import { FEATURES, type Feature, type FeatureVector } from '../features.ts';
import { mostCallsToOne, twoWayShare } from './contacts.ts';
import {
  callsOfHabit,
  distinctContacts,
  distinctHandsets,
  distinctPlaces,
  hoursOfHabit,
} from './habits.ts';
import { OFFSET, PROFILE_FLAG } from './layout.ts';
import type { Profile } from './profile.ts';
import { daySums, hourSums, monthSums } from './windows.ts';

/** Calls made over a month: the gate before the whole vector is worth computing. */
export function callsMadeInMonth(profile: Profile): number {
  return monthSums(profile).made;
}

/** Calls made over a day. */
export function madeInDay(profile: Profile): number {
  return daySums(profile).made;
}

export type FeatureReader = (profile: Profile) => number;

const READ: Readonly<Record<Feature, FeatureReader>> = {
  'calls-made-hour': (profile) => hourSums(profile).made,
  'calls-made-day': madeInDay,
  'calls-made-month': callsMadeInMonth,
  'new-contact-share': (profile) => {
    const { made, newContacts } = daySums(profile);
    return newContacts / made;
  },
  'made-share-day': (profile) => {
    const { made, received } = daySums(profile);
    return made / (made + received);
  },
  'answered-share': (profile) => {
    const { answered, made } = daySums(profile);
    return answered / made;
  },
  'mean-talk-seconds': (profile) => {
    const { answered, talk } = daySums(profile);
    return talk / answered;
  },
  'two-way-share': twoWayShare,
  'calls-per-contact': (profile) => callsOfHabit(profile) / distinctContacts(profile),
  'made-share': (profile) => {
    const { made, received } = monthSums(profile);
    return made / (made + received);
  },
  'mean-call-seconds': (profile) => {
    const { answered, talk } = monthSums(profile);
    return talk / answered;
  },
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
