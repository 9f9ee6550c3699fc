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

/** Moves a window on to the bucket of `time`; offset of that bucket, or -1 when the window has left it behind. */
function bucketAt(profile: Profile, window: Window, time: number): number {
  const { view, bytes, words } = profile;
  const index = Math.floor(time / window.seconds);
  const headAt = OFFSET.windowHeads + window.head * 4;
  const head = view.getUint32(headAt);
  if (index > head) {
    if (index - head >= WINDOW_BUCKETS) {
      // A whole window is so many words.
      const end = (window.at + WINDOW_BUCKETS * window.bytes) >> 2;
      for (let word = window.at >> 2; word < end; word++) words[word] = 0;
    } else {
      for (let fresh = index; fresh > head; fresh--) {
        const slot = window.at + (fresh % WINDOW_BUCKETS) * window.bytes;
        for (let at = slot; at < slot + window.bytes; at++) bytes[at] = 0;
      }
    }
    view.setUint32(headAt, index);
  } else if (head - index >= WINDOW_BUCKETS) {
    return -1;
  }
  return window.at + (index % WINDOW_BUCKETS) * window.bytes;
}

function addOne16(view: DataView, offset: number): void {
  const count = view.getUint16(offset);
  if (count < MOST_16) view.setUint16(offset, count + 1);
}

function add24(view: DataView, offset: number, by: number): void {
  if (by === 0) return;
  const sum = Math.min(MOST_24, view.getUint16(offset) * 256 + view.getUint8(offset + 2) + by);
  view.setUint16(offset, sum >>> 8);
  view.setUint8(offset + 2, sum & 0xff);
}

/**
 * Adds a call to the buckets of its start, in every window that still reaches back to it.
 *
 * @param attempt whether the call itself is counted, or only how it went
 * @param isNew it went to a number not in touch before
 */
export function addToWindows(
  profile: Profile,
  time: number,
  originating: boolean,
  attempt: boolean,
  answered: boolean,
  isNew: boolean,
  talk: number,
): void {
  const { view } = profile;
  if (attempt && originating) {
    const hour = bucketAt(profile, HOUR_WINDOW, time);
    if (hour >= 0) addOne16(view, hour + HOUR_BUCKET.made);
  } else bucketAt(profile, HOUR_WINDOW, time);
  const day = bucketAt(profile, DAY_WINDOW, time);
  if (day >= 0) {
    if (attempt) addOne16(view, day + (originating ? DAY_BUCKET.made : DAY_BUCKET.received));
    if (originating) {
      if (isNew) addOne16(view, day + DAY_BUCKET.newContacts);
      if (answered) {
        addOne16(view, day + DAY_BUCKET.answered);
        add24(view, day + DAY_BUCKET.talk, talk);
      }
    }
  }
  const month = bucketAt(profile, MONTH_WINDOW, time);
  if (month >= 0) {
    if (attempt) addOne16(view, month + (originating ? MONTH_BUCKET.made : MONTH_BUCKET.received));
    if (answered) {
      addOne16(view, month + MONTH_BUCKET.answered);
      add24(view, month + MONTH_BUCKET.talk, talk);
    }
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
