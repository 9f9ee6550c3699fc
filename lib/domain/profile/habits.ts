import { fadeContacts } from './contacts.ts';
import {
  CONTACT_SKETCH_BYTES,
  GENERATION,
  GENERATION_SECONDS,
  HANDSETS_KEPT,
  HOURS_OF_DAY,
  OFFSET,
  PLACE_SKETCH_BYTES,
} from './layout.ts';
import type { Profile } from './profile.ts';

/**
 * Habits: what a number does over weeks. Kept of the 32 days at hand and the 32 before, so that what is
 * long past is forgotten, and never all at once.
 */

const HOUR_SECONDS = 3600;
const MOST_8 = 0xff;
const MOST_16 = 0xffff;

/** Moves on to the generation of a time; 0 when that is the one at hand, 1 the one before, -1 when it is forgotten. */
function generationOf(profile: Profile, time: number): number {
  const { view, bytes } = profile;
  const index = Math.floor(time / GENERATION_SECONDS);
  const head = view.getUint16(OFFSET.generation);
  if (index <= head) return head - index <= 1 ? head - index : -1;
  const keep = index === head + 1;
  const before = callsOfHabit(profile);
  turn(bytes, GENERATION.calls, 2, keep);
  turn(bytes, GENERATION.hours, HOURS_OF_DAY, keep);
  turn(bytes, GENERATION.places, PLACE_SKETCH_BYTES, keep);
  turn(bytes, GENERATION.contacts, CONTACT_SKETCH_BYTES, keep);
  turn(bytes, OFFSET.handsetCounts, 1, keep);
  turn(bytes, OFFSET.handsets, HANDSETS_KEPT * 2, keep);
  view.setUint16(OFFSET.generation, index);
  view.setUint16(OFFSET.contactBits, bitsSet(bytes, GENERATION.contacts, CONTACT_SKETCH_BYTES));
  bytes[OFFSET.placeBits] = bitsSet(bytes, GENERATION.places, PLACE_SKETCH_BYTES);
  if (before > 0) fadeContacts(profile, callsOfHabit(profile) / before);
  return 0;
}

/** What was at hand becomes the one before, and a new one begins. */
function turn(bytes: Uint8Array, at: number, size: number, keep: boolean): void {
  if (keep) bytes.copyWithin(at + size, at, at + size);
  else bytes.fill(0, at + size, at + 2 * size);
  bytes.fill(0, at, at + size);
}

function bitsSet(bytes: Uint8Array, at: number, size: number): number {
  let count = 0;
  for (let i = 0; i < size; i++) {
    for (let both = (bytes[at + i] ?? 0) | (bytes[at + size + i] ?? 0); both > 0; both >>>= 1) {
      count += both & 1;
    }
  }
  return count;
}

/** Whether a bit of a sketch is set, in either generation. */
function hasBit(bytes: Uint8Array, at: number, size: number, bit: number): boolean {
  const byte = at + (bit >>> 3);
  return ((((bytes[byte] as number) | (bytes[byte + size] as number)) >>> (bit & 7)) & 1) === 1;
}

function setBit(bytes: Uint8Array, at: number, bit: number): void {
  const byte = at + (bit >>> 3);
  bytes[byte] = (bytes[byte] as number) | (1 << (bit & 7));
}

const CONTACT_BITS = CONTACT_SKETCH_BYTES * 8;
const PLACE_BITS = PLACE_SKETCH_BYTES * 8;
/** Beyond this load too many strangers would share a bit with somebody known. */
const RELIABLE_CONTACT_BITS = CONTACT_BITS / 4;

/** Whether a counterpart was surely in touch before, by the sketch; unsure ones are not. */
export function isKnownContact(profile: Profile, fingerprint: number): boolean {
  const { bytes, view } = profile;
  return (
    view.getUint16(OFFSET.contactBits) <= RELIABLE_CONTACT_BITS &&
    hasBit(bytes, GENERATION.contacts, CONTACT_SKETCH_BYTES, fingerprint % CONTACT_BITS)
  );
}

/** Adds a call to the habits. */
export function addToHabits(
  profile: Profile,
  time: number,
  counterpart: number,
  district: number,
  handset: number,
): void {
  const generation = generationOf(profile, time);
  if (generation < 0) return;
  const { view, bytes } = profile;
  const calls = GENERATION.calls + generation * 2;
  view.setUint16(calls, Math.min(MOST_16, view.getUint16(calls) + 1));
  addHour(bytes, GENERATION.hours + generation * HOURS_OF_DAY, time);
  const contact = counterpart % CONTACT_BITS;
  if (!hasBit(bytes, GENERATION.contacts, CONTACT_SKETCH_BYTES, contact)) {
    view.setUint16(OFFSET.contactBits, view.getUint16(OFFSET.contactBits) + 1);
  }
  setBit(bytes, GENERATION.contacts + generation * CONTACT_SKETCH_BYTES, contact);
  if (district !== 0) {
    // Districts are counted through, so their lowest bits are all that tells neighbours apart.
    const place = (Math.imul(district, 0x9e37_79b1) >>> 16) % PLACE_BITS;
    if (!hasBit(bytes, GENERATION.places, PLACE_SKETCH_BYTES, place)) {
      bytes[OFFSET.placeBits] = (bytes[OFFSET.placeBits] as number) + 1;
    }
    setBit(bytes, GENERATION.places + generation * PLACE_SKETCH_BYTES, place);
  }
  if (handset !== 0) addHandset(profile, generation, handset);
}

/** By UTC: how the hours spread does not depend on where midnight is. */
function addHour(bytes: Uint8Array, hours: number, time: number): void {
  const at = hours + (Math.floor(time / HOUR_SECONDS) % HOURS_OF_DAY);
  if (bytes[at] === MOST_8) {
    for (let hour = hours; hour < hours + HOURS_OF_DAY; hour++) {
      bytes[hour] = ((bytes[hour] as number) + 1) >>> 1;
    }
  }
  bytes[at] = (bytes[at] as number) + 1;
}

function addHandset(profile: Profile, generation: number, handset: number): void {
  const { view, bytes } = profile;
  const countAt = OFFSET.handsetCounts + generation;
  const count = bytes[countAt] as number;
  const at = OFFSET.handsets + generation * HANDSETS_KEPT * 2;
  for (let i = 0; i < count; i++) if (view.getUint16(at + i * 2) === handset) return;
  if (count === HANDSETS_KEPT) return;
  view.setUint16(at + count * 2, handset);
  bytes[countAt] = count + 1;
}

/** Linear counting: how many distinct things set so many bits, most likely. */
function estimates(bits: number): Uint16Array {
  return Uint16Array.from({ length: bits + 1 }, (_, set) =>
    Math.round(-bits * Math.log(Math.max(0.5, bits - set) / bits)),
  );
}
const CONTACT_ESTIMATES = estimates(CONTACT_BITS);
const PLACE_ESTIMATES = estimates(PLACE_BITS);

/** Distinct counterparts, exact for few, within some percent up to about a thousand. */
export function distinctContacts(profile: Profile): number {
  return CONTACT_ESTIMATES[profile.view.getUint16(OFFSET.contactBits)] ?? 0;
}

/** Distinct districts that calls were made or taken in, about. */
export function distinctPlaces(profile: Profile): number {
  return PLACE_ESTIMATES[profile.bytes[OFFSET.placeBits] ?? 0] ?? 0;
}

/** Distinct handsets that calls were made from. */
export function distinctHandsets(profile: Profile): number {
  const { view, bytes } = profile;
  const own = bytes[OFFSET.handsetCounts] as number;
  const before = bytes[OFFSET.handsetCounts + 1] as number;
  let distinct = own;
  const past = OFFSET.handsets + HANDSETS_KEPT * 2;
  for (let i = 0; i < before; i++) {
    const handset = view.getUint16(past + i * 2);
    let known = false;
    for (let j = 0; j < own && !known; j++) {
      known = view.getUint16(OFFSET.handsets + j * 2) === handset;
    }
    if (!known) distinct++;
  }
  return distinct;
}

/** Calls made and received over both generations. */
export function callsOfHabit(profile: Profile): number {
  const { view } = profile;
  return view.getUint16(GENERATION.calls) + view.getUint16(GENERATION.calls + 2);
}

/** Calls in the busiest hour of day, all calls so counted, and in how many hours there were any. */
export function hoursOfHabit(profile: Profile): { busiest: number; all: number; distinct: number } {
  const { bytes } = profile;
  let busiest = 0;
  let all = 0;
  let distinct = 0;
  const before = GENERATION.hours + HOURS_OF_DAY;
  for (let hour = 0; hour < HOURS_OF_DAY; hour++) {
    const calls = (bytes[GENERATION.hours + hour] as number) + (bytes[before + hour] as number);
    if (calls === 0) continue;
    distinct++;
    all += calls;
    if (calls > busiest) busiest = calls;
  }
  return { busiest, all, distinct };
}
