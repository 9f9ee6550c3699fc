import type { DeliveryStore } from '../../../functions/adapters/deliveries-table.ts';
import type { SendOutcome } from '../../../functions/adapters/sms-sender.ts';
import {
  type Booking,
  WARNING_PREFIX,
  type WarningStatus,
  type WarningStore,
} from '../../../functions/adapters/subjects-table.ts';
import type { WarningRef } from '../../../functions/adapters/text-pointers.ts';
import {
  type EarlyReport,
  type RecordDeliveryPorts,
  recordDelivery,
} from '../../../functions/record-delivery/record-delivery.ts';
import {
  type SendWarningPorts,
  sendWarning,
} from '../../../functions/send-warnings/send-warning.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import type {
  DeliveryReport,
  DeliveryState,
  FailureReason,
} from '../../../lib/domain/delivery/text-delivery.ts';
import type { CaseText } from '../../../lib/domain/ladder/case-news.ts';
import type { PartyNumber } from '../../../lib/domain/phone-number.ts';
import type { Policy } from '../../../lib/domain/policy.ts';
import type { Warning } from '../../../lib/domain/subject/decide.ts';
import { Crash, TEST_SEALER } from '../../support/in-memory-pipeline.ts';

export const NOW = Date.UTC(2026, 10, 23, 1);
export const PERSON: PartyNumber = { kind: 'subscriber', number: '+8613900139000' };
const SWINDLER: PartyNumber = { kind: 'subscriber', number: '+8613800138000' };

/** What the table holds of the warning. */
export interface Row {
  status: WarningStatus;
  claimedUntil?: number;
  attempts?: number;
  bookedOn?: string;
  messageId?: string;
  reason?: string;
  delivery?: DeliveryState;
  deliveryReason?: string;
  carrier?: string;
  priceUsd?: number;
  resends?: number;
}

export interface Effect {
  readonly name: 'claim' | 'publish' | 'settle' | 'comeBack' | 'handOver' | 'mark' | 'lookAgain';
  readonly when: 'before' | 'after';
}

const DELIVERY_OF: Partial<Record<WarningStatus, DeliveryState>> = {
  sent: 'accepted',
  'opted-out': 'opted-out',
  undeliverable: 'failed',
  expired: 'expired',
};

/** One warning in a table of its own, a sender that says what it is told to, and a clock to set. */
export class WarningDesk {
  row: Row | undefined;
  now = NOW;
  optedOut = false;
  /** Undefined: texts are taken, as m-1, m-2 … */
  outcome: SendOutcome | undefined;
  /** Where the next visit dies, once. */
  crashAt: Effect | undefined;
  readonly texts: { readonly to: string; readonly text: string }[] = [];
  /** Message ids that lead to the warning. */
  readonly pointers = new Set<string>();
  /** Reports that were put aside. */
  readonly early: { readonly early: EarlyReport; readonly delaySeconds: number }[] = [];
  /** Whether the warning's case is open, and what it was told. */
  hasCase = false;
  readonly toldCase: CaseText[] = [];
  readonly queued: { readonly ref: WarningRef; readonly delaySeconds: number }[] = [];
  readonly optOuts: number[] = [];
  /** Why the person was handed to people, by case. */
  readonly handedOver = new Map<string, string>();
  policy: Policy = loadDefaultPolicy();
  /** The client tries each claim twice, as when the first answer gets lost. */
  claimsAreRepeated = false;
  /** Seats taken and asked for of the day's budget. */
  booked = 0;
  readonly bookings: Booking[] = [];
  readonly warning: Warning;
  readonly ref: WarningRef;

  constructor(row: Row = { status: 'pending' }, person: PartyNumber = PERSON) {
    this.row = row;
    const [sealed] = TEST_SEALER.seal([{ caller: SWINDLER, callee: person, imei: undefined }]);
    this.warning = {
      id: 'w-1',
      subject: sealed?.callee ?? '',
      caller: sealed?.caller ?? '',
      caseId: 'case-1',
      kind: 'loan',
      tier: 'low',
      decidedAt: NOW / 1000,
      points: 5,
      probability: 0.6,
      terms: [{ id: 'caller', points: 5 }],
      facts: { calls: 1, minutes: 1, longestMinutes: 1, callers: 1, callsAfterTheWarning: 0 },
      finding: {
        caller: sealed?.caller ?? '',
        foundAt: NOW / 1000,
        track: 'live',
        side: 'caller',
      },
      reasons: [],
      policyVersion: 1,
      arrivedAt: NOW - 800,
    };
    this.ref = { subject: this.warning.subject, id: this.warning.id };
  }

  visit() {
    return sendWarning(this.ref, this.#ports());
  }

  /** Brings a carrier's report of a text, by default of the newest. */
  report(failure?: FailureReason, messageId = this.row?.messageId ?? 'm-1') {
    const report: DeliveryReport = {
      messageId,
      sentAt: this.now - 2_000,
      at: this.now,
      ...(failure !== undefined && { failure }),
      carrier: 'China Mobile',
      priceUsd: 0.02,
    };
    return this.look({ report, looks: 0 });
  }

  look(early: EarlyReport) {
    return recordDelivery(early, this.#reportPorts());
  }

  #effect(name: Effect['name'], act: () => void): void {
    const crashesHere = (when: Effect['when']) =>
      this.crashAt?.name === name && this.crashAt.when === when;
    if (crashesHere('before')) this.#crash();
    act();
    if (crashesHere('after')) this.#crash();
  }

  #crash(): never {
    this.crashAt = undefined;
    throw new Crash();
  }

  #ports(): SendWarningPorts {
    return {
      warnings: this.#store(),
      sender: {
        send: async (to, text) => {
          const taken = { kind: 'sent', messageId: `m-${this.texts.length + 1}` } as const;
          const outcome = this.outcome ?? taken;
          this.#effect('publish', () => {
            if (outcome.kind === 'sent') this.texts.push({ to, text });
          });
          return outcome;
        },
      },
      sealer: TEST_SEALER,
      policy: this.policy,
      language: 'zh-CN',
      comeBack: async (ref, delaySeconds) => {
        this.#effect('comeBack', () => this.queued.push({ ref, delaySeconds }));
      },
      now: () => this.now,
    };
  }

  #store(): WarningStore {
    return {
      read: async () => ({ item: this.#item(), optedOut: this.optedOut }),
      claim: async (_subject, _id, now, until, booking) => {
        const { row } = this;
        const isFree =
          row?.status === 'pending' ||
          row?.status === 'deferred' ||
          (row?.status === 'claimed' && (row.claimedUntil ?? 0) < now);
        if (row === undefined || !isFree) return 'taken';
        if (booking !== undefined) {
          if (row.bookedOn !== undefined) return 'taken';
          this.bookings.push(booking);
          if (this.booked >= booking.room) {
            this.#effect('claim', () => Object.assign(row, { status: 'over-budget' }));
            return 'over-budget';
          }
        }
        this.#effect('claim', () => {
          if (booking !== undefined) {
            this.booked++;
            row.bookedOn = booking.day;
          }
          row.status = 'claimed';
          row.claimedUntil = until;
          row.attempts = (row.attempts ?? 0) + 1;
        });
        return this.claimsAreRepeated ? 'taken' : 'claimed';
      },
      settle: async (_subject, _id, status, { messageId, reason }) => {
        this.#effect('settle', () => {
          const { row } = this;
          if (row === undefined) return;
          const isDelivered = row.delivery === 'delivered';
          if (isDelivered && messageId === undefined) return;
          Object.assign(row, { status, reason });
          if (messageId !== undefined) {
            row.messageId = messageId;
            this.pointers.add(messageId);
          }
          const delivery = DELIVERY_OF[status];
          if (!isDelivered && delivery !== undefined) row.delivery = delivery;
        });
      },
      handToPeople: async ({ id }, reason) => {
        this.#effect('handOver', () => {
          this.hasCase = true;
          this.handedOver.set(id, reason);
        });
      },
      recordOptOut: async (_subject, at) => {
        this.optOuts.push(at);
      },
    };
  }

  #reportPorts(): RecordDeliveryPorts {
    return {
      deliveries: this.#deliveries(),
      people: this.#store(),
      policy: this.policy,
      sendAgain: async (ref, delaySeconds) => {
        this.#effect('comeBack', () => this.queued.push({ ref, delaySeconds }));
      },
      lookAgain: async (early, delaySeconds) => {
        this.#effect('lookAgain', () => this.early.push({ early, delaySeconds }));
      },
      now: () => this.now,
    };
  }

  #deliveries(): DeliveryStore {
    return {
      find: async (messageId) => (this.pointers.has(messageId) ? this.ref : undefined),
      read: async () => {
        const { row, warning } = this;
        if (row === undefined) return undefined;
        const { delivery = 'accepted', messageId = '', resends = 0, status } = row;
        return { warning, status, state: delivery, messageId, resends, keptUntil: 0 };
      },
      mark: async (
        _ref,
        before,
        { carrier, isResent, priceUsd, reason, state, status },
        toCase,
      ) => {
        const { row } = this;
        const isAsRead =
          row?.status === before.status &&
          (row.delivery ?? 'accepted') === before.state &&
          row.messageId === before.messageId;
        if (row === undefined || !isAsRead) return false;
        this.#effect('mark', () => {
          Object.assign(row, { status, delivery: state, deliveryReason: reason });
          if (carrier !== undefined) row.carrier = carrier;
          if (priceUsd !== undefined) row.priceUsd = priceUsd;
          if (isResent) row.resends = (row.resends ?? 0) + 1;
          if (toCase !== undefined && this.hasCase) this.toldCase.push(toCase);
        });
        return true;
      },
    };
  }

  #item(): Awaited<ReturnType<WarningStore['read']>>['item'] {
    const { row } = this;
    if (row === undefined) return undefined;
    const number = (name: string, value: number | undefined) =>
      value === undefined ? {} : { [name]: { N: String(value) } };
    return {
      item: { S: WARNING_PREFIX + this.warning.id },
      ...(row.bookedOn === undefined ? {} : { bookedOn: { S: row.bookedOn } }),
      warning: { S: JSON.stringify(this.warning) },
      status: { S: row.status },
      ...(row.reason === undefined ? {} : { reason: { S: row.reason } }),
      ...(row.delivery === undefined ? {} : { delivery: { S: row.delivery } }),
      ...number('claimedUntil', row.claimedUntil),
      ...number('attempts', row.attempts),
    };
  }
}
