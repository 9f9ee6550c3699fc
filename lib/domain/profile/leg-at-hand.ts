import { heldDuration, type Leg, type NumberToken } from '../leg.ts';
import { DURATION_UNKNOWN, ENTRY_FLAG, PHASE } from './layout.ts';
import { fingerprintOfToken, readToken, writeToken } from './profile.ts';

/** The leg that is being folded, in numbers as an entry of a profile keeps them. One is filled anew for each leg. */
export class LegAtHand {
  /** Epoch seconds. */
  start = 0;
  /** When its news happened: see `legTime`. */
  time = 0;
  /** Seconds as `heldDuration` has them; {@link DURATION_UNKNOWN} while the call goes on. */
  held = DURATION_UNKNOWN;
  /** ENTRY_FLAG and PHASE. */
  flags = 0;
  /** The 48-bit key of the call: its upper 16 bits, and the lower 32 as a signed number. */
  high = 0;
  low = 0;
  district = 0;
  /** Fingerprint of the number's own handset, 0 on a call taken. */
  handset = 0;
  /** Of the counterpart. */
  fingerprint = 0;
  /** Epoch milliseconds. */
  arrivedAt = 0;
}

/** The 48-bit key of the call of a leg. */
export function callOf({ high, low }: LegAtHand): number {
  return high * 0x1_0000_0000 + (low >>> 0);
}

/** The two numbers of the leg at hand, and how a profile keeps the counterparts of its calls. */
export interface Parties {
  readonly number: () => NumberToken;
  readonly counterpart: () => NumberToken;
  /** Writes the counterpart into 17 bytes, of which the second and third are its fingerprint. */
  readonly write: (bytes: Uint8Array, offset: number) => void;
  /** The counterpart that was written there. */
  readonly read: (bytes: Uint8Array, offset: number) => NumberToken;
}

/** A leg from a stream: profiles keep the tokens themselves. */
export class StreamedLeg extends LegAtHand implements Parties {
  private own: NumberToken = '';
  private other: NumberToken = '';

  /** @param number whose leg it is */
  fill(number: NumberToken, leg: Leg): void {
    this.own = number;
    this.other = leg.counterpart;
    const held = heldDuration(leg);
    this.start = leg.start;
    this.held = held ?? DURATION_UNKNOWN;
    this.time = leg.start + (held ?? 0);
    this.flags = flagsOf(leg);
    this.high = Math.floor(leg.call / 0x1_0000_0000);
    this.low = leg.call | 0;
    this.district = leg.district & 0xffff;
    this.handset = leg.originating ? leg.handset : 0;
    this.fingerprint = fingerprintOfToken(leg.counterpart);
    this.arrivedAt = leg.arrivedAt;
  }

  number(): NumberToken {
    return this.own;
  }

  counterpart(): NumberToken {
    return this.other;
  }

  write(bytes: Uint8Array, offset: number): void {
    writeToken(bytes, offset, this.other);
  }

  read(bytes: Uint8Array, offset: number): NumberToken {
    return readToken(bytes, offset);
  }
}

function flagsOf(leg: Leg): number {
  return (
    (leg.originating ? ENTRY_FLAG.originating : 0) |
    PHASE[leg.phase] |
    (leg.answered === undefined ? ENTRY_FLAG.answerUnknown : 0) |
    (leg.answered === true ? ENTRY_FLAG.answered : 0) |
    (leg.counterpartIsService ? ENTRY_FLAG.service : 0) |
    (leg.international ? ENTRY_FLAG.international : 0)
  );
}
