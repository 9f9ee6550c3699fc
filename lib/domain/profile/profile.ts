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
  WINDOWS,
} from './layout.ts';
import { WindowSums } from './windows.ts';

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
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The same bytes, four at a time. */
  readonly words: Int32Array;
  /** Where the entries begin: later than ENTRIES_AT by those forgotten since they were last moved together. */
  entriesAt: number = ENTRIES_AT;
  /** By the window's `head`; they follow from the bytes and are not stored. */
  readonly windowSums: readonly WindowSums[] = Array.from(
    { length: WINDOWS },
    () => new WindowSums(),
  );

  /** An empty profile. */
  constructor() {
    const room = new ArrayBuffer(Math.ceil(PROFILE_BYTES / 4) * 4);
    this.bytes = new Uint8Array(room);
    this.view = new DataView(room);
    this.words = new Int32Array(room);
    this.bytes[OFFSET.format] = PROFILE_FORMAT;
  }

  /** Where the entry with this position begins. */
  entryAt(position: number): number {
    return this.entriesAt + position * ENTRY_BYTES;
  }

  /** Makes room for so many entries. */
  makeRoom(entries: number): void {
    if (this.entryAt(entries) > PROFILE_BYTES) this.moveTogether();
  }

  /** Forgets the oldest entry. The others stay where they are: moving them costs more than all else. */
  dropOldest(): void {
    this.entriesAt += ENTRY_BYTES;
  }

  private moveTogether(): void {
    if (this.entriesAt === ENTRIES_AT) return;
    this.bytes.copyWithin(ENTRIES_AT, this.entriesAt, this.entryAt(this.entryCount()));
    this.entriesAt = ENTRIES_AT;
  }

  /** Takes up a stored profile, or begins an empty one. */
  load(stored: Uint8Array | undefined): void {
    this.begin();
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

  /** Words of a room that {@link keep} fills. */
  wordsUsed(): number {
    return (ENTRIES_AT + this.entryCount() * ENTRY_BYTES + 3) >> 2;
  }

  /** Copies the profile into a room in memory, from `at` on: quicker than {@link save}, and larger. */
  keep(room: Int32Array, at: number): void {
    this.moveTogether();
    const { words } = this;
    const contactsEnd = (CONTACTS_AT >> 2) + (this.bytes[OFFSET.contactCount] as number);
    for (let i = 0; i < contactsEnd; i++) room[at + i] = words[i] as number;
    const end = this.wordsUsed();
    for (let i = ENTRIES_AT >> 2; i < end; i++) room[at + i] = words[i] as number;
  }

  /** Takes up a profile that was kept. */
  takeUp(room: Int32Array, at: number): void {
    const { words } = this;
    for (let i = 0; i < CONTACTS_AT >> 2; i++) words[i] = room[at + i] as number;
    this.begin();
    const contactsEnd = (CONTACTS_AT >> 2) + (this.bytes[OFFSET.contactCount] as number);
    for (let i = CONTACTS_AT >> 2; i < contactsEnd; i++) words[i] = room[at + i] as number;
    const end = this.wordsUsed();
    for (let i = ENTRIES_AT >> 2; i < end; i++) words[i] = room[at + i] as number;
  }

  /** Forgets what followed from the bytes of the profile before. */
  private begin(): void {
    this.entriesAt = ENTRIES_AT;
    for (let i = 0; i < WINDOWS; i++) (this.windowSums[i] as WindowSums).known = false;
  }

  /** The profile as it is stored: a copy without the unused room. */
  save(): Buffer {
    const contacts = (this.bytes[OFFSET.contactCount] ?? 0) * CONTACT_BYTES;
    const entries = this.entryCount() * ENTRY_BYTES;
    const stored = Buffer.allocUnsafe(CONTACTS_AT + contacts + entries);
    stored.set(this.bytes.subarray(0, CONTACTS_AT + contacts));
    stored.set(
      this.bytes.subarray(this.entriesAt, this.entriesAt + entries),
      CONTACTS_AT + contacts,
    );
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

  /** Whether there was ever a finding in a slot. */
  hasFinding(slot: number): boolean {
    return this.view.getUint32(findingAt(slot) + FINDING.at) !== 0;
  }

  /** Whether the finding in a slot is of this policy's version. */
  hasFindingOf(slot: number, policyVersion: number): boolean {
    return this.view.getUint16(findingAt(slot) + FINDING.policy) === policyVersion;
  }

  /** Until when the finding in a slot holds; 0 when there was none. */
  findingUntil(slot: number): number {
    return this.view.getUint32(findingAt(slot) + FINDING.until);
  }

  /** Points of the finding in a slot. */
  findingPoints(slot: number): number {
    return this.view.getInt16(findingAt(slot) + FINDING.points) / POINTS_SCALE;
  }

  /** Fingerprint of the first reason of the finding in a slot. */
  firstReason(slot: number): number {
    return this.view.getUint16(findingAt(slot) + FINDING.reasons);
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

/** Words of a room for a number that is in few calls at a time. */
export const SMALLEST_ROOM = (ENTRIES_AT + 12 * ENTRY_BYTES + 3) >> 2;

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

/** Whether an entry is of this call. In two whole numbers, which compare faster than one of 48 bits is put together. */
export function holdsCall(view: DataView, entry: number, high: number, low: number): boolean {
  return (
    view.getInt32(entry + ENTRY.call + 2) === low && view.getUint16(entry + ENTRY.call) === high
  );
}
