/**
 * A profile is one compact block of bytes, folded in place: a number shows up once in some minutes, so each
 * leg costs one load and one store, and objects in between would cost more than the arithmetic.
 * With its keys it stays within 1 KB, one DynamoDB write unit, as long as no more than two of its records are
 * unsettled: that is, unless the number is in several calls within a minute.
 */
export const PROFILE_FORMAT = 2;

/** An hour, a day and a month. */
export const WINDOWS = 3;
/** Each window slides over this many buckets. */
export const WINDOW_BUCKETS = 8;

/** Habits are remembered for the generation at hand and the one before it: 32 to 64 days. */
export const GENERATION_SECONDS = 32 * 86_400;
const GENERATIONS = 2;

/** Contacts remembered one by one, the last touched first. */
export const CONTACTS_KEPT = 20;
/** Settled calls remembered: against repeats, and to expose those called before the caller was found out. */
export const SETTLED_KEPT = 9;
/** More unsettled calls than this are settled early, so that no number can grow a profile without bound. */
export const PENDING_KEPT = 64;
/** Handsets remembered of a generation. */
export const HANDSETS_KEPT = 6;
export const REASONS_KEPT = 4;
export const HOURS_OF_DAY = 24;

/**
 * Distinct counterparts and districts are counted by linear counting (Whang, Vander-Zanden, Taylor 1990): a bit
 * per hash, and from the bits set an estimate of how many there are.
 */
export const CONTACT_SKETCH_BYTES = 40;
export const PLACE_SKETCH_BYTES = 8;

const FINDING_BYTES = 28;
/** One slot for the finding of each policy: the live one, and the shadow's. */
export const FINDING = {
  at: 0,
  until: 4,
  points: 8,
  policy: 10,
  reasons: 12,
} as const;

export const OFFSET = {
  format: 0,
  flags: 1,
  contactCount: 2,
  settledCount: 3,
  pendingCount: 4,
  /** International calls taken, at most 255. */
  internationalTaken: 5,
  /** Kind of fraud of each finding. */
  findingKinds: 6,
  windowHeads: 8,
  floor: 20,
  settledThrough: 24,
  newest: 28,
  generation: 32,
  /** Bits set in the sketches, both generations together. */
  contactBits: 34,
  placeBits: 36,
  findings: 38,
  handsetCounts: 38 + 2 * FINDING_BYTES,
  handsets: 40 + 2 * FINDING_BYTES,
  calls: 40 + 2 * FINDING_BYTES + GENERATIONS * HANDSETS_KEPT * 2,
} as const;

/** Where the finding of a policy stands: 0 is the live one, 1 the shadow's. */
export function findingAt(slot: number): number {
  return OFFSET.findings + slot * FINDING_BYTES;
}

/** What is kept of each generation, the one at hand first. */
const CALLS_AT = OFFSET.calls;
const HOURS_AT = CALLS_AT + GENERATIONS * 2;
const PLACES_AT = HOURS_AT + GENERATIONS * HOURS_OF_DAY;
const CONTACT_SKETCHES_AT = PLACES_AT + GENERATIONS * PLACE_SKETCH_BYTES;
const WINDOWS_AT = CONTACT_SKETCHES_AT + GENERATIONS * CONTACT_SKETCH_BYTES;

export const GENERATION = {
  /** 16 bits each. */
  calls: CALLS_AT,
  /** Calls by hour of day, 8 bits each. */
  hours: HOURS_AT,
  places: PLACES_AT,
  contacts: CONTACT_SKETCHES_AT,
} as const;

/** Counts are of 16 bits, talk of 24 (seconds). */
export const HOUR_BUCKET = { made: 0, bytes: 2 } as const;
export const DAY_BUCKET = {
  made: 0,
  received: 2,
  answered: 4,
  newContacts: 6,
  talk: 8,
  bytes: 11,
} as const;
export const MONTH_BUCKET = { made: 0, received: 2, answered: 4, talk: 6, bytes: 9 } as const;

/** A sliding window: which one, seconds and bytes of a bucket, and where the first one stands. */
export interface Window {
  readonly head: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly at: number;
}

export const HOUR_WINDOW: Window = {
  head: 0,
  seconds: 450,
  bytes: HOUR_BUCKET.bytes,
  at: WINDOWS_AT,
};
export const DAY_WINDOW: Window = {
  head: 1,
  seconds: 10_800,
  bytes: DAY_BUCKET.bytes,
  at: HOUR_WINDOW.at + WINDOW_BUCKETS * HOUR_BUCKET.bytes,
};
/** 36 days, so that a whole month is always in it. */
export const MONTH_WINDOW: Window = {
  head: 2,
  seconds: 388_800,
  bytes: MONTH_BUCKET.bytes,
  at: DAY_WINDOW.at + WINDOW_BUCKETS * DAY_BUCKET.bytes,
};

/** A contact: fingerprint of the token (16 bits), who called whom, and how often (at most 255 times). */
export const CONTACT_BYTES = 4;
export const CONTACTS_AT = MONTH_WINDOW.at + WINDOW_BUCKETS * MONTH_BUCKET.bytes;

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
