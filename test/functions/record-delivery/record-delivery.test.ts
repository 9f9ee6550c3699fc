import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAILURE_REASONS } from '../../../lib/domain/delivery/text-delivery.ts';
import { Crash } from '../../support/in-memory-pipeline.ts';
import { type Effect, NOW, WarningDesk } from '../send-warnings/warning-desk.ts';

const MINUTE = 60_000;

/** A desk whose warning has been texted. */
async function texted(): Promise<WarningDesk> {
  const desk = new WarningDesk();
  await desk.visit();
  return desk;
}

describe('a report of a text', () => {
  test('that arrived is noted on the warning, with the carrier and what it cost', async () => {
    const desk = await texted();
    expect(await desk.report()).toMatchObject({ kind: 'changed', fraud: 'loan' });
    expect(desk.row).toMatchObject({
      status: 'sent',
      delivery: 'delivered',
      carrier: 'China Mobile',
      priceUsd: 0.02,
    });
    expect(desk.handedOver.size).toBe(0);
  });

  test('that failed for good hands the person to people, with the reason', async () => {
    const desk = await texted();
    await desk.report('spam');
    expect(desk.row).toMatchObject({
      status: 'undeliverable',
      delivery: 'failed',
      deliveryReason: 'spam',
    });
    expect(desk.handedOver).toEqual(new Map([['case-1', 'spam']]));
    expect(desk.optOuts).toEqual([]);
    // The case hears of it as of any text that cannot be delivered: not twice.
    expect(desk.toldCase).toEqual([]);
  });

  test('of somebody who opted out is remembered for the next warning', async () => {
    const desk = await texted();
    await desk.report('opted-out');
    expect(desk.row).toMatchObject({ status: 'opted-out', delivery: 'opted-out' });
    expect(desk.optOuts).toEqual([NOW]);
    expect(desk.handedOver).toEqual(new Map([['case-1', 'opted-out']]));
  });

  test('to a phone that cannot be reached has one more sent after the time that the policy says', async () => {
    const desk = await texted();
    await desk.report('unreachable');
    expect(desk.row).toMatchObject({ status: 'deferred', delivery: 'unreachable', resends: 1 });
    expect(desk.queued).toEqual([{ ref: desk.ref, delaySeconds: 300 }]);

    desk.now += 5 * MINUTE;
    expect(await desk.visit()).toMatchObject({ status: 'sent', resent: true });
    expect(desk.row).toMatchObject({ status: 'sent', delivery: 'accepted', messageId: 'm-2' });
    expect(desk.texts).toHaveLength(2);
    expect(desk.booked).toBe(1);

    await desk.report('unreachable');
    expect(desk.row).toMatchObject({ status: 'undeliverable', delivery: 'failed' });
    expect(desk.handedOver).toEqual(new Map([['case-1', 'unreachable']]));
    expect(desk.queued).toHaveLength(1);
  });

  test('goes no further where the policy allows no people', async () => {
    const desk = await texted();
    desk.hasCase = true;
    desk.policy = { ...desk.policy, warnings: { ...desk.policy.warnings, channels: ['sms'] } };
    await desk.report('spam');
    expect(desk.row?.delivery).toBe('failed');
    expect(desk.handedOver.size).toBe(0);
    expect(desk.toldCase).toEqual([{ state: 'failed', reason: 'spam', at: NOW }]);
  });

  test('is told to the case of its warning, if there is one', async () => {
    const desk = await texted();
    desk.hasCase = true;
    await desk.report('unreachable');
    await desk.report(undefined);
    expect(desk.toldCase).toEqual([
      { state: 'unreachable', reason: 'unreachable', at: NOW },
      { state: 'delivered', at: NOW },
    ]);
  });
});

describe('reports that contradict each other', () => {
  test('leave it delivered when one says so after a failure, and call off the text that waits', async () => {
    const desk = await texted();
    await desk.report('unreachable');
    await desk.report();
    expect(desk.row).toMatchObject({ status: 'sent', delivery: 'delivered' });
    expect(await desk.visit()).toEqual({ status: 'none' });
    expect(desk.texts).toHaveLength(1);
  });

  test('leave it delivered when a failure follows, and hand nobody over', async () => {
    const desk = await texted();
    await desk.report();
    for (const reason of FAILURE_REASONS) {
      expect(await desk.report(reason)).toEqual({ kind: 'repeated' });
    }
    expect(desk.row?.delivery).toBe('delivered');
    expect(desk.handedOver.size).toBe(0);
  });

  test('leave it delivered when the first text arrives after all while the second is on its way', async () => {
    const desk = await texted();
    await desk.report('unreachable');
    await desk.visit();
    await desk.report(undefined, 'm-1');
    await desk.report('unreachable', 'm-2');
    expect(desk.row).toMatchObject({ delivery: 'delivered', messageId: 'm-2' });
    expect(desk.handedOver.size).toBe(0);
  });

  test('that come at once are taken one after the other', async () => {
    const desk = await texted();
    const kinds = (await Promise.all([desk.report(), desk.report('spam'), desk.report()])).map(
      ({ kind }) => kind,
    );
    expect(desk.row?.delivery).toBe('delivered');
    expect(kinds).toContain('repeated');
  });
});

describe('a report whose text is not known', () => {
  test('is put aside while its sender may still be about to write it down, and taken then', async () => {
    const desk = new WarningDesk();
    expect(await desk.report('spam', 'm-1')).toEqual({ kind: 'early' });
    const [put] = desk.early;
    expect(put?.delaySeconds).toBe(5);

    await desk.visit();
    expect(put && (await desk.look(put.early))).toMatchObject({ kind: 'changed' });
    expect(desk.row?.delivery).toBe('failed');
  });

  test('is of another sender when nobody wrote it down in the time that a sender may run', async () => {
    const desk = await texted();
    const kinds = [];
    let result = await desk.report(undefined, 'of-another-sender');
    for (let put = desk.early.shift(); put !== undefined; put = desk.early.shift()) {
      kinds.push(result.kind);
      desk.now += put.delaySeconds * 1000;
      result = await desk.look(put.early);
    }
    expect([...kinds, result.kind]).toEqual(['early', 'early', 'early', 'early', 'unknown']);
    expect(desk.now - NOW).toBeGreaterThan(90_000);
    expect(desk.row?.delivery).toBe('accepted');
  });

  test('is not put aside when the text was sent long ago', async () => {
    const desk = await texted();
    const report = { messageId: 'foreign', sentAt: NOW - 10 * MINUTE, at: NOW };
    expect(await desk.look({ report, looks: 0 })).toEqual({ kind: 'unknown' });
    expect(desk.early).toEqual([]);
  });
});

describe('a recording that dies', () => {
  test.each<[string, Effect, 'unreachable' | 'spam']>([
    ['before the mark of a text to be sent again', { name: 'mark', when: 'before' }, 'unreachable'],
    ['after it', { name: 'mark', when: 'after' }, 'unreachable'],
    ['before the warning is queued', { name: 'comeBack', when: 'before' }, 'unreachable'],
    ['after it is', { name: 'comeBack', when: 'after' }, 'unreachable'],
    ['before people have the person', { name: 'handOver', when: 'before' }, 'spam'],
    ['after they do', { name: 'handOver', when: 'after' }, 'spam'],
  ])('%s is made good when the report comes again', async (_, crashAt, failure) => {
    const desk = await texted();
    desk.crashAt = crashAt;
    await expect(desk.report(failure)).rejects.toThrow(Crash);
    await desk.report(failure);
    if (failure === 'spam') {
      expect(desk.handedOver.size).toBe(1);
      expect(desk.row?.delivery).toBe('failed');
    } else {
      expect(desk.row).toMatchObject({ delivery: 'unreachable', resends: 1 });
      expect(desk.queued.length).toBeGreaterThan(0);
      for (const _message of desk.queued) await desk.visit();
      expect(desk.texts).toHaveLength(2);
    }
  });
});

describe('a warning under any history of carriers, crashes and repeats', () => {
  const effect = fc.record({
    name: fc.constantFrom<Effect['name']>(
      'claim',
      'publish',
      'settle',
      'comeBack',
      'handOver',
      'mark',
      'lookAgain',
    ),
    when: fc.constantFrom<Effect['when']>('before', 'after'),
  });
  const history = fc.record({
    /** How the texts end, in their order. */
    ends: fc.array(fc.option(fc.constantFrom(...FAILURE_REASONS), { nil: undefined }), {
      minLength: 4,
      maxLength: 4,
    }),
    crashes: fc.array(effect, { maxLength: 5 }),
    repeats: fc.integer({ min: 1, max: 3 }),
  });

  test('ends with a text that arrived or a person whom people have, and no text beside one that may arrive', async () => {
    await fc.assert(
      fc.asyncProperty(history, async ({ crashes, ends, repeats }) => {
        const desk = new WarningDesk();
        const plan = [...crashes];
        /** Again until it lives through it, as Lambda and SQS bring it again. */
        const surviving = async <Result>(act: () => Promise<Result>): Promise<Result> => {
          for (;;) {
            desk.crashAt = plan.shift();
            try {
              return await act();
            } catch (error) {
              if (!(error instanceof Crash)) throw error;
            }
          }
        };
        for (let round = 0; round < 12; round++) {
          await surviving(() => desk.visit());
          const reported = desk.row?.messageId;
          if (reported !== undefined) {
            const failure = ends[Number(reported.slice(2)) - 1];
            for (let i = 0; i < repeats; i++) await surviving(() => desk.report(failure, reported));
          }
          // Claims run out and queued messages come due.
          desk.now += 3 * MINUTE;
        }
        const { delivery, status } = desk.row ?? {};
        const isHandedOver = desk.handedOver.size > 0;
        expect(status).not.toBe('deferred');
        expect(delivery === 'delivered' || isHandedOver || delivery === 'expired').toBe(true);
        expect(desk.booked).toBeLessThanOrEqual(1);
        // One text, one more because the first did not arrive, and those that a crash made twice.
        const unwritten = crashes.filter(
          ({ name, when }) =>
            (name === 'publish' && when === 'after') || (name === 'settle' && when === 'before'),
        );
        expect(desk.texts.length).toBeLessThanOrEqual(2 + unwritten.length);
      }),
      { numRuns: 300 },
    );
  });
});
