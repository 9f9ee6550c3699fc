import type { DeliveryState } from '../../lib/domain/delivery/text-delivery.ts';
import { canReceiveTexts } from '../../lib/domain/phone-number.ts';
import type { Policy, TextLanguage } from '../../lib/domain/policy.ts';
import { localDay, seatOf } from '../../lib/domain/subject/burden-budget.ts';
import type { Warning } from '../../lib/domain/subject/decide.ts';
import { warningText } from '../../lib/domain/warning-text.ts';
import { giveUpText, rememberOptOut } from '../adapters/give-up-text.ts';
import type { Sealer } from '../adapters/sealing.ts';
import type { SmsSender } from '../adapters/sms-sender.ts';
import {
  type Booking,
  isBooked,
  type WarningStatus,
  type WarningStore,
  warningOfItem,
} from '../adapters/subjects-table.ts';
import type { WarningRef } from '../adapters/text-pointers.ts';

export interface SendWarningPorts {
  readonly warnings: WarningStore;
  readonly sender: SmsSender;
  readonly sealer: Sealer;
  readonly policy: Policy;
  readonly language: TextLanguage;
  /** Brings the warning back after a pause. */
  readonly comeBack: (ref: WarningRef, delaySeconds: number) => Promise<void>;
  /** Epoch ms. */
  readonly now: () => number;
}

/** What one visit to a warning came to, for the metrics. */
export interface Visit {
  readonly status: WarningStatus | 'none';
  readonly reason?: string;
  /** From the arrival of the record that led to it until the text was handed over. */
  readonly pushToTextMs?: number;
  /** A try before this one may have sent the text already: it crashed, or never heard what became of it. */
  readonly takenOver?: boolean;
  /** The carrier reported that an earlier text of it did not arrive. */
  readonly resent?: boolean;
}

/** Longer than the function may run, so that a claim that ran out is a crashed one. */
export const CLAIM_MS = 90_000;
const CLAIM_SECONDS = CLAIM_MS / 1000;
/** Begins the reason for which a warning waits whose text may be out all the same. */
const PERHAPS_SENT = 'perhaps sent: ';
const FIRST_PAUSE_SECONDS = 5;
/** SQS delays a message by 15 minutes at most. */
const LONGEST_PAUSE_SECONDS = 300;
const MINUTE_MS = 60_000;

const FINAL: ReadonlySet<string> = new Set([
  'sent',
  'opted-out',
  'undeliverable',
  'expired',
  'over-budget',
  'withdrawn',
] satisfies WarningStatus[]);

/** Seconds until the next try after so many. */
export function pauseAfter(attempts: number): number {
  return Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** Math.max(0, attempts - 1));
}

/** A text and where it goes. */
interface Letter {
  readonly to: string;
  readonly text: string;
}

/** Undefined for a number that receives no texts. */
function letterOf(warning: Warning, { sealer, policy, language }: SendWarningPorts) {
  const subject = sealer.unseal(warning.subject);
  if (subject.kind === 'service' || !canReceiveTexts(subject.number)) return undefined;
  const caller = sealer.unseal(warning.caller);
  const text = warningText(policy.texts, language, warning.kind, caller.number);
  return { to: subject.number, text } satisfies Letter;
}

/** The seat that the warning asks of today's budget. */
function bookingOf({ probability }: Warning, policy: Policy, now: number): Booking {
  return {
    ...seatOf(policy.warnings.budget, probability),
    day: localDay(now, policy.subjects.utcOffsetMinutes),
  };
}

/** Why no text is to be tried, where none is: it is too late, or known to reach nobody. */
function hindrance(
  warning: Warning,
  optedOut: boolean,
  resent: boolean,
  policy: Policy,
  now: number,
):
  | { readonly end: 'expired' | 'opted-out' | 'undeliverable'; readonly reason: string }
  | undefined {
  const { channels, expiresMinutes } = policy.warnings;
  if (now > warning.arrivedAt + expiresMinutes * MINUTE_MS) {
    // Of somebody who was texted in time and not reached it is known that no text reaches them.
    return resent
      ? { end: 'undeliverable', reason: 'unreachable' }
      : { end: 'expired', reason: 'expired' };
  }
  if (optedOut) return { end: 'opted-out', reason: 'opted-out' };
  if (!channels.includes('sms')) return { end: 'undeliverable', reason: 'no-texts' };
  return undefined;
}

/**
 * Sends one warning, once: claims it by a conditional write that takes a seat in the day's budget, hands the text
 * over, records what became of it. What will not be sent anyway takes no seat.
 * A crash before the record leaves a claim that runs out; whoever takes it over may send a second text,
 * which is counted, as is one that follows a text of which nobody heard whether it was taken. A warning that waits because its text did not arrive is texted again, on the seat that it has.
 * Safe to call any number of times for the same warning.
 */
export async function sendWarning(ref: WarningRef, ports: SendWarningPorts): Promise<Visit> {
  const { item, optedOut } = await ports.warnings.read(ref.subject, ref.id);
  const warning = warningOfItem(item);
  const status = item?.status?.S ?? '';
  if (warning === undefined || FINAL.has(status)) return { status: 'none' };
  const now = ports.now();
  const claimedUntil = Number(item?.claimedUntil?.N ?? 0);
  if (status === 'claimed' && claimedUntil >= now) {
    await ports.comeBack(ref, Math.ceil((claimedUntil - now) / 1000) + 1);
    return { status: 'none' };
  }
  const resent = item?.delivery?.S === ('unreachable' satisfies DeliveryState);
  const hindered = hindrance(warning, optedOut, resent, ports.policy, now);
  const letter = hindered === undefined ? letterOf(warning, ports) : undefined;
  const booking =
    letter === undefined || isBooked(item) ? undefined : bookingOf(warning, ports.policy, now);
  const claim = await ports.warnings.claim(ref.subject, ref.id, now, now + CLAIM_MS, booking);
  if (claim === 'taken') {
    // By another, or by this visit itself: a try of the write whose answer got lost may have been taken. Whoever has
    // it, somebody looks again once the claim has run out.
    await ports.comeBack(ref, CLAIM_SECONDS + 1);
    return { status: 'none' };
  }
  if (claim === 'over-budget') return { status: 'over-budget', reason: booking?.band ?? '' };
  const perhapsSent = item?.reason?.S?.startsWith(PERHAPS_SENT) === true;
  const takenOver = status === 'claimed' || (status === 'deferred' && perhapsSent);
  const settle = async (end: WarningStatus, reason?: string): Promise<Visit> => {
    const at = ports.now();
    await ports.warnings.settle(
      ref.subject,
      ref.id,
      end,
      reason === undefined ? { at } : { at, reason },
    );
    return reason === undefined ? { status: end, takenOver } : { status: end, reason, takenOver };
  };
  /** Before the end is recorded, so that a crash in between hands over again. */
  const giveUp = async (end: 'opted-out' | 'undeliverable', reason: string): Promise<Visit> => {
    const keptUntil = Number(item?.expiresAt?.N ?? 0);
    await giveUpText(ports.warnings, warning, reason, ports.policy, keptUntil);
    return settle(end, reason);
  };
  if (hindered?.end === 'expired') return settle('expired', hindered.reason);
  if (hindered !== undefined) return giveUp(hindered.end, hindered.reason);
  if (letter === undefined) return giveUp('undeliverable', 'landline');
  const outcome = await ports.sender.send(letter.to, letter.text);
  switch (outcome.kind) {
    case 'sent': {
      const at = ports.now();
      await ports.warnings.settle(ref.subject, ref.id, 'sent', {
        at,
        messageId: outcome.messageId,
        ...(outcome.unasked !== undefined && { reason: `opt-outs not asked: ${outcome.unasked}` }),
      });
      return {
        status: 'sent',
        takenOver,
        ...(resent ? { resent } : { pushToTextMs: at - warning.arrivedAt }),
      };
    }
    case 'opted-out': {
      await rememberOptOut(ports.warnings, ref.subject, ports.now());
      return giveUp('opted-out', 'opted-out');
    }
    case 'refused':
      return giveUp('undeliverable', outcome.reason);
    case 'later': {
      const attempts = Number(item?.attempts?.N ?? 0) + 1;
      // Queued before it is marked: a crash in between leaves a claim that runs out, not a lost warning.
      await ports.comeBack(ref, pauseAfter(attempts));
      const isUncertain = outcome.perhapsSent === true || takenOver;
      return settle('deferred', isUncertain ? PERHAPS_SENT + outcome.reason : outcome.reason);
    }
  }
}
