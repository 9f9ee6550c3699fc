import { type DynamoDBClient, GetItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createDeliveriesTable,
  type DeliveryMark,
  type DeliveryStore,
  textOfCase,
} from '../../../../functions/adapters/deliveries-table.ts';
import {
  createSubjectsTable,
  createWarningsTable,
  progressOfItem,
  type WarningStore,
} from '../../../../functions/adapters/subjects-table.ts';
import { SUBJECT } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';
import { caseOf, decisionOf, warningOf } from './subject-decisions.ts';

const EXPIRES = 1_900_000_000;
const NOW = 1_795_000_000_000;
const CLAIM_MS = 90_000;
const REF = { subject: SUBJECT, id: warningOf().id };

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeDeliveriesTable(client: () => DynamoDBClient): void {
  let table: string;
  let warnings: WarningStore;
  let deliveries: DeliveryStore;

  beforeEach(async () => {
    table = await createTable(client(), 'subjects');
    warnings = createWarningsTable(client(), table);
    deliveries = createDeliveriesTable(client(), table);
  });

  /** A warning whose text was taken as `message-1`, with or without a case. */
  async function texted(withCase = false) {
    const decision = decisionOf(1, { warnings: [warningOf()], cases: withCase ? [caseOf()] : [] });
    await createSubjectsTable(client(), table).write(
      SUBJECT,
      'live',
      undefined,
      '10',
      decision,
      EXPIRES,
    );
    await send('message-1');
  }

  async function send(messageId: string) {
    await warnings.claim(SUBJECT, REF.id, NOW, NOW + CLAIM_MS);
    await warnings.settle(SUBJECT, REF.id, 'sent', { at: NOW, messageId });
  }

  async function read() {
    const stored = await deliveries.read(REF);
    if (stored === undefined) throw new Error('no warning');
    return stored;
  }

  async function item(name: string) {
    const { Item } = await client().send(
      new GetItemCommand({
        TableName: table,
        Key: { subject: { S: SUBJECT }, item: { S: name } },
        ConsistentRead: true,
      }),
    );
    return Item;
  }

  const DELIVERED: DeliveryMark = {
    status: 'sent',
    state: 'delivered',
    reason: '',
    at: NOW + 9,
    carrier: 'China Mobile',
    priceUsd: 0.021,
    isResent: false,
  };
  const UNREACHABLE: DeliveryMark = {
    status: 'deferred',
    state: 'unreachable',
    reason: 'unreachable',
    at: NOW + 5,
    isResent: true,
  };

  describe('the way from a text to its warning', () => {
    test('is there as soon as the warning is sent, and not before', async () => {
      expect(await deliveries.find('message-1')).toBeUndefined();
      await texted();
      expect(await deliveries.find('message-1')).toEqual(REF);
      expect(await read()).toEqual({
        warning: warningOf(),
        status: 'sent',
        state: 'accepted',
        messageId: 'message-1',
        resends: 0,
        keptUntil: EXPIRES,
      });
    });

    test('leads there from each of its texts, and expires', async () => {
      await texted();
      await deliveries.mark(REF, await read(), UNREACHABLE, undefined);
      await send('message-2');
      expect(await deliveries.find('message-1')).toEqual(REF);
      expect(await deliveries.find('message-2')).toEqual(REF);
      const { Items = [] } = await client().send(new ScanCommand({ TableName: table }));
      const pointers = Items.filter(({ subject }) => subject?.S?.startsWith('TEXT#'));
      expect(pointers.map(({ expiresAt }) => Number(expiresAt?.N))).toEqual([
        Math.floor(NOW / 1000) + 4 * 86_400,
        Math.floor(NOW / 1000) + 4 * 86_400,
      ]);
    });

    test('is not there for a text without a name', async () => {
      await texted();
      await send('');
      expect(await deliveries.find('')).toBeUndefined();
    });
  });

  describe('what became of a text', () => {
    test('is written on its warning', async () => {
      await texted();
      expect(await deliveries.mark(REF, await read(), DELIVERED, undefined)).toBe(true);
      expect(await item(`WARNING#${REF.id}`)).toMatchObject({
        status: { S: 'sent' },
        delivery: { S: 'delivered' },
        deliveryAt: { N: String(NOW + 9) },
        carrier: { S: 'China Mobile' },
        priceUsd: { N: '0.021' },
        warning: { S: JSON.stringify(warningOf()) },
      });
    });

    test('is not written over what somebody else has written since', async () => {
      await texted();
      const before = await read();
      expect(await deliveries.mark(REF, before, DELIVERED, undefined)).toBe(true);
      expect(await deliveries.mark(REF, before, UNREACHABLE, undefined)).toBe(false);
      expect(await read()).toMatchObject({ state: 'delivered', resends: 0 });
    });

    test('is written once by many at the same time', async () => {
      await texted();
      const before = await read();
      const written = await Promise.all(
        Array.from({ length: 6 }, () => deliveries.mark(REF, before, UNREACHABLE, undefined)),
      );
      expect(written.filter(Boolean)).toHaveLength(1);
      expect((await read()).resends).toBe(1);
    });

    test('lets a text that did not arrive be claimed and sent again, on the same seat', async () => {
      await texted();
      await deliveries.mark(REF, await read(), UNREACHABLE, undefined);
      expect(await warnings.claim(SUBJECT, REF.id, NOW, NOW + CLAIM_MS)).toBe('claimed');
      await warnings.settle(SUBJECT, REF.id, 'sent', { at: NOW + 8, messageId: 'message-2' });
      expect(await read()).toMatchObject({
        status: 'sent',
        state: 'accepted',
        messageId: 'message-2',
        resends: 1,
      });
    });

    test('stays delivered when the first text arrived while the second was being sent', async () => {
      await texted();
      await deliveries.mark(REF, await read(), UNREACHABLE, undefined);
      await warnings.claim(SUBJECT, REF.id, NOW, NOW + CLAIM_MS);
      await deliveries.mark(REF, await read(), DELIVERED, undefined);
      await warnings.settle(SUBJECT, REF.id, 'sent', { at: NOW + 8, messageId: 'message-2' });
      expect(await read()).toMatchObject({
        status: 'sent',
        state: 'delivered',
        messageId: 'message-2',
      });
      expect(await deliveries.find('message-2')).toEqual(REF);
    });

    test.each(['undeliverable', 'opted-out', 'expired', 'deferred'] as const)(
      'stays delivered when a visit ends as %s afterwards',
      async (end) => {
        await texted();
        await deliveries.mark(REF, await read(), DELIVERED, undefined);
        await warnings.settle(SUBJECT, REF.id, end, { at: NOW + 10, reason: 'late' });
        expect(await read()).toMatchObject({ status: 'sent', state: 'delivered' });
      },
    );

    test.each([
      ['opted-out', 'opted-out'],
      ['undeliverable', 'failed'],
      ['expired', 'expired'],
    ] as const)('of a warning that was never sent is known too: %s is %s', async (end, state) => {
      await texted();
      await warnings.settle(SUBJECT, REF.id, end, { at: NOW + 10, reason: 'why' });
      expect((await read()).state).toBe(state);
    });
  });

  describe('the case of a warning', () => {
    const DELIVERED_TEXT = { state: 'delivered', at: NOW + 9 } as const;

    test('hears of its text with the mark', async () => {
      await texted(true);
      expect(await deliveries.mark(REF, await read(), DELIVERED, DELIVERED_TEXT)).toBe(true);
      expect(progressOfItem(await item('CASE#case-1'), caseOf()).text).toEqual(DELIVERED_TEXT);
      expect((await read()).state).toBe('delivered');
    });

    test('hears of nothing that was not written', async () => {
      await texted(true);
      const before = await read();
      await deliveries.mark(REF, before, DELIVERED, undefined);
      const late = { state: 'unreachable', at: NOW } as const;
      expect(await deliveries.mark(REF, before, UNREACHABLE, late)).toBe(false);
      expect(progressOfItem(await item('CASE#case-1'), caseOf()).text).toBeUndefined();
    });

    test('finds its text when it is opened after the report', async () => {
      const find = (caseId: string) => textOfCase(client(), table, SUBJECT, caseId);
      await texted();
      expect(await find('case-1')).toEqual({ state: 'accepted', at: NOW });
      await deliveries.mark(REF, await read(), UNREACHABLE, undefined);
      expect(await find('case-1')).toEqual({
        state: 'unreachable',
        reason: 'unreachable',
        at: NOW + 5,
      });
      expect(await find('another')).toBeUndefined();
    });

    test('is not made by it where there is none', async () => {
      await texted();
      expect(await deliveries.mark(REF, await read(), DELIVERED, DELIVERED_TEXT)).toBe(true);
      expect(await item('CASE#case-1')).toBeUndefined();
      expect((await read()).state).toBe('delivered');
    });
  });
}
