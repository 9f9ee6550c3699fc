import type { CallPhase } from './call-record.ts';

/** The pseudonym of a number: key version and sealed number, 23 characters of base64url. */
export type NumberToken = string;

/** One party's side of a call, as it travels past intake: no clear number, handset or place name. */
export interface Leg {
  /** Whose leg this is. */
  readonly number: NumberToken;
  readonly counterpart: NumberToken;
  /** True for the caller's leg (mobile originated call, MOC), false for the callee's (MTC). */
  readonly originating: boolean;
  readonly phase: CallPhase;
  /** 48-bit key of the call: the same for both legs and for every record of the call. */
  readonly call: number;
  /** Epoch seconds. */
  readonly start: number;
  /** Seconds; undefined while the call goes on. */
  readonly duration: number | undefined;
  readonly answered: boolean | undefined;
  readonly counterpartIsService: boolean;
  readonly international: boolean;
  /** Six-digit district of `number`'s side, 0 when unknown. */
  readonly district: number;
  /** 16-bit fingerprint of the caller's handset, 0 when unknown. */
  readonly handset: number;
  /** Epoch milliseconds at which the record reached the calls stream. */
  readonly arrivedAt: number;
}

/** A call may end so much after its own record arrived: clocks differ. More is a broken duration. */
const END_AFTER_ARRIVAL_SECONDS = 3_600;
/** Just under what 16 bits hold, 18 hours: a profile keeps no more. */
const LONGEST_HELD_SECONDS = 0xfffe;

/**
 * Seconds that the call took, as far as they can be believed and kept; undefined while it goes on. A broken
 * duration must not put the call's end far beyond the present, where it would wait for the clock to come.
 */
export function heldDuration(leg: Leg): number | undefined {
  if (leg.phase === 'started') return undefined;
  const most = Math.floor(leg.arrivedAt / 1000) + END_AFTER_ARRIVAL_SECONDS - leg.start;
  return Math.max(0, Math.min(leg.duration ?? 0, most, LONGEST_HELD_SECONDS));
}

/**
 * When the leg's news happened, in epoch seconds: the end of a call that is over, else its start. Records are
 * pushed when they become news, or in order of their starts; neither comes later than this.
 */
export function legTime(leg: Leg): number {
  return leg.start + (heldDuration(leg) ?? 0);
}
