import { CONTACT_BYTES, CONTACT_FLAG, CONTACTS_AT, CONTACTS_KEPT, OFFSET } from './layout.ts';
import type { Profile } from './profile.ts';

const FLAGS = 2;
const TIMES = 3;
const MOST_TIMES = 0xff;
const FIRST_WORD = CONTACTS_AT / CONTACT_BYTES;

/** Where a contact stands among those remembered; their count when it is not among them. */
export function positionOfContact(profile: Profile, fingerprint: number): number {
  const { bytes } = profile;
  const count = bytes[OFFSET.contactCount] as number;
  const high = fingerprint >>> 8;
  const low = fingerprint & 0xff;
  let at = CONTACTS_AT;
  for (let position = 0; position < count; position++, at += CONTACT_BYTES) {
    if (bytes[at] === high && bytes[at + 1] === low) return position;
  }
  return count;
}

/**
 * Notes that the number was in touch with a counterpart and moves that contact to the front; the one touched
 * longest ago makes room.
 *
 * @param fingerprint first two bytes of the counterpart's sealed number
 * @param called true when the number called, false when it was called
 * @returns whether the two were not in touch before, as far as these contacts are remembered
 */
export function touchContact(profile: Profile, fingerprint: number, called: boolean): boolean {
  const { bytes, words } = profile;
  const count = bytes[OFFSET.contactCount] as number;
  const position = positionOfContact(profile, fingerprint);
  const isNew = position === count;
  const at = CONTACTS_AT + position * CONTACT_BYTES;
  const flags = isNew ? 0 : (bytes[at + FLAGS] as number);
  const times = isNew ? 0 : (bytes[at + TIMES] as number);
  if (isNew && count < CONTACTS_KEPT) bytes[OFFSET.contactCount] = count + 1;
  // A contact is a word; so few are moved sooner by hand than by a call.
  for (let i = FIRST_WORD + Math.min(position, CONTACTS_KEPT - 1); i > FIRST_WORD; i--) {
    words[i] = words[i - 1] as number;
  }
  bytes[CONTACTS_AT] = fingerprint >>> 8;
  bytes[CONTACTS_AT + 1] = fingerprint;
  bytes[CONTACTS_AT + FLAGS] = flags | (called ? CONTACT_FLAG.called : CONTACT_FLAG.calledBack);
  bytes[CONTACTS_AT + TIMES] = Math.min(MOST_TIMES, times + 1);
  return isNew;
}

/** Leaves so much of the contacts' calls: the rest was long ago. */
export function fadeContacts(profile: Profile, share: number): void {
  const { bytes } = profile;
  const count = bytes[OFFSET.contactCount] as number;
  for (let position = 0; position < count; position++) {
    const at = CONTACTS_AT + position * CONTACT_BYTES + TIMES;
    bytes[at] = Math.round((bytes[at] as number) * share);
  }
}

/** Recent contacts that were called and called back / recent contacts; NaN without any. */
export function twoWayShare(profile: Profile): number {
  const { bytes } = profile;
  const count = bytes[OFFSET.contactCount] as number;
  const both = CONTACT_FLAG.called | CONTACT_FLAG.calledBack;
  let twoWay = 0;
  for (let position = 0; position < count; position++) {
    if (bytes[CONTACTS_AT + position * CONTACT_BYTES + FLAGS] === both) twoWay++;
  }
  return twoWay / count;
}

/** Calls with the contact most in touch with. */
export function mostCallsToOne(profile: Profile): number {
  const { bytes } = profile;
  const count = bytes[OFFSET.contactCount] as number;
  let most = 0;
  for (let position = 0; position < count; position++) {
    most = Math.max(most, bytes[CONTACTS_AT + position * CONTACT_BYTES + TIMES] as number);
  }
  return most;
}

/** Calls with a contact. */
export function timesOfContact(profile: Profile, position: number): number {
  return profile.bytes[CONTACTS_AT + position * CONTACT_BYTES + TIMES] as number;
}
