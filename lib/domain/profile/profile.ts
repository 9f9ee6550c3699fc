import { type CallerScore, callerProbability, reasonFingerprint } from '../caller-score.ts';
import type { Finding } from '../exposure.ts';
import { FRAUD_KINDS } from '../fraud-kind.ts';
import type { NumberToken } from '../leg.ts';
import {
  CONTACT_BYTES,
  CONTACTS_AT,
  ENTRIES_AT,
  ENTRY,
  ENTRY_BYTES,
  FINDING,
  findingAt,
  OFFSET,
  PROFILE_BYTES,
  PROFILE_FORMAT,
  REASONS_KEPT,
} from './layout.ts';

/** Points are kept with two decimals in 16 bits. */
const POINTS_SCALE = 100;

/** A stored profile could not be read: it was written by another format, or is damaged. */
export class ProfileFormatError extends Error {
  readonly code = 'BAD_PROFILE';

  constructor(detail: string) {
    super(`a stored profile cannot be read: ${detail}`);
    this.name = 'ProfileFormatError';
  }
}

/** The working block of one profile: load, fold, save; then load the next. */
export class Profile {
  bytes: Uint8Array;
  view: DataView;

  /**
   * An empty profile.
   *
   * @param room bytes, all zero, to work in: at least {@link SMALLEST_ROOM}; where they do not suffice any more,
   * the profile moves to larger ones of its own
   */
  constructor(room: Uint8Array = new Uint8Array(PROFILE_BYTES)) {
    this.bytes = room;
    this.view = new DataView(room.buffer, room.byteOffset, room.byteLength);
    room[OFFSET.format] = PROFILE_FORMAT;
  }

  /** Makes room for so many entries. */
  makeRoom(entries: number): void {
    if (entryAt(entries) <= this.bytes.length) return;
    const larger = new Uint8Array(PROFILE_BYTES);
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  /** Takes up a stored profile, or begins an empty one. */
  load(stored: Uint8Array | undefined): void {
    if (stored === undefined) {
      this.bytes.fill(0, 0, CONTACTS_AT);
      this.bytes[OFFSET.format] = PROFILE_FORMAT;
      return;
    }
    if (stored[OFFSET.format] !== PROFILE_FORMAT) throw new ProfileFormatError('unknown format');
    const contacts = (stored[OFFSET.contactCount] ?? 0) * CONTACT_BYTES;
    const entries =
      ((stored[OFFSET.settledCount] ?? 0) + (stored[OFFSET.pendingCount] ?? 0)) * ENTRY_BYTES;
    const entriesAt = CONTACTS_AT + contacts;
    if (
      stored.byteLength !== entriesAt + entries ||
      entriesAt > ENTRIES_AT ||
      ENTRIES_AT + entries > PROFILE_BYTES
    ) {
      throw new ProfileFormatError('its length does not fit its counts');
    }
    this.bytes.set(stored);
    this.bytes.copyWithin(ENTRIES_AT, entriesAt, entriesAt + entries);
  }

  /** The profile as it is stored: a copy without the unused room. */
  save(): Buffer {
    const contacts = (this.bytes[OFFSET.contactCount] ?? 0) * CONTACT_BYTES;
    const entries = this.entryCount() * ENTRY_BYTES;
    const stored = Buffer.allocUnsafe(CONTACTS_AT + contacts + entries);
    stored.set(this.bytes.subarray(0, CONTACTS_AT + contacts));
    stored.set(this.bytes.subarray(ENTRIES_AT, ENTRIES_AT + entries), CONTACTS_AT + contacts);
    return stored;
  }

  settledCount(): number {
    return this.view.getUint8(OFFSET.settledCount);
  }

  pendingCount(): number {
    return this.view.getUint8(OFFSET.pendingCount);
  }

  entryCount(): number {
    return this.settledCount() + this.pendingCount();
  }

  /** Whether the finding in a slot is of this policy's version. */
  hasFindingOf(slot: number, policyVersion: number): boolean {
    return this.view.getUint16(findingAt(slot) + FINDING.policy) === policyVersion;
  }

  /** Until when the finding in a slot holds; 0 when there was none. */
  findingUntil(slot: number): number {
    return this.view.getUint32(findingAt(slot) + FINDING.until);
  }

  /** Ends the finding in a slot earlier. */
  endFinding(slot: number, until: number): void {
    this.view.setUint32(findingAt(slot) + FINDING.until, until);
  }

  /** The finding in force or the last one; undefined when there was none. */
  finding(slot: number, callerScore: CallerScore): Finding | undefined {
    const { view } = this;
    const finding = findingAt(slot);
    const at = view.getUint32(finding + FINDING.at);
    if (at === 0) return undefined;
    const reasons = [];
    for (let i = 0; i < REASONS_KEPT; i++) {
      const offset = finding + FINDING.reasons + i * 4;
      const points = view.getInt16(offset + 2);
      if (points !== 0) {
        const fingerprint = view.getUint16(offset);
        // A term that the policy no longer has keeps its fingerprint as name.
        const id = callerScore.names.get(fingerprint) ?? `former-term-${fingerprint.toString(16)}`;
        reasons.push({ id, points: points / POINTS_SCALE });
      }
    }
    const points = view.getInt16(finding + FINDING.points) / POINTS_SCALE;
    return {
      at,
      until: view.getUint32(finding + FINDING.until),
      points,
      probability: callerProbability(callerScore, points),
      kind: FRAUD_KINDS[view.getUint8(OFFSET.findingKinds + slot)] ?? 'other',
      reasons,
      policyVersion: view.getUint16(finding + FINDING.policy),
    };
  }

  setFinding(slot: number, found: Finding): void {
    const { view } = this;
    const finding = findingAt(slot);
    view.setUint32(finding + FINDING.at, found.at);
    view.setUint32(finding + FINDING.until, found.until);
    view.setInt16(finding + FINDING.points, toStoredPoints(found.points));
    view.setUint8(OFFSET.findingKinds + slot, FRAUD_KINDS.indexOf(found.kind));
    view.setUint16(finding + FINDING.policy, found.policyVersion);
    for (let i = 0; i < REASONS_KEPT; i++) {
      const reason = found.reasons[i];
      const offset = finding + FINDING.reasons + i * 4;
      view.setUint16(offset, reason === undefined ? 0 : reasonFingerprint(reason.id));
      view.setInt16(offset + 2, reason === undefined ? 0 : toStoredPoints(reason.points));
    }
  }
}

function toStoredPoints(points: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(points * POINTS_SCALE)));
}

/** Room for a number that is in few calls at a time. */
export const SMALLEST_ROOM = ENTRIES_AT + 12 * ENTRY_BYTES;

/** Where the entry with this position begins. */
export function entryAt(position: number): number {
  return ENTRIES_AT + position * ENTRY_BYTES;
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const SIX_BITS = new Uint8Array(128);
for (let i = 0; i < BASE64URL.length; i++) SIX_BITS[BASE64URL.charCodeAt(i)] = i;

function sixBits(token: NumberToken, at: number): number {
  return SIX_BITS[token.charCodeAt(at) & 127] as number;
}

/** The token as 17 bytes: key version, then the sealed number. By hand: a call of Node's own costs more. */
export function writeToken(bytes: Uint8Array, offset: number, token: NumberToken): void {
  bytes[offset] = token.charCodeAt(0);
  let at = offset + 1;
  for (let i = 1; i < 21; i += 4) {
    const bits =
      (sixBits(token, i) << 18) |
      (sixBits(token, i + 1) << 12) |
      (sixBits(token, i + 2) << 6) |
      sixBits(token, i + 3);
    bytes[at] = bits >>> 16;
    bytes[at + 1] = bits >>> 8;
    bytes[at + 2] = bits;
    at += 3;
  }
  bytes[at] = (sixBits(token, 21) << 2) | (sixBits(token, 22) >>> 4);
}

/** First two bytes of a token's sealed number: what a contact is remembered by. */
export function fingerprintOfToken(token: NumberToken): number {
  return (sixBits(token, 1) << 10) | (sixBits(token, 2) << 4) | (sixBits(token, 3) >>> 2);
}

export function readToken(bytes: Uint8Array, offset: number): NumberToken {
  const version = String.fromCharCode(bytes[offset] ?? 0);
  return (
    version + Buffer.from(bytes.buffer, bytes.byteOffset + offset + 1, 16).toString('base64url')
  );
}

/** The 48-bit call key of an entry. */
export function readCall(view: DataView, entry: number): number {
  return (
    view.getUint16(entry + ENTRY.call) * 0x1_0000_0000 + view.getUint32(entry + ENTRY.call + 2)
  );
}

/** High and low bits of a call key, for comparing it with many entries: see {@link holdsCall}. */
export function highOfCall(call: number): number {
  return Math.floor(call / 0x1_0000_0000);
}

/** Whether an entry is of this call. In two whole numbers, which compare faster than one of 48 bits is put together. */
export function holdsCall(view: DataView, entry: number, high: number, low: number): boolean {
  return (
    view.getInt32(entry + ENTRY.call + 2) === low && view.getUint16(entry + ENTRY.call) === high
  );
}

export function writeCall(view: DataView, entry: number, call: number): void {
  view.setUint16(entry + ENTRY.call, Math.floor(call / 0x1_0000_0000));
  view.setUint32(entry + ENTRY.call + 2, call >>> 0);
}
