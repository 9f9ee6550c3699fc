import { describe, expect, test } from 'vitest';
import type { WarningStatus } from '../../../functions/adapters/subjects-table.ts';
import { CLAIM_MS, pauseAfter } from '../../../functions/send-warnings/send-warning.ts';
import type { PartyNumber } from '../../../lib/domain/phone-number.ts';
import { Crash } from '../../support/in-memory-pipeline.ts';
import { type Effect, NOW, type Row, WarningDesk } from './warning-desk.ts';

describe('a visit to a warning', () => {
  test('sends its text, shows the tail of the caller, and records it', async () => {
    const desk = new WarningDesk();

    expect(await desk.visit()).toEqual({ status: 'sent', pushToTextMs: 800, takenOver: false });

    expect(desk.texts).toEqual([
      { to: '+8613900139000', text: expect.stringMatching(/尾号8000.*贷款/) },
    ]);
    expect(desk.texts[0]?.text).not.toContain('1380013');
    expect(desk.row).toMatchObject({ status: 'sent', messageId: 'm-1' });
  });

  test.each<[string, Row | undefined, { sends: number; status: string; queued: number }]>([
    ['pending', { status: 'pending' }, { sends: 1, status: 'sent', queued: 0 }],
    [
      'claimed by another',
      { status: 'claimed', claimedUntil: NOW },
      { sends: 0, status: 'none', queued: 1 },
    ],
    [
      'left behind by a crash',
      { status: 'claimed', claimedUntil: NOW - 1 },
      { sends: 1, status: 'sent', queued: 0 },
    ],
    ['deferred', { status: 'deferred', attempts: 2 }, { sends: 1, status: 'sent', queued: 0 }],
    ['sent', { status: 'sent' }, { sends: 0, status: 'none', queued: 0 }],
    ['opted out', { status: 'opted-out' }, { sends: 0, status: 'none', queued: 0 }],
    ['undeliverable', { status: 'undeliverable' }, { sends: 0, status: 'none', queued: 0 }],
    ['expired', { status: 'expired' }, { sends: 0, status: 'none', queued: 0 }],
    ['over budget', { status: 'over-budget' }, { sends: 0, status: 'none', queued: 0 }],
    ['forgotten', undefined, { sends: 0, status: 'none', queued: 0 }],
  ])('that is %s', async (_, row, expected) => {
    const desk = new WarningDesk();
    desk.row = row === undefined ? undefined : { ...row };
    const visit = await desk.visit();
    expect(visit.status).toBe(expected.status);
    expect(desk.texts).toHaveLength(expected.sends);
    expect(desk.queued).toHaveLength(expected.queued);
    if (expected.sends === 0) expect(desk.row).toEqual(row);
  });

  test('comes back to a claimed one when the claim has run out', async () => {
    const desk = new WarningDesk({ status: 'claimed', claimedUntil: NOW + 10_500 });
    await desk.visit();
    const [back] = desk.queued;
    expect(back).toEqual({ ref: desk.ref, delaySeconds: 12 });
    desk.now += (back?.delaySeconds ?? 0) * 1000;
    expect((await desk.visit()).takenOver).toBe(true);
  });

  test('is repeated as often as one likes, and sends one text', async () => {
    const desk = new WarningDesk();
    const visits = [];
    for (let i = 0; i < 5; i++) visits.push(await desk.visit());
    expect(visits.map((visit) => visit.status)).toEqual(['sent', 'none', 'none', 'none', 'none']);
    expect(desk.texts).toHaveLength(1);
  });

  test('comes back to a claim that is said to be taken: a lost answer may have been its own', async () => {
    const desk = new WarningDesk();
    desk.claimsAreRepeated = true;

    expect(await desk.visit()).toEqual({ status: 'none' });

    expect(desk.row?.status).toBe('claimed');
    expect(desk.queued).toEqual([{ ref: desk.ref, delaySeconds: 91 }]);
    desk.now += 91_000;
    desk.claimsAreRepeated = false;
    expect(await desk.visit()).toMatchObject({ status: 'sent' });
  });

  test('at the same time as others sends one text', async () => {
    const desk = new WarningDesk();
    const visits = await Promise.all([desk.visit(), desk.visit(), desk.visit()]);
    expect(visits.filter((visit) => visit.status === 'sent')).toHaveLength(1);
    expect(desk.texts).toHaveLength(1);
  });
});

describe('a warning that cannot be sent', () => {
  test('waits in the queue when the carrier is throttled, and is marked only then', async () => {
    const desk = new WarningDesk();
    desk.outcome = { kind: 'later', reason: 'ThrottledException' };

    expect(await desk.visit()).toMatchObject({ status: 'deferred', reason: 'ThrottledException' });
    expect(desk.queued).toEqual([{ ref: desk.ref, delaySeconds: 5 }]);
    expect(desk.row).toMatchObject({ status: 'deferred', attempts: 1 });

    await desk.visit();
    expect(desk.queued[1]?.delaySeconds).toBe(10);

    desk.outcome = { kind: 'sent', messageId: 'm-2' };
    expect(await desk.visit()).toMatchObject({ status: 'sent', takenOver: false });
    expect(desk.texts).toHaveLength(1);
  });

  test('counts a second text that follows one of which nobody heard', async () => {
    const desk = new WarningDesk();
    desk.outcome = { kind: 'later', reason: 'TimeoutError', perhapsSent: true };
    await desk.visit();
    desk.outcome = { kind: 'later', reason: 'ThrottledException' };
    await desk.visit();
    desk.outcome = undefined;

    expect(await desk.visit()).toMatchObject({ status: 'sent', takenOver: true });
  });

  test('waits longer each time, and never beyond five minutes', () => {
    expect([1, 2, 3, 6, 7, 50].map(pauseAfter)).toEqual([5, 10, 20, 160, 300, 300]);
  });

  test('is given up when it would help nobody any more', async () => {
    const desk = new WarningDesk({ status: 'deferred' });
    desk.now = desk.warning.arrivedAt + 60 * 60_000;
    expect((await desk.visit()).status).toBe('sent');

    const late = new WarningDesk({ status: 'deferred' });
    late.now = late.warning.arrivedAt + 60 * 60_000 + 1;
    expect(await late.visit()).toMatchObject({ status: 'expired', reason: 'expired' });
    expect(late.texts).toEqual([]);
  });

  test('is kept from a person who opted out, and that is recorded for the next', async () => {
    const desk = new WarningDesk();
    desk.outcome = { kind: 'opted-out' };
    expect(await desk.visit()).toMatchObject({ status: 'opted-out' });
    expect(desk.optOuts).toEqual([NOW]);
    expect(desk.row?.status).toBe('opted-out');
  });

  test('is kept from a person who is known to have opted out, without asking the carrier', async () => {
    const desk = new WarningDesk();
    desk.optedOut = true;
    expect(await desk.visit()).toMatchObject({ status: 'opted-out' });
    expect(desk.texts).toEqual([]);
    expect(desk.optOuts).toEqual([]);
  });

  test.each<[string, PartyNumber]>([
    ['a landline', { kind: 'subscriber', number: '+862886661234' }],
    ['a service', { kind: 'service', number: 'CN:95588' }],
  ])('is undeliverable to %s', async (_, person) => {
    const desk = new WarningDesk({ status: 'pending' }, person);
    expect(await desk.visit()).toMatchObject({ status: 'undeliverable', reason: 'landline' });
    expect(desk.row).toMatchObject({ status: 'undeliverable', reason: 'landline' });
    expect(desk.texts).toEqual([]);
  });

  test('is undeliverable when the carrier refuses the number', async () => {
    const desk = new WarningDesk();
    desk.outcome = { kind: 'refused', reason: 'InvalidParameterException' };
    expect(await desk.visit()).toMatchObject({
      status: 'undeliverable',
      reason: 'InvalidParameterException',
    });
    expect(desk.row?.status).toBe('undeliverable');
  });

  test('is recorded as sent with the reason when the opt-outs could not be asked', async () => {
    const desk = new WarningDesk();
    desk.outcome = { kind: 'sent', messageId: 'm-1', unasked: 'ThrottledException' };
    await desk.visit();
    expect(desk.row?.reason).toContain('ThrottledException');
  });
});

describe('a warning whose text did not arrive', () => {
  const waiting = (changes: Partial<Row> = {}): Row => ({
    status: 'deferred',
    delivery: 'unreachable',
    messageId: 'm-1',
    bookedOn: '2026-11-23',
    resends: 1,
    ...changes,
  });

  test('is texted again on the seat that it has, and counts in no time from push to text', async () => {
    const desk = new WarningDesk(waiting());
    expect(await desk.visit()).toEqual({ status: 'sent', resent: true, takenOver: false });
    expect(desk.bookings).toEqual([]);
    expect(desk.row).toMatchObject({ status: 'sent', delivery: 'accepted' });
  });

  test('is handed to people when its time is over', async () => {
    const desk = new WarningDesk(waiting());
    desk.now = desk.warning.arrivedAt + 60 * 60_000 + 1;
    expect(await desk.visit()).toMatchObject({ status: 'undeliverable', reason: 'unreachable' });
    expect(desk.handedOver).toEqual(new Map([['case-1', 'unreachable']]));
    expect(desk.texts).toEqual([]);
  });
});

describe('the ways that the policy allows', () => {
  const through = (...channels: ('sms' | 'people')[]) => {
    const desk = new WarningDesk();
    desk.policy = { ...desk.policy, warnings: { ...desk.policy.warnings, channels } };
    return desk;
  };

  test('are people at once where texts are not among them', async () => {
    const desk = through('people');
    expect(await desk.visit()).toMatchObject({ status: 'undeliverable', reason: 'no-texts' });
    expect(desk.handedOver).toEqual(new Map([['case-1', 'no-texts']]));
    expect(desk.texts).toEqual([]);
    expect(desk.bookings).toEqual([]);
  });

  test('end with the text where people are not among them', async () => {
    const desk = through('sms');
    desk.outcome = { kind: 'refused', reason: 'InvalidParameterException' };
    expect(await desk.visit()).toMatchObject({ status: 'undeliverable' });
    expect(desk.handedOver.size).toBe(0);
  });
});

describe("the day's budget", () => {
  /** Ten texts a day, of which the less certain get the first five. */
  const tenADay = () => {
    const desk = new WarningDesk();
    const { policy } = desk;
    desk.policy = {
      ...policy,
      subjects: { ...policy.subjects, utcOffsetMinutes: 480 },
      warnings: {
        ...policy.warnings,
        budget: {
          textsPer100kPerDay: 10,
          peopleCovered: 100_000,
          bands: [{ below: 0.7, share: 0.5 }, { share: 1 }],
        },
      },
    };
    return desk;
  };

  test('is asked for a seat by the certainty of the warning, on the local day', async () => {
    const desk = tenADay();
    desk.now = Date.UTC(2026, 10, 23, 16, 5);
    Object.assign(desk.warning, { arrivedAt: desk.now - 1_000 });
    expect((await desk.visit()).status).toBe('sent');
    expect(desk.bookings).toEqual([{ day: '2026-11-24', band: 'from 0', room: 5 }]);
  });

  test('holds back the less certain first, records that, and says which', async () => {
    const desk = tenADay();
    desk.booked = 5;
    expect(await desk.visit()).toEqual({ status: 'over-budget', reason: 'from 0' });
    expect(desk.texts).toEqual([]);
    expect(desk.row?.status).toBe('over-budget');
    expect(await desk.visit()).toEqual({ status: 'none' });

    const certain = tenADay();
    certain.booked = 9;
    Object.assign(certain.warning, { probability: 0.7 });
    expect((await certain.visit()).status).toBe('sent');
  });

  test.each<[string, (desk: WarningDesk) => void]>([
    ['too late', (desk) => Object.assign(desk, { now: NOW + 61 * 60_000 })],
    ['to a person who opted out', (desk) => Object.assign(desk, { optedOut: true })],
  ])('is not touched by a warning that is %s', async (_, change) => {
    const desk = tenADay();
    change(desk);
    await desk.visit();
    expect(desk.bookings).toEqual([]);
    expect(desk.booked).toBe(0);
  });

  test('is not touched by a warning to a landline', async () => {
    const desk = new WarningDesk(
      { status: 'pending' },
      { kind: 'subscriber', number: '+862886661234' },
    );
    await desk.visit();
    expect(desk.bookings).toEqual([]);
  });

  test('counts a warning that is put off and comes back once', async () => {
    const desk = tenADay();
    desk.outcome = { kind: 'later', reason: 'ThrottledException' };
    await desk.visit();
    await desk.visit();
    desk.booked = 10;
    desk.outcome = { kind: 'sent', messageId: 'm-1' };
    expect((await desk.visit()).status).toBe('sent');
    expect(desk.bookings).toHaveLength(1);
  });

  test.each<Effect>([
    { name: 'claim', when: 'before' },
    { name: 'claim', when: 'after' },
    { name: 'publish', when: 'before' },
    { name: 'settle', when: 'before' },
  ])('counts a warning once whose visit died: %o', async (crashAt) => {
    const desk = tenADay();
    desk.crashAt = crashAt;
    await visitUntilDone(desk);
    expect(desk.row?.status).toBe('sent');
    expect(desk.booked).toBe(1);
  });
});

const FINAL: readonly WarningStatus[] = ['sent'];

/** Visits as Lambda and SQS would: again after a crash, and whenever a message comes due. */
async function visitUntilDone(desk: WarningDesk) {
  const visits = [];
  for (let tries = 0; tries < 20 && !FINAL.includes(desk.row?.status ?? 'pending'); tries++) {
    try {
      visits.push(await desk.visit());
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    const message = desk.queued.at(-1);
    desk.now += message === undefined ? 0 : message.delaySeconds * 1000;
  }
  return visits;
}

describe('a visit that dies', () => {
  test.each<[Effect, number, boolean]>([
    [{ name: 'claim', when: 'before' }, 1, false],
    [{ name: 'claim', when: 'after' }, 1, true],
    [{ name: 'publish', when: 'before' }, 1, true],
    [{ name: 'publish', when: 'after' }, 2, true],
    [{ name: 'settle', when: 'before' }, 2, true],
    [{ name: 'settle', when: 'after' }, 1, false],
  ])(
    '%o loses no warning: %i text, and a possible second one is counted: %s',
    async (crashAt, texts, takenOver) => {
      const desk = new WarningDesk();
      desk.crashAt = crashAt;

      const visits = await visitUntilDone(desk);

      expect(desk.row?.status).toBe('sent');
      expect(desk.texts).toHaveLength(texts);
      const sent = visits.filter((visit) => visit.status === 'sent');
      expect(sent.some((visit) => visit.takenOver === true)).toBe(takenOver);
      if (texts > 1) expect(takenOver).toBe(true);
    },
  );

  test.each<Effect>([
    { name: 'comeBack', when: 'before' },
    { name: 'comeBack', when: 'after' },
    { name: 'settle', when: 'before' },
    { name: 'settle', when: 'after' },
  ])('%o while it is put off loses no warning', async (crashAt) => {
    const desk = new WarningDesk();
    desk.outcome = { kind: 'later', reason: 'ThrottledException' };
    desk.crashAt = crashAt;
    await expect(desk.visit()).rejects.toThrow(Crash);

    desk.outcome = { kind: 'sent', messageId: 'm-1' };
    await visitUntilDone(desk);

    expect(desk.row?.status).toBe('sent');
    expect(desk.texts).toHaveLength(1);
  });

  test('leaves a claim that outlasts any running function', () => {
    expect(CLAIM_MS).toBeGreaterThan(60_000);
  });
});
