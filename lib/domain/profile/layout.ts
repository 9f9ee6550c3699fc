/**
 * A profile is one compact block of bytes, folded in place: a number shows up once in some minutes, so each
 * leg costs one load and one store, and objects in between would cost more than the arithmetic.
 * With its keys it stays within 1 KB, one DynamoDB write unit, as long as no more than two of its records are
 * unsettled: that is, unless the number is in several calls within a minute.
 */
export const PROFILE_FORMAT = 1;

/** Each window slides over this many buckets. */
export const WINDOW_BUCKETS = 8;
/** Seconds per bucket of the windows of an hour, a day and a week. */
export const BUCKET_SECONDS = [450, 10_800, 75_600] as const;

/** Contacts remembered, the last touched first. */
export const CONTACTS_KEPT = 28;
/** Settled calls remembered: against repeats, and to expose those called before the caller was found out. */
export const SETTLED_KEPT = 12;
/** More unsettled calls than this are settled early, so that no number can grow a profile without bound. */
export const PENDING_KEPT = 64;
export const HANDSETS_KEPT = 4;
export const DISTRICTS_KEPT = 6;
export const REASONS_KEPT = 4;

export const OFFSET = {
  format: 0,
  flags: 1,
  contactCount: 2,
  settledCount: 3,
  pendingCount: 4,
  handsetCount: 5,
  districtCount: 6,
  findingKind: 7,
  windowHeads: 8,
  floor: 20,
  settledThrough: 24,
  newest: 28,
  findingAt: 32,
  findingUntil: 36,
  findingPoints: 40,
  findingPolicy: 42,
  findingReasons: 44,
  handsets: 60,
  districts: 68,
  windows: 80,
} as const;

/** A bucket: calls made, received, answered of those made, new contacts (16 bits each), seconds talked (24). */
export const BUCKET_BYTES = 11;
export const BUCKET = { made: 0, received: 2, answered: 4, newContacts: 6, talk: 8 } as const;

const WINDOWS_BYTES = BUCKET_SECONDS.length * WINDOW_BUCKETS * BUCKET_BYTES;

/** A contact: fingerprint of the token (16 bits), then who called whom. */
export const CONTACT_BYTES = 3;
export const CONTACTS_AT = OFFSET.windows + WINDOWS_BYTES;

/** A remembered call: time, call key (48 bits), counterpart (key version, 16 bytes), seconds, flags, handset, district. */
export const ENTRY_BYTES = 34;
export const ENTRY = {
  time: 0,
  call: 4,
  counterpart: 10,
  duration: 27,
  flags: 29,
  handset: 30,
  district: 32,
} as const;
export const ENTRIES_AT = CONTACTS_AT + CONTACTS_KEPT * CONTACT_BYTES;
const ENTRIES_KEPT = SETTLED_KEPT + PENDING_KEPT + 2;
export const PROFILE_BYTES = ENTRIES_AT + ENTRIES_KEPT * ENTRY_BYTES;

export const ENTRY_FLAG = {
  originating: 1,
  phase: 6,
  answered: 8,
  answerUnknown: 16,
  service: 32,
  international: 64,
} as const;
/** Two bits of an entry's flags. */
export const PHASE = { complete: 0, started: 2, ended: 4 } as const;
export const CONTACT_FLAG = { called: 1, calledBack: 2 } as const;
export const PROFILE_FLAG = { international: 1 } as const;
export const DURATION_UNKNOWN = 0xffff;
