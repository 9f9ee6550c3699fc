import type { ResendPolicy } from './delivery-policy.ts';

/** What became of a warning's text. */
export const DELIVERY_STATES = [
  /** The carrier's hands took it; nobody knows more. */
  'accepted',
  /** It did not arrive, and another text follows. */
  'unreachable',
  'delivered',
  /** For good: no text reaches this person. */
  'failed',
  'opted-out',
  /** It would have come too late, and was not sent. */
  'expired',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Why a text did not arrive. */
export const FAILURE_REASONS = [
  'unreachable',
  'carrier-unreachable',
  'phone-blocked',
  'spam',
  'blocked-list',
  'opted-out',
  'invalid-number',
  'invalid-message',
  'too-dear',
  'unknown',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** What a carrier reported of one text. It names nobody. */
export interface DeliveryReport {
  readonly messageId: string;
  /** Undefined: it arrived. */
  readonly failure?: FailureReason;
  /** Epoch ms at which the text was handed over; 0 where the report does not say. */
  readonly sentAt: number;
  /** Epoch ms of the report. */
  readonly at: number;
  /** The carrier's name. */
  readonly carrier?: string;
  readonly priceUsd?: number;
  /** From the hand-over to the handset, or to the carrier where the handset says nothing. */
  readonly dwellMs?: number;
}

/** Where a warning stands when a report comes. */
export interface DeliveryStand {
  readonly state: DeliveryState;
  /** The warning's newest text. */
  readonly messageId: string;
  /** Texts that were sent again. */
  readonly resends: number;
  /** Epoch ms after which a text helps nobody. */
  readonly expiresAt: number;
}

/** What a report leads to. */
export type DeliveryStep =
  /** It changes nothing: repeated, overtaken by a better one, or about a text that another one followed. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'resend';
      readonly reason: FailureReason;
      readonly afterSeconds: number;
      /** The warning is known to wait already: only its place in the queue may have been lost. */
      readonly isWaiting: boolean;
    }
  | {
      readonly kind: 'give-up';
      readonly state: 'failed' | 'opted-out';
      readonly reason: FailureReason;
    };

/** A phone that is switched off today is switched on tomorrow; nothing else mends itself. */
const PASSING: ReadonlySet<FailureReason> = new Set(['unreachable', 'carrier-unreachable']);

const NOTHING: DeliveryStep = { kind: 'nothing' };

/** Of one text, from what is least to what is most certain; a report only ever moves it up. */
const RANK: Readonly<Record<DeliveryState, number>> = {
  accepted: 0,
  unreachable: 1,
  failed: 2,
  'opted-out': 2,
  expired: 2,
  delivered: 3,
};

/**
 * What a report leads to, whatever came before: reports come twice, late and in any order. A person who has the text
 * has it, whichever of a warning's texts it was and whatever is said afterwards. A failure counts for the newest
 * text only, and once. So a warning whose text may yet arrive is texted again only where the carrier said that the
 * newest one did not.
 *
 * @param now epoch ms
 */
export function nextDelivery(
  { expiresAt, messageId, resends, state }: DeliveryStand,
  report: DeliveryReport,
  resend: ResendPolicy,
  now: number,
): DeliveryStep {
  const { failure } = report;
  if (failure === undefined) return state === 'delivered' ? NOTHING : { kind: 'delivered' };
  if (report.messageId !== messageId || RANK[state] > RANK.unreachable) return NOTHING;
  if (PASSING.has(failure)) {
    const afterMs = resend.afterMinutes * 60_000;
    const afterSeconds = Math.max(1, Math.round(afterMs / 1000));
    const isWaiting = state === 'unreachable';
    if (isWaiting || (resends < resend.times && now + afterMs <= expiresAt)) {
      return { kind: 'resend', reason: failure, afterSeconds, isWaiting };
    }
  }
  return {
    kind: 'give-up',
    state: failure === 'opted-out' ? 'opted-out' : 'failed',
    reason: failure,
  };
}

/** The name under which a carrier is counted: one of those known, or `other`. Whatever a log says, there are no more. */
export function carrierLabel(carrier: string | undefined, known: readonly string[]): string {
  const name = carrier?.toLowerCase() ?? '';
  return known.find((one) => name.includes(one.toLowerCase())) ?? 'other';
}
