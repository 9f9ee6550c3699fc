import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  carrierLabel,
  type DeliveryReport,
  type DeliveryStand,
  type DeliveryState,
  FAILURE_REASONS,
  type FailureReason,
  nextDelivery,
} from '../../../lib/domain/delivery/text-delivery.ts';

const NOW = Date.UTC(2026, 10, 24, 1);
const MINUTE = 60_000;
const ONCE = { times: 1, afterMinutes: 5 };

const standing = (changes: Partial<DeliveryStand> = {}): DeliveryStand => ({
  state: 'accepted',
  messageId: 'm-1',
  resends: 0,
  expiresAt: NOW + 60 * MINUTE,
  ...changes,
});

const reported = (failure?: FailureReason, messageId = 'm-1'): DeliveryReport => ({
  messageId,
  sentAt: NOW - 2_000,
  at: NOW,
  ...(failure !== undefined && { failure }),
});

const next = (stand: DeliveryStand, report: DeliveryReport, resend = ONCE) =>
  nextDelivery(stand, report, resend, NOW);

describe('a report of a text that arrived', () => {
  test.each<DeliveryState>(['accepted', 'unreachable', 'failed', 'opted-out', 'expired'])(
    'makes the warning delivered when it was %s',
    (state) => {
      expect(next(standing({ state }), reported())).toEqual({ kind: 'delivered' });
    },
  );

  test('is believed of an earlier text of the warning too', () => {
    expect(next(standing({ messageId: 'm-2', resends: 1 }), reported())).toEqual({
      kind: 'delivered',
    });
  });

  test('changes nothing the second time', () => {
    expect(next(standing({ state: 'delivered' }), reported())).toEqual({ kind: 'nothing' });
  });
});

describe('a report of a text that failed', () => {
  test.each(FAILURE_REASONS.filter((reason) => !reason.endsWith('unreachable')))(
    'gives up at once when it is %s',
    (reason) => {
      expect(next(standing(), reported(reason))).toEqual({
        kind: 'give-up',
        state: reason === 'opted-out' ? 'opted-out' : 'failed',
        reason,
      });
    },
  );

  test.each<FailureReason>(['unreachable', 'carrier-unreachable'])(
    'has another text sent when the phone or its carrier is %s',
    (reason) => {
      expect(next(standing(), reported(reason))).toEqual({
        kind: 'resend',
        reason,
        afterSeconds: 300,
        isWaiting: false,
      });
    },
  );

  test('gives up an unreachable phone when the policy allows no further text', () => {
    const giveUp = { kind: 'give-up', state: 'failed', reason: 'unreachable' };
    expect(next(standing({ resends: 1 }), reported('unreachable'))).toEqual(giveUp);
    expect(next(standing(), reported('unreachable'), { times: 0, afterMinutes: 5 })).toEqual(
      giveUp,
    );
  });

  test('gives up an unreachable phone when another text would come too late', () => {
    const until = (expiresAt: number) => next(standing({ expiresAt }), reported('unreachable'));
    expect(until(NOW + 5 * MINUTE).kind).toBe('resend');
    expect(until(NOW + 5 * MINUTE - 1).kind).toBe('give-up');
  });

  test('queues a waiting warning once more when it is repeated, whatever the policy says by now', () => {
    const waiting = standing({ state: 'unreachable', resends: 1, expiresAt: NOW });
    expect(next(waiting, reported('unreachable'))).toMatchObject({
      kind: 'resend',
      isWaiting: true,
    });
  });

  test('changes nothing when the text has arrived, failed or was followed by another', () => {
    for (const stand of [
      standing({ state: 'delivered' }),
      standing({ state: 'failed' }),
      standing({ state: 'opted-out' }),
      standing({ messageId: 'm-2', resends: 1 }),
    ]) {
      for (const reason of FAILURE_REASONS) {
        expect(next(stand, reported(reason))).toEqual({ kind: 'nothing' });
      }
    }
  });
});

describe('a warning under any reports in any order', () => {
  /** Applies a step as the store does; a warning that waits is texted again at once, under a new message id. */
  function after(stand: DeliveryStand, report: DeliveryReport): DeliveryStand {
    const step = next(stand, report, { times: 2, afterMinutes: 5 });
    switch (step.kind) {
      case 'nothing':
        return stand;
      case 'delivered':
        return { ...stand, state: 'delivered' };
      case 'give-up':
        return { ...stand, state: step.state };
      case 'resend':
        return {
          ...stand,
          state: 'unreachable',
          resends: stand.resends + (step.isWaiting ? 0 : 1),
        };
    }
  }
  const report = fc
    .record({
      failure: fc.option(fc.constantFrom(...FAILURE_REASONS), { nil: undefined }),
      messageId: fc.constantFrom('m-1', 'm-2', 'm-3'),
    })
    .map(({ failure, messageId }) => reported(failure, messageId));
  const resent = (stand: DeliveryStand): DeliveryStand =>
    stand.state === 'unreachable'
      ? { ...stand, state: 'accepted', messageId: `m-${stand.resends + 1}` }
      : stand;

  test('is delivered if and only if one of its texts arrived, and sends no more texts than allowed', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(report, fc.boolean()), { maxLength: 20 }), (history) => {
        let stand = standing();
        for (const [one, isSent] of history) {
          const before = stand;
          stand = after(stand, one);
          if (before.state === 'delivered') expect(stand.state).toBe('delivered');
          if (isSent) stand = resent(stand);
        }
        const arrived = history.some(([{ failure }]) => failure === undefined);
        expect(stand.state === 'delivered').toBe(arrived);
        expect(stand.resends).toBeLessThanOrEqual(2);
      }),
    );
  });

  test('takes the same report twice as if it came once', () => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 12 }), (history) => {
        const once = history.reduce(after, standing());
        const twice = history.flatMap((one) => [one, one]).reduce(after, standing());
        expect(twice).toEqual(once);
      }),
    );
  });
});

describe('the name under which a carrier is counted', () => {
  const known = ['China Mobile', 'China Unicom'];
  test.each([
    ['China Mobile', 'China Mobile'],
    ['CHINA MOBILE - Sichuan', 'China Mobile'],
    ['Vodafone', 'other'],
    ['', 'other'],
    [undefined, 'other'],
  ])('of %s is %s', (carrier, label) => {
    expect(carrierLabel(carrier, known)).toBe(label);
  });
});
