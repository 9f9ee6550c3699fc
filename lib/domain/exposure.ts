import type { FraudKind } from './fraud-kind.ts';
import type { NumberToken } from './leg.ts';

/** One named part of a score or decision, with the points (log-odds) it gave. */
export interface Reason {
  readonly id: string;
  readonly points: number;
}

/** Which policy judged: the one in force, or one that runs beside it and is never acted on. */
export const TRACKS = ['live', 'shadow'] as const;
export type Track = (typeof TRACKS)[number];

/** A judgement on a caller: from when until when calls from this number are exposures, and why. */
export interface Finding {
  /** Epoch seconds of the call at which the score crossed the threshold. */
  readonly at: number;
  readonly until: number;
  readonly points: number;
  /** Of fraud, 0 to 1: what the points mean at the policy's base rate. */
  readonly probability: number;
  readonly kind: FraudKind;
  /** The largest terms of the score, largest first. */
  readonly reasons: readonly Reason[];
  readonly policyVersion: number;
}

/**
 * What brought the exposure to light: the caller's leg, who was found risky; the subject's own, because of
 * the circumstances of this one call (a first call from abroad that is long); or the list of case numbers. The finding
 * of the second is that one call's, and its points say how much more likely the circumstances make deception; that of
 * the third is the entry on the list, and who called whom does not matter.
 */
export type ExposureSide = 'caller' | 'subject' | 'list';

/** One risky call, seen from the person who was called, or who called a case number. */
export interface Exposure {
  readonly subject: NumberToken;
  /** The risky number. */
  readonly caller: NumberToken;
  readonly call: number;
  /** Epoch seconds. */
  readonly start: number;
  /** Seconds; undefined while the call goes on. */
  readonly duration: number | undefined;
  readonly answered: boolean | undefined;
  readonly international: boolean;
  readonly track: Track;
  readonly side: ExposureSide;
  readonly finding: Finding;
  /** Arrival (epoch ms) of the record that brought this to light: latency is measured from it. */
  readonly arrivedAt: number;
}
