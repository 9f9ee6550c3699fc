import type { Finding } from '../exposure.ts';
import { FRAUD_KINDS } from '../fraud-kind.ts';
import type { NumberToken } from '../leg.ts';
import { fingerprintOfTerm, type Scorecard, termOfFingerprint } from '../scorecard.ts';
import {
  CONTACT_BYTES,
  CONTACTS_AT,
  ENTRIES_AT,
  ENTRY,
  ENTRY_BYTES,
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
  readonly bytes: Buffer = Buffer.alloc(PROFILE_BYTES);
  readonly view: DataView = new DataView(
    this.bytes.buffer,
    this.bytes.byteOffset,
    this.bytes.byteLength,
  );

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
    this.bytes.copy(stored, 0, 0, CONTACTS_AT + contacts);
    this.bytes.copy(stored, CONTACTS_AT + contacts, ENTRIES_AT, ENTRIES_AT + entries);
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

  /** The finding in force or the last one; undefined when there was none. */
  finding(scorecard: Scorecard): Finding | undefined {
    const { view } = this;
    const at = view.getUint32(OFFSET.findingAt);
    if (at === 0) return undefined;
    const reasons = [];
    for (let i = 0; i < REASONS_KEPT; i++) {
      const offset = OFFSET.findingReasons + i * 4;
      const points = view.getInt16(offset + 2);
      if (points !== 0) {
        const id = termOfFingerprint(scorecard, view.getUint16(offset));
        reasons.push({ id, points: points / POINTS_SCALE });
      }
    }
    return {
      at,
      until: view.getUint32(OFFSET.findingUntil),
      points: view.getInt16(OFFSET.findingPoints) / POINTS_SCALE,
      kind: FRAUD_KINDS[view.getUint8(OFFSET.findingKind)] ?? 'other',
      reasons,
      policyVersion: view.getUint16(OFFSET.findingPolicy),
    };
  }

  setFinding(finding: Finding, scorecard: Scorecard): void {
    const { view } = this;
    view.setUint32(OFFSET.findingAt, finding.at);
    view.setUint32(OFFSET.findingUntil, finding.until);
    view.setInt16(OFFSET.findingPoints, toStoredPoints(finding.points));
    view.setUint8(OFFSET.findingKind, FRAUD_KINDS.indexOf(finding.kind));
    view.setUint16(OFFSET.findingPolicy, finding.policyVersion);
    for (let i = 0; i < REASONS_KEPT; i++) {
      const reason = finding.reasons[i];
      const offset = OFFSET.findingReasons + i * 4;
      view.setUint16(offset, reason === undefined ? 0 : fingerprintOfTerm(scorecard, reason.id));
      view.setInt16(offset + 2, reason === undefined ? 0 : toStoredPoints(reason.points));
    }
  }
}

function toStoredPoints(points: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(points * POINTS_SCALE)));
}

/** Where the entry with this position begins. */
export function entryAt(position: number): number {
  return ENTRIES_AT + position * ENTRY_BYTES;
}

/** The token as 17 bytes: key version, then the sealed number. */
export function writeToken(bytes: Buffer, offset: number, token: NumberToken): void {
  bytes[offset] = token.charCodeAt(0);
  bytes.write(token.slice(1), offset + 1, 16, 'base64url');
}

export function readToken(bytes: Buffer, offset: number): NumberToken {
  const version = String.fromCharCode(bytes[offset] ?? 0);
  return version + bytes.toString('base64url', offset + 1, offset + 17);
}

/** The 48-bit call key of an entry. */
export function readCall(view: DataView, entry: number): number {
  return (
    view.getUint16(entry + ENTRY.call) * 0x1_0000_0000 + view.getUint32(entry + ENTRY.call + 2)
  );
}

export function writeCall(view: DataView, entry: number, call: number): void {
  view.setUint16(entry + ENTRY.call, Math.floor(call / 0x1_0000_0000));
  view.setUint32(entry + ENTRY.call + 2, call >>> 0);
}
