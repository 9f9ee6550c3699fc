import {
  type DeliveryReport,
  type DeliveryStep,
  nextDelivery,
} from '../../lib/domain/delivery/text-delivery.ts';
import type { FraudKind } from '../../lib/domain/fraud-kind.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import type { DeliveryMark, DeliveryStore, StoredDelivery } from '../adapters/deliveries-table.ts';
import { TableError } from '../adapters/errors.ts';
import { giveUpText, rememberOptOut } from '../adapters/give-up-text.ts';
import type { WarningStore } from '../adapters/subjects-table.ts';
import type { WarningRef } from '../adapters/text-pointers.ts';

/** A report that came before its text was recorded, and is looked at again. */
export interface EarlyReport {
  readonly report: DeliveryReport;
  /** How often it was looked at in vain. */
  readonly looks: number;
}

export interface RecordDeliveryPorts {
  readonly deliveries: DeliveryStore;
  readonly people: Pick<WarningStore, 'handToPeople' | 'recordOptOut'>;
  readonly policy: Policy;
  /** Has a warning visited again by the sender. */
  readonly sendAgain: (ref: WarningRef, delaySeconds: number) => Promise<void>;
  readonly lookAgain: (early: EarlyReport, delaySeconds: number) => Promise<void>;
  /** Epoch ms. */
  readonly now: () => number;
}

/** What a report came to, for the metrics. */
export type Recorded =
  /** Its text may be one whose sender has not yet come to write it down. */
  | { readonly kind: 'early' }
  /** Not a text of ours. */
  | { readonly kind: 'unknown' }
  /** It changed nothing. */
  | { readonly kind: 'repeated' }
  | { readonly kind: 'changed'; readonly report: DeliveryReport; readonly fraud: FraudKind };

const MINUTE_MS = 60_000;
/** The sender may run for a minute, and writes a text down before it ends; a little more for clocks that differ. */
const WRITTEN_WITHIN_MS = 90_000;
const FIRST_LOOK_SECONDS = 5;
/** So long looks go on for a report that does not say when its text was sent: 5, 15, 45, 135 seconds. */
const MOST_LOOKS = 4;
/** Others write to the same warning: its sender, and reports of its other texts. */
const MOST_RACES = 8;

async function lookLater(early: EarlyReport, ports: RecordDeliveryPorts): Promise<Recorded> {
  const { looks, report } = early;
  const isOld = report.sentAt > 0 && ports.now() > report.sentAt + WRITTEN_WITHIN_MS;
  if (isOld || looks >= MOST_LOOKS) return { kind: 'unknown' };
  await ports.lookAgain({ report, looks: looks + 1 }, FIRST_LOOK_SECONDS * 3 ** looks);
  return { kind: 'early' };
}

type Change = Exclude<DeliveryStep, { kind: 'nothing' }>;

function markOf(step: Change, { at, carrier, priceUsd }: DeliveryReport): DeliveryMark {
  const seen = {
    at,
    ...(carrier !== undefined && { carrier }),
    ...(priceUsd !== undefined && { priceUsd }),
  };
  switch (step.kind) {
    case 'delivered':
      return { ...seen, status: 'sent', state: 'delivered', reason: '', isResent: false };
    case 'resend':
      return {
        ...seen,
        status: 'deferred',
        state: 'unreachable',
        reason: step.reason,
        isResent: true,
      };
    case 'give-up': {
      const status = step.state === 'opted-out' ? 'opted-out' : 'undeliverable';
      return { ...seen, status, state: step.state, reason: step.reason, isResent: false };
    }
  }
}

/** What has to be done before the mark; answers whether the case hears of it by that already. */
async function beforeMark(
  step: Change,
  { keptUntil, warning }: StoredDelivery,
  { at }: DeliveryReport,
  { people, policy }: RecordDeliveryPorts,
): Promise<boolean> {
  if (step.kind !== 'give-up') return false;
  if (step.state === 'opted-out') await rememberOptOut(people, warning.subject, at);
  return giveUpText(people, warning, step.reason, policy, keptUntil);
}

/**
 * Takes a report into its warning: texts again, gives up and hands over, or notes that the text arrived. May be called
 * any number of times with the same report, in any order with others. A report whose text nobody has written down yet
 * is put aside for a while; one that stays unknown is of another sender of the account.
 *
 * @throws TableError when the warning stays busy
 */
export async function recordDelivery(
  early: EarlyReport,
  ports: RecordDeliveryPorts,
): Promise<Recorded> {
  const { report } = early;
  const { deliveries, policy } = ports;
  const ref = await deliveries.find(report.messageId);
  if (ref === undefined) return lookLater(early, ports);
  for (let race = 0; race < MOST_RACES; race++) {
    const stored = await deliveries.read(ref);
    if (stored === undefined) return { kind: 'unknown' };
    const { warning } = stored;
    const expiresAt = warning.arrivedAt + policy.warnings.expiresMinutes * MINUTE_MS;
    const { resendUnreachable } = policy.warnings;
    const step = nextDelivery({ ...stored, expiresAt }, report, resendUnreachable, ports.now());
    if (step.kind === 'nothing') return { kind: 'repeated' };
    if (step.kind === 'resend' && step.isWaiting) {
      // Whoever marked it may have crashed before queueing it; a visit too many finds nothing to do.
      await ports.sendAgain(ref, step.afterSeconds);
      return { kind: 'repeated' };
    }
    const mark = markOf(step, report);
    const hears = await beforeMark(step, stored, report, ports);
    const { at, reason, state } = mark;
    const toCase = hears ? undefined : { state, at, ...(reason !== '' && { reason }) };
    if (!(await deliveries.mark(ref, stored, mark, toCase))) continue;
    // After the mark, for the visit must find it; a crash in between is made good by the repeated report.
    if (step.kind === 'resend') await ports.sendAgain(ref, step.afterSeconds);
    return { kind: 'changed', report, fraud: warning.kind };
  }
  throw new TableError('a warning stayed busy');
}
