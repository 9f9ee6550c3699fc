import {
  DAY_BUCKET,
  DAY_WINDOW,
  HOUR_BUCKET,
  HOUR_WINDOW,
  MONTH_BUCKET,
  MONTH_WINDOW,
  OFFSET,
  WINDOW_BUCKETS,
  type Window,
} from './layout.ts';
import type { Profile } from './profile.ts';

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
function bucketAt(profile: Profile, window: Window, time: number): number {
  const { view, bytes } = profile;
  const index = Math.floor(time / window.seconds);
  const headAt = OFFSET.windowHeads + window.head * 4;
  const head = view.getUint32(headAt);
  if (index > head) {
    const fresh = Math.min(WINDOW_BUCKETS, index - head);
    for (let i = 0; i < fresh; i++) {
      const slot = window.at + ((index - i) % WINDOW_BUCKETS) * window.bytes;
      for (let at = slot; at < slot + window.bytes; at++) bytes[at] = 0;
    }
    view.setUint32(headAt, index);
  } else if (head - index >= WINDOW_BUCKETS) {
    return -1;
  }
  return window.at + (index % WINDOW_BUCKETS) * window.bytes;
}

function add16(view: DataView, offset: number, by: number): void {
  if (by !== 0) view.setUint16(offset, Math.min(MOST_16, view.getUint16(offset) + by));
}

function add24(view: DataView, offset: number, by: number): void {
  if (by === 0) return;
  const sum = Math.min(MOST_24, view.getUint16(offset) * 256 + view.getUint8(offset + 2) + by);
  view.setUint16(offset, sum >>> 8);
  view.setUint8(offset + 2, sum & 0xff);
}

/** Adds a call's counts to the buckets of its start, in every window that still reaches back to it. */
export function addToWindows(
  profile: Profile,
  time: number,
  originating: boolean,
  counts: CallCounts,
): void {
  const { view } = profile;
  const hour = bucketAt(profile, HOUR_WINDOW, time);
  if (hour >= 0) add16(view, hour + HOUR_BUCKET.made, counts.made);
  const day = bucketAt(profile, DAY_WINDOW, time);
  if (day >= 0) {
    add16(view, day + DAY_BUCKET.made, counts.made);
    add16(view, day + DAY_BUCKET.received, counts.received);
    if (originating) {
      add16(view, day + DAY_BUCKET.answered, counts.answered);
      add16(view, day + DAY_BUCKET.newContacts, counts.newContacts);
      add24(view, day + DAY_BUCKET.talk, counts.talk);
    }
  }
  const month = bucketAt(profile, MONTH_WINDOW, time);
  if (month >= 0) {
    add16(view, month + MONTH_BUCKET.made, counts.made);
    add16(view, month + MONTH_BUCKET.received, counts.received);
    add16(view, month + MONTH_BUCKET.answered, counts.answered);
    add24(view, month + MONTH_BUCKET.talk, counts.talk);
  }
}

/** Sum of a 16-bit count over a window. */
export function sum16(profile: Profile, window: Window, field: number): number {
  const { bytes } = profile;
  let high = 0;
  let low = 0;
  const end = window.at + WINDOW_BUCKETS * window.bytes;
  for (let at = window.at + field; at < end; at += window.bytes) {
    high += bytes[at] as number;
    low += bytes[at + 1] as number;
  }
  return high * 256 + low;
}

/** Sum of a 24-bit count over a window. */
export function sum24(profile: Profile, window: Window, field: number): number {
  const { bytes } = profile;
  let sum = 0;
  const end = window.at + WINDOW_BUCKETS * window.bytes;
  for (let at = window.at + field; at < end; at += window.bytes) {
    sum +=
      (bytes[at] as number) * 65_536 + (bytes[at + 1] as number) * 256 + (bytes[at + 2] as number);
  }
  return sum;
}
