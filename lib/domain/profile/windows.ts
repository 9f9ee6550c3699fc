import { FEATURES, type FeatureVector } from '../features.ts';
import {
  BUCKET,
  BUCKET_BYTES,
  BUCKET_SECONDS,
  CONTACT_BYTES,
  CONTACT_FLAG,
  CONTACTS_AT,
  OFFSET,
  PROFILE_FLAG,
  WINDOW_BUCKETS,
} from './layout.ts';
import type { Profile } from './profile.ts';

const WINDOW_BYTES = WINDOW_BUCKETS * BUCKET_BYTES;
const MOST_16 = 0xffff;
const MOST_24 = 0xffffff;

/** What one settled call adds to the windows. */
export interface CallCounts {
  readonly made: number;
  readonly received: number;
  readonly answered: number;
  readonly newContacts: number;
  readonly talk: number;
}

/** Moves a window on to the bucket of `time`; offset of that bucket, or -1 when the window has left it behind. */
function bucketAt(profile: Profile, window: number, time: number): number {
  const { view, bytes } = profile;
  const index = Math.floor(time / (BUCKET_SECONDS[window] ?? 1));
  const headAt = OFFSET.windowHeads + window * 4;
  const head = view.getUint32(headAt);
  const start = OFFSET.windows + window * WINDOW_BYTES;
  if (index > head) {
    const fresh = Math.min(WINDOW_BUCKETS, index - head);
    for (let i = 0; i < fresh; i++) {
      const slot = start + ((index - i) % WINDOW_BUCKETS) * BUCKET_BYTES;
      for (let at = slot; at < slot + BUCKET_BYTES; at++) bytes[at] = 0;
    }
    view.setUint32(headAt, index);
  } else if (head - index >= WINDOW_BUCKETS) {
    return -1;
  }
  return start + (index % WINDOW_BUCKETS) * BUCKET_BYTES;
}

function add16(view: DataView, offset: number, by: number): void {
  if (by !== 0) view.setUint16(offset, Math.min(MOST_16, view.getUint16(offset) + by));
}

/** Adds a call's counts to the buckets of its start, in every window that still reaches back to it. */
export function addToWindows(profile: Profile, time: number, counts: CallCounts): void {
  const { view } = profile;
  for (let window = 0; window < BUCKET_SECONDS.length; window++) {
    const bucket = bucketAt(profile, window, time);
    if (bucket < 0) continue;
    add16(view, bucket + BUCKET.made, counts.made);
    add16(view, bucket + BUCKET.received, counts.received);
    add16(view, bucket + BUCKET.answered, counts.answered);
    add16(view, bucket + BUCKET.newContacts, counts.newContacts);
    if (counts.talk > 0) {
      const at = bucket + BUCKET.talk;
      const talk = Math.min(
        MOST_24,
        view.getUint16(at) * 256 + view.getUint8(at + 2) + counts.talk,
      );
      view.setUint16(at, talk >>> 8);
      view.setUint8(at + 2, talk & 0xff);
    }
  }
}

/** Sum of a 16-bit count over a window. */
function sum16(view: DataView, window: number, field: number): number {
  let sum = 0;
  const end = OFFSET.windows + (window + 1) * WINDOW_BYTES;
  for (let at = OFFSET.windows + window * WINDOW_BYTES + field; at < end; at += BUCKET_BYTES) {
    sum += view.getUint16(at);
  }
  return sum;
}

function sumTalk(view: DataView, window: number): number {
  let sum = 0;
  const end = OFFSET.windows + (window + 1) * WINDOW_BYTES;
  for (
    let at = OFFSET.windows + window * WINDOW_BYTES + BUCKET.talk;
    at < end;
    at += BUCKET_BYTES
  ) {
    sum += view.getUint16(at) * 256 + view.getUint8(at + 2);
  }
  return sum;
}

const HOUR = 0;
const DAY = 1;
const WEEK = 2;

/** Calls made over the last day: the gate before the whole vector is worth computing. */
export function callsMadeInDay(profile: Profile): number {
  return sum16(profile.view, DAY, BUCKET.made);
}

function twoWayShare(profile: Profile): number {
  const { bytes, view } = profile;
  const contacts = view.getUint8(OFFSET.contactCount);
  if (contacts === 0) return 0;
  const both = CONTACT_FLAG.called | CONTACT_FLAG.calledBack;
  let twoWay = 0;
  for (let i = 0; i < contacts; i++) {
    if (bytes[CONTACTS_AT + i * CONTACT_BYTES + 2] === both) twoWay++;
  }
  return twoWay / contacts;
}

/**
 * The number's features as of its newest settled call, written into `into` (order of FEATURES).
 * Shares of nothing are 0.
 */
export function computeFeatures(profile: Profile, into: FeatureVector): FeatureVector {
  const { view } = profile;
  const madeDay = callsMadeInDay(profile);
  const madeWeek = sum16(view, WEEK, BUCKET.made);
  const received = sum16(view, DAY, BUCKET.received);
  const answered = sum16(view, DAY, BUCKET.answered);
  let i = 0;
  into[i++] = sum16(view, HOUR, BUCKET.made);
  into[i++] = madeDay;
  into[i++] = madeWeek;
  into[i++] = madeDay === 0 ? 0 : sum16(view, DAY, BUCKET.newContacts) / madeDay;
  into[i++] = madeWeek / Math.max(1, sum16(view, WEEK, BUCKET.newContacts));
  into[i++] = madeDay === 0 ? 0 : madeDay / (madeDay + received);
  into[i++] = madeDay === 0 ? 0 : answered / madeDay;
  into[i++] = answered === 0 ? 0 : sumTalk(view, DAY) / answered;
  into[i++] = twoWayShare(profile);
  into[i++] = view.getUint8(OFFSET.handsetCount);
  into[i++] = view.getUint8(OFFSET.districtCount);
  into[i++] = view.getUint8(OFFSET.flags) & PROFILE_FLAG.international;
  return into;
}

/** Room for one number's features. */
export function createFeatureVector(): FeatureVector {
  return new Float64Array(FEATURES.length);
}
