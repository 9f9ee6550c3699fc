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
const END_OF_HOUR = HOUR_WINDOW.at + WINDOW_BUCKETS * HOUR_BUCKET.bytes;
const END_OF_DAY = DAY_WINDOW.at + WINDOW_BUCKETS * DAY_BUCKET.bytes;
const END_OF_MONTH = MONTH_WINDOW.at + WINDOW_BUCKETS * MONTH_BUCKET.bytes;

/**
 * What the counts of a window sum to. Kept as long as the window stands still, which it does from most calls to the
 * next: a caller is judged after each call made, and would have the same buckets summed up again and again.
 */
export class WindowSums {
  /** False once the window has moved on, or another profile was taken up. */
  known = false;
  made = 0;
  received = 0;
  answered = 0;
  newContacts = 0;
  /** Seconds. */
  talk = 0;
}

/** Moves a window on to the bucket of `time`; offset of that bucket, or -1 when the window has left it behind. */
function bucketAt(profile: Profile, window: Window, time: number): number {
  const { view, bytes, words } = profile;
  const index = Math.floor(time / window.seconds);
  const headAt = OFFSET.windowHeads + window.head * 4;
  const head = view.getUint32(headAt);
  if (index > head) {
    (profile.windowSums[window.head] as WindowSums).known = false;
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

/** @returns what was added: nothing once the count is full */
function addOne16(view: DataView, offset: number): number {
  const count = view.getUint16(offset);
  if (count === MOST_16) return 0;
  view.setUint16(offset, count + 1);
  return 1;
}

/** @returns what was added: less once the sum is full */
function add24(view: DataView, offset: number, by: number): number {
  if (by === 0) return 0;
  const before = read24(view, offset);
  const sum = Math.min(MOST_24, before + by);
  view.setUint16(offset, sum >>> 8);
  view.setUint8(offset + 2, sum & 0xff);
  return sum - before;
}

function read24(view: DataView, offset: number): number {
  return view.getUint16(offset) * 256 + view.getUint8(offset + 2);
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
  const { view, windowSums } = profile;
  const hour = bucketAt(profile, HOUR_WINDOW, time);
  if (hour >= 0 && attempt && originating) {
    const sums = windowSums[HOUR_WINDOW.head] as WindowSums;
    sums.made += addOne16(view, hour + HOUR_BUCKET.made);
  }
  const day = bucketAt(profile, DAY_WINDOW, time);
  if (day >= 0) {
    const sums = windowSums[DAY_WINDOW.head] as WindowSums;
    if (attempt && !originating) sums.received += addOne16(view, day + DAY_BUCKET.received);
    if (originating) {
      if (attempt) sums.made += addOne16(view, day + DAY_BUCKET.made);
      if (isNew) sums.newContacts += addOne16(view, day + DAY_BUCKET.newContacts);
      if (answered) {
        sums.answered += addOne16(view, day + DAY_BUCKET.answered);
        sums.talk += add24(view, day + DAY_BUCKET.talk, talk);
      }
    }
  }
  const month = bucketAt(profile, MONTH_WINDOW, time);
  if (month >= 0) {
    const sums = windowSums[MONTH_WINDOW.head] as WindowSums;
    if (attempt && originating) sums.made += addOne16(view, month + MONTH_BUCKET.made);
    if (attempt && !originating) sums.received += addOne16(view, month + MONTH_BUCKET.received);
    if (answered) {
      sums.answered += addOne16(view, month + MONTH_BUCKET.answered);
      sums.talk += add24(view, month + MONTH_BUCKET.talk, talk);
    }
  }
}

/** The last hour: calls made are all that is counted of it. */
export function hourSums(profile: Profile): WindowSums {
  const sums = profile.windowSums[HOUR_WINDOW.head] as WindowSums;
  if (sums.known) return sums;
  begin(sums);
  for (let at = HOUR_WINDOW.at; at < END_OF_HOUR; at += HOUR_BUCKET.bytes) {
    sums.made += profile.view.getUint16(at + HOUR_BUCKET.made);
  }
  return sums;
}

/** The last day; answered are calls made that were. */
export function daySums(profile: Profile): WindowSums {
  const sums = profile.windowSums[DAY_WINDOW.head] as WindowSums;
  if (sums.known) return sums;
  begin(sums);
  const { view } = profile;
  for (let at = DAY_WINDOW.at; at < END_OF_DAY; at += DAY_BUCKET.bytes) {
    sums.made += view.getUint16(at + DAY_BUCKET.made);
    sums.received += view.getUint16(at + DAY_BUCKET.received);
    sums.answered += view.getUint16(at + DAY_BUCKET.answered);
    sums.newContacts += view.getUint16(at + DAY_BUCKET.newContacts);
    sums.talk += read24(view, at + DAY_BUCKET.talk);
  }
  return sums;
}

/** The last month; answered are calls made and received. New contacts are not counted. */
export function monthSums(profile: Profile): WindowSums {
  const sums = profile.windowSums[MONTH_WINDOW.head] as WindowSums;
  if (sums.known) return sums;
  begin(sums);
  const { view } = profile;
  for (let at = MONTH_WINDOW.at; at < END_OF_MONTH; at += MONTH_BUCKET.bytes) {
    sums.made += view.getUint16(at + MONTH_BUCKET.made);
    sums.received += view.getUint16(at + MONTH_BUCKET.received);
    sums.answered += view.getUint16(at + MONTH_BUCKET.answered);
    sums.talk += read24(view, at + MONTH_BUCKET.talk);
  }
  return sums;
}

function begin(sums: WindowSums): void {
  sums.known = true;
  sums.made = 0;
  sums.received = 0;
  sums.answered = 0;
  sums.newContacts = 0;
  sums.talk = 0;
}
