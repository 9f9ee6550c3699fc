import type { FraudKind } from './fraud-kind.ts';
import type { NumberToken } from './leg.ts';

/** One named part of a score or decision, with the points (log-odds) it gave. */
export interface Reason {
  readonly id: string;
  readonly points: number;
}

/** A judgement on a caller: from when until when calls from this number are exposures, and why. */
export interface Finding {
  /** Epoch seconds of the call at which the score crossed the threshold. */
  readonly at: number;
  readonly until: number;
  readonly points: number;
  readonly kind: FraudKind;
  /** The largest terms of the score, largest first. */
  readonly reasons: readonly Reason[];
  readonly policyVersion: number;
}

/** One call from a risky caller, seen from the person who was called. */
export interface Exposure {
  readonly subject: NumberToken;
  readonly caller: NumberToken;
  readonly call: number;
  /** Epoch seconds. */
  readonly start: number;
  /** Seconds; undefined while the call goes on. */
  readonly duration: number | undefined;
  readonly answered: boolean | undefined;
  readonly finding: Finding;
  /** Arrival (epoch ms) of the record that brought this to light: latency is measured from it. */
  readonly arrivedAt: number;
}
