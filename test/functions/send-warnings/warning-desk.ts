import type { SendOutcome } from '../../../functions/adapters/sms-sender.ts';
import {
  type Booking,
  WARNING_PREFIX,
  type WarningStatus,
  type WarningStore,
} from '../../../functions/adapters/subjects-table.ts';
import {
  type SendWarningPorts,
  sendWarning,
  type WarningRef,
} from '../../../functions/send-warnings/send-warning.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
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
}

export interface Effect {
  readonly name: 'claim' | 'publish' | 'settle' | 'comeBack';
  readonly when: 'before' | 'after';
}

/** One warning in a table of its own, a sender that says what it is told to, and a clock to set. */
export class WarningDesk {
  row: Row | undefined;
  now = NOW;
  optedOut = false;
  outcome: SendOutcome = { kind: 'sent', messageId: 'm-1' };
  /** Where the next visit dies, once. */
  crashAt: Effect | undefined;
  readonly texts: { readonly to: string; readonly text: string }[] = [];
  readonly queued: { readonly ref: WarningRef; readonly delaySeconds: number }[] = [];
  readonly optOuts: number[] = [];
  /** Why the person was handed to people, by case. */
  readonly handedOver = new Map<string, string>();
  policy: Policy = loadDefaultPolicy();
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
          this.#effect('publish', () => {
            if (this.outcome.kind === 'sent') this.texts.push({ to, text });
          });
          return this.outcome;
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
        return 'claimed';
      },
      settle: async (_subject, _id, status, { messageId, reason }) => {
        this.#effect('settle', () => {
          Object.assign(this.row ?? {}, { status, messageId, reason });
        });
      },
      handToPeople: async ({ id }, reason) => {
        this.handedOver.set(id, reason);
      },
      recordOptOut: async (_subject, at) => {
        this.optOuts.push(at);
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
      ...number('claimedUntil', row.claimedUntil),
      ...number('attempts', row.attempts),
    };
  }
}
