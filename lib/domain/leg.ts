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

/** When the leg's news happened, in epoch seconds: a call's end for `ended`, else its start. */
export function legTime(leg: Leg): number {
  if (leg.phase !== 'ended') return leg.start;
  const end = leg.start + (leg.duration ?? 0);
  // An end after its own arrival is a forged or broken duration: it must not run the number's clock ahead.
  return Math.max(leg.start, Math.min(end, Math.floor(leg.arrivedAt / 1000)));
}
