import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  caseOfItem,
  closeCase,
  createSubjectsTable,
  createWarningsTable,
  type SubjectStore,
  type WarningStore,
  warningOfItem,
} from '../../../../functions/adapters/subjects-table.ts';
import { SUBJECT } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';
import { caseOf, decisionOf, warningOf } from './subject-decisions.ts';

const EXPIRES = 1_900_000_000;
const NOW = 1_795_000_000_000;
const CLAIM_MS = 90_000;

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeSubjectsTable(client: () => DynamoDBClient): void {
  let table: string;
  let subjects: SubjectStore;
  let warnings: WarningStore;

  beforeEach(async () => {
    table = await createTable(client(), 'subjects');
    subjects = createSubjectsTable(client(), table);
    warnings = createWarningsTable(client(), table);
  });

  /** The subject's whole partition, by sort key. */
  async function items() {
    const pages = paginateQuery(
      { client: client() },
      {
        TableName: table,
        KeyConditionExpression: 'subject = :subject',
        ExpressionAttributeValues: { ':subject': { S: SUBJECT } },
        ConsistentRead: true,
      },
    );
    const found = [];
    for await (const page of pages) found.push(...(page.Items ?? []));
    return new Map(found.map((item) => [item.item?.S ?? '', item]));
  }

  const write = (readAt: string | undefined, sequenceNumber: string, decision = decisionOf(1)) =>
    subjects.write(SUBJECT, readAt, sequenceNumber, decision, EXPIRES);

  describe('subjects', () => {
    test('a person not seen before has no state', async () => {
      expect(await subjects.read(SUBJECT)).toBeUndefined();
    });

    test('state, warnings and cases are written as one', async () => {
      const second = warningOf({ id: 'warning-2', kind: 'other' });
      const decision = decisionOf(7, { warnings: [warningOf(), second], cases: [caseOf()] });

      expect(await write(undefined, '10', decision)).toBe(true);

      expect(await subjects.read(SUBJECT)).toEqual({ sequenceNumber: '10', state: decision.state });
      const stored = await items();
      expect([...stored.keys()]).toEqual([
        'CASE#case-1',
        'STATE',
        'WARNING#warning-1',
        'WARNING#warning-2',
      ]);
      expect(warningOfItem(stored.get('WARNING#warning-2'))).toEqual(second);
      expect(caseOfItem(stored.get('CASE#case-1'))).toEqual(caseOf());
      expect(stored.get('WARNING#warning-1')?.status).toEqual({ S: 'pending' });
      expect(stored.get('CASE#case-1')?.status).toEqual({ S: 'open' });
      for (const [name, item] of stored) {
        const expires = Number(item.expiresAt?.N);
        // Outlived by the state, which keeps count of the episodes that name them.
        if (name === 'STATE') expect(expires).toBeGreaterThan(EXPIRES + 7 * 86_400);
        else expect(expires).toBe(EXPIRES);
      }
    });

    test('a stale watermark writes nothing at all: no state, no warning, no case, no tier', async () => {
      await write(undefined, '10', decisionOf(1, { cases: [caseOf()] }));
      const before = await items();

      const written = await write(
        '9',
        '11',
        decisionOf(2, {
          warnings: [warningOf()],
          cases: [caseOf({ id: 'case-2' })],
          raised: [{ caseId: 'case-1', tier: 'high' }],
        }),
      );

      expect(written).toBe(false);
      expect(await items()).toEqual(before);
    });

    test('a person taken for new who is not writes nothing', async () => {
      await write(undefined, '10');

      expect(await write(undefined, '11', decisionOf(2, { warnings: [warningOf()] }))).toBe(false);

      expect([...(await items()).keys()]).toEqual(['STATE']);
      expect((await subjects.read(SUBJECT))?.sequenceNumber).toBe('10');
    });

    test('the watermark that was read lets the next state through, and an open case rises with it', async () => {
      await write(undefined, '10', decisionOf(1, { cases: [caseOf()] }));

      const next = decisionOf(2, { raised: [{ caseId: 'case-1', tier: 'high' }] });
      expect(await write('10', '11', next)).toBe(true);

      expect(await subjects.read(SUBJECT)).toEqual({ sequenceNumber: '11', state: next.state });
      const opened = (await items()).get('CASE#case-1');
      expect(opened?.tier).toEqual({ S: 'high' });
      expect(caseOfItem(opened)).toEqual(caseOf());
    });

    test('a case that rises in the decision that opens it is written once, at its last tier', async () => {
      const decision = decisionOf(1, {
        cases: [caseOf()],
        raised: [{ caseId: 'case-1', tier: 'high' }],
      });

      expect(await write(undefined, '10', decision)).toBe(true);

      expect((await items()).get('CASE#case-1')?.tier).toEqual({ S: 'high' });
    });

    test('a case that is gone does not come back as a fragment, and the rest is written', async () => {
      await write(undefined, '10');

      const risen = decisionOf(2, { raised: [{ caseId: 'case-1', tier: 'high' }] });
      expect(await write('10', '11', risen)).toBe(true);

      expect([...(await items()).keys()]).toEqual(['STATE']);
      expect((await subjects.read(SUBJECT))?.sequenceNumber).toBe('11');
    });

    test('of many writers at once with the same watermark, one wins', async () => {
      await write(undefined, '10');

      const written = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          write('10', String(11 + i), decisionOf(i, { warnings: [warningOf({ id: `of-${i}` })] })),
        ),
      );

      expect(written.filter(Boolean)).toHaveLength(1);
      const winner = written.indexOf(true);
      expect((await subjects.read(SUBJECT))?.sequenceNumber).toBe(String(11 + winner));
      expect([...(await items()).keys()]).toEqual(['STATE', `WARNING#of-${winner}`]);
    });
  });

  describe('warnings', () => {
    const { id } = warningOf();
    const claim = (now: number) => warnings.claim(SUBJECT, id, now, now + CLAIM_MS);

    beforeEach(async () => {
      await write(undefined, '10', decisionOf(1, { warnings: [warningOf()] }));
    });

    test('a new warning is read as it was decided', async () => {
      const { item, optedOut } = await warnings.read(SUBJECT, id);
      expect(warningOfItem(item)).toEqual(warningOf());
      expect(optedOut).toBe(false);
    });

    test('of many claims at once, one wins', async () => {
      const claims = await Promise.all(Array.from({ length: 8 }, () => claim(NOW)));

      expect(claims.filter(Boolean)).toHaveLength(1);
      const { item } = await warnings.read(SUBJECT, id);
      expect(item?.status).toEqual({ S: 'claimed' });
      expect(item?.attempts).toEqual({ N: '1' });
    });

    test('a claim holds until it runs out, and no longer', async () => {
      expect(await claim(NOW)).toBe(true);
      expect(await claim(NOW + CLAIM_MS)).toBe(false);
      expect(await claim(NOW + CLAIM_MS + 1)).toBe(true);
      expect((await warnings.read(SUBJECT, id)).item?.attempts).toEqual({ N: '2' });
    });

    test('a deferred warning can be claimed again', async () => {
      await claim(NOW);
      await warnings.settle(SUBJECT, id, 'deferred', { at: NOW, reason: 'ThrottledException' });
      expect(await claim(NOW + 1)).toBe(true);
    });

    test.each(['sent', 'opted-out', 'undeliverable', 'expired'] as const)(
      'nobody claims a warning that ended as %s',
      async (end) => {
        await claim(NOW);
        await warnings.settle(SUBJECT, id, end, { at: NOW });
        expect(await claim(NOW + 2 * CLAIM_MS)).toBe(false);
      },
    );

    test('a warning that does not exist cannot be claimed, and is not made by it', async () => {
      expect(await warnings.claim(SUBJECT, 'another', NOW, NOW + CLAIM_MS)).toBe(false);
      expect((await warnings.read(SUBJECT, 'another')).item).toBeUndefined();
    });

    test('what became of a warning is recorded beside it', async () => {
      await claim(NOW);
      await warnings.settle(SUBJECT, id, 'sent', { at: NOW + 5, messageId: 'message-1' });

      const { item } = await warnings.read(SUBJECT, id);
      expect(item).toMatchObject({
        status: { S: 'sent' },
        settledAt: { N: String(NOW + 5) },
        messageId: { S: 'message-1' },
      });
      expect(warningOfItem(item)).toEqual(warningOf());
    });

    test('an opt-out is known from then on, since when it was first heard of', async () => {
      await warnings.recordOptOut(SUBJECT, NOW, EXPIRES);
      await warnings.recordOptOut(SUBJECT, NOW + 1_000, EXPIRES + 1);

      expect((await warnings.read(SUBJECT, id)).optedOut).toBe(true);
      expect((await items()).get('OPTOUT')).toMatchObject({
        since: { N: String(NOW) },
        expiresAt: { N: String(EXPIRES + 1) },
      });
    });
  });

  describe('cases', () => {
    const close = (outcome: string, at = NOW) =>
      closeCase(client(), table, SUBJECT, 'case-1', outcome, at);

    test('a case is closed once: the first outcome stays', async () => {
      await write(undefined, '10', decisionOf(1, { cases: [caseOf()] }));

      await close('dissuaded');
      await close('overdue', NOW + 1);

      expect((await items()).get('CASE#case-1')).toMatchObject({
        status: { S: 'closed' },
        outcome: { S: 'dissuaded' },
        closedAt: { N: String(NOW) },
      });
    });

    test('closing a case that is gone makes none', async () => {
      await close('dissuaded');
      expect(await items()).toEqual(new Map());
    });
  });
}
