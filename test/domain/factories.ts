import type { Exposure, Finding } from '../../lib/domain/exposure.ts';
import type { Leg, NumberToken } from '../../lib/domain/leg.ts';

/** Monday, 23 November 2026, 09:00 in Chengdu, in epoch seconds. */
export const MORNING = Date.UTC(2026, 10, 23, 1) / 1000;

/** A made-up number token: the same for the same index, different in its first bytes for others. */
export function tokenOf(index: number): NumberToken {
  const sealed = Buffer.alloc(16, index & 0xff);
  sealed.writeUInt32BE(Math.imul(index + 1, 0x9e37_79b1) >>> 0, 0);
  return `1${sealed.toString('base64url')}`;
}

export const CALLER: NumberToken = tokenOf(1_000);

/** A whole answered minute from CALLER to somebody; `call` follows the changes that make it another. */
export function legOf(changes: Partial<Leg> = {}): Leg {
  return {
    number: CALLER,
    counterpart: tokenOf(1),
    originating: true,
    phase: 'complete',
    call: 1,
    start: MORNING,
    duration: 60,
    answered: true,
    counterpartIsService: false,
    international: false,
    district: 510_104,
    handset: 7,
    arrivedAt: (MORNING + 365 * 86_400) * 1000,
    ...changes,
  };
}

/** `count` calls to as many people, one every `everySeconds`. */
export function legsInRow(count: number, everySeconds = 120, changes: Partial<Leg> = {}): Leg[] {
  return Array.from({ length: count }, (_, i) =>
    legOf({
      call: 1_000 + i,
      counterpart: tokenOf(i),
      start: MORNING + i * everySeconds,
      ...changes,
    }),
  );
}

export function findingOf(changes: Partial<Finding> = {}): Finding {
  return {
    at: MORNING - 60,
    until: MORNING + 86_400,
    points: 3.5,
    probability: 0.06,
    kind: 'loan',
    reasons: [{ id: 'calls-strangers', points: 2 }],
    policyVersion: 1,
    ...changes,
  };
}

export const SUBJECT: NumberToken = tokenOf(2_000);

export function exposureOf(changes: Partial<Exposure> = {}): Exposure {
  return {
    subject: SUBJECT,
    caller: CALLER,
    call: 1,
    start: MORNING,
    duration: 60,
    answered: true,
    international: false,
    track: 'live',
    side: 'caller',
    finding: findingOf(),
    arrivedAt: MORNING * 1000 + 5,
    ...changes,
  };
}
