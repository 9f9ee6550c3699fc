import type { FeatureVector } from '../features.ts';
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

/**
 * The number's features as of its newest settled call, written into `into` (order of FEATURES).
 * What has no value is NaN.
 */
export function computeFeatures(profile: Profile, into: FeatureVector): FeatureVector {
  const madeDay = sum16(profile, DAY_WINDOW, DAY_BUCKET.made);
  const receivedDay = sum16(profile, DAY_WINDOW, DAY_BUCKET.received);
  const answeredDay = sum16(profile, DAY_WINDOW, DAY_BUCKET.answered);
  const madeMonth = callsMadeInMonth(profile);
  const receivedMonth = sum16(profile, MONTH_WINDOW, MONTH_BUCKET.received);
  const answeredMonth = sum16(profile, MONTH_WINDOW, MONTH_BUCKET.answered);
  const habitCalls = callsOfHabit(profile);
  const hours = hoursOfHabit(profile);
  let i = 0;
  into[i++] = sum16(profile, HOUR_WINDOW, HOUR_BUCKET.made);
  into[i++] = madeDay;
  into[i++] = madeMonth;
  into[i++] = sum16(profile, DAY_WINDOW, DAY_BUCKET.newContacts) / madeDay;
  into[i++] = madeDay / (madeDay + receivedDay);
  into[i++] = answeredDay / madeDay;
  into[i++] = sum24(profile, DAY_WINDOW, DAY_BUCKET.talk) / answeredDay;
  into[i++] = twoWayShare(profile);
  into[i++] = habitCalls / distinctContacts(profile);
  into[i++] = madeMonth / (madeMonth + receivedMonth);
  into[i++] = sum24(profile, MONTH_WINDOW, MONTH_BUCKET.talk) / answeredMonth;
  into[i++] = hours.busiest / hours.all;
  into[i++] = hours.distinct;
  into[i++] = Math.min(1, mostCallsToOne(profile) / habitCalls);
  into[i++] = distinctHandsets(profile);
  into[i++] = distinctPlaces(profile);
  into[i++] = profile.view.getUint8(OFFSET.flags) & PROFILE_FLAG.international;
  return into;
}
