import { CONTACT_BYTES, CONTACT_FLAG, CONTACTS_AT, CONTACTS_KEPT, OFFSET } from './layout.ts';
import type { Profile } from './profile.ts';

/**
 * Notes that the number was in touch with a counterpart and moves that contact to the front; the one touched
 * longest ago makes room.
 *
 * @param fingerprint first two bytes of the counterpart's sealed number
 * @param called true when the number called, false when it was called
 * @returns whether the two were not in touch before, as far as remembered
 */
export function touchContact(profile: Profile, fingerprint: number, called: boolean): boolean {
  const { bytes, view } = profile;
  const count = view.getUint8(OFFSET.contactCount);
  let position = 0;
  while (
    position < count &&
    view.getUint16(CONTACTS_AT + position * CONTACT_BYTES) !== fingerprint
  ) {
    position++;
  }
  const isNew = position === count;
  const flags = isNew ? 0 : view.getUint8(CONTACTS_AT + position * CONTACT_BYTES + 2);
  if (isNew && count < CONTACTS_KEPT) view.setUint8(OFFSET.contactCount, count + 1);
  const moved = Math.min(position, CONTACTS_KEPT - 1) * CONTACT_BYTES;
  bytes.copyWithin(CONTACTS_AT + CONTACT_BYTES, CONTACTS_AT, CONTACTS_AT + moved);
  view.setUint16(CONTACTS_AT, fingerprint);
  view.setUint8(CONTACTS_AT + 2, flags | (called ? CONTACT_FLAG.called : CONTACT_FLAG.calledBack));
  return isNew;
}

/** Adds a fingerprint to a small set of distinct values (handsets, districts); a full set stays as it is. */
export function addDistinct(
  profile: Profile,
  countAt: number,
  valuesAt: number,
  most: number,
  fingerprint: number,
): void {
  const { view } = profile;
  const count = view.getUint8(countAt);
  if (fingerprint === 0 || count >= most) return;
  for (let i = 0; i < count; i++) if (view.getUint16(valuesAt + i * 2) === fingerprint) return;
  view.setUint16(valuesAt + count * 2, fingerprint);
  view.setUint8(countAt, count + 1);
}
