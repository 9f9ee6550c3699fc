import {
  type DynamoDBClient,
  paginateQuery,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { readBudgetDay } from '../../../../functions/adapters/budget-ledger.ts';
import {
  listDecisions,
  type StoredDecision,
} from '../../../../functions/adapters/decisions-index.ts';
import { TableError } from '../../../../functions/adapters/errors.ts';
import {
  type Booking,
  type Claim,
  caseOfItem,
  closeCase,
  createSubjectsTable,
  createWarningsTable,
  isBooked,
  type SubjectStore,
  type WarningStore,
  warningOfItem,
} from '../../../../functions/adapters/subjects-table.ts';
import type { Track } from '../../../../lib/domain/exposure.ts';
import { SUBJECT, tokenOf } from '../../../domain/factories.ts';
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

  const write = (
    readAt: string | undefined,
    sequenceNumber: string,
    decision = decisionOf(1),
    track: Track = 'live',
  ) => subjects.write(SUBJECT, track, readAt, sequenceNumber, decision, EXPIRES);

  describe('subjects', () => {
    test('a person not seen before has no state', async () => {
      expect(await subjects.read(SUBJECT, 'live')).toBeUndefined();
    });

    test('state, warnings and cases are written as one', async () => {
      const second = warningOf({ id: 'warning-2', kind: 'other' });
      const decision = decisionOf(7, { warnings: [warningOf(), second], cases: [caseOf()] });

      expect(await write(undefined, '10', decision)).toBe(true);

      expect(await subjects.read(SUBJECT, 'live')).toEqual({
        sequenceNumber: '10',
        version: '10',
        state: decision.state,
      });
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
      expect((await subjects.read(SUBJECT, 'live'))?.sequenceNumber).toBe('10');
    });

    test('the watermark that was read lets the next state through, and an open case rises with it', async () => {
      await write(undefined, '10', decisionOf(1, { cases: [caseOf()] }));

      const next = decisionOf(2, { raised: [{ caseId: 'case-1', tier: 'high' }] });
      expect(await write('10', '11', next)).toBe(true);

      expect(await subjects.read(SUBJECT, 'live')).toEqual({
        sequenceNumber: '11',
        version: '11',
        state: next.state,
      });
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

    test('a case that people have already rises, and keeps what was written of it', async () => {
      const handedOver = caseOf({ tier: 'low' });
      await warnings.handToPeople(handedOver, 'landline', EXPIRES);
      await closeCase(client(), table, SUBJECT, 'case-1', 'not-dissuaded', NOW);

      const opening = decisionOf(1, { cases: [caseOf({ tier: 'high' })] });
      expect(await subjects.write(SUBJECT, 'live', undefined, '1', opening, EXPIRES)).toBe(true);

      const item = (await items()).get('CASE#case-1');
      expect(item).toMatchObject({
        tier: { S: 'high' },
        status: { S: 'closed' },
        outcome: { S: 'not-dissuaded' },
        undeliverable: { S: 'landline' },
      });
      expect(caseOfItem(item)).toEqual(handedOver);
    });

    test('a case that is gone does not come back as a fragment, and the rest is written', async () => {
      await write(undefined, '10');

      const risen = decisionOf(2, { raised: [{ caseId: 'case-1', tier: 'high' }] });
      expect(await write('10', '11', risen)).toBe(true);

      expect([...(await items()).keys()]).toEqual(['STATE']);
      expect((await subjects.read(SUBJECT, 'live'))?.sequenceNumber).toBe('11');
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
      expect((await subjects.read(SUBJECT, 'live'))?.sequenceNumber).toBe(String(11 + winner));
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

      expect(claims.filter((claimed) => claimed === 'claimed')).toHaveLength(1);
      expect(claims.filter((claimed) => claimed === 'taken')).toHaveLength(7);
      const { item } = await warnings.read(SUBJECT, id);
      expect(item?.status).toEqual({ S: 'claimed' });
      expect(item?.attempts).toEqual({ N: '1' });
    });

    test('a claim holds until it runs out, and no longer', async () => {
      expect(await claim(NOW)).toBe('claimed');
      expect(await claim(NOW + CLAIM_MS)).toBe('taken');
      expect(await claim(NOW + CLAIM_MS + 1)).toBe('claimed');
      expect((await warnings.read(SUBJECT, id)).item?.attempts).toEqual({ N: '2' });
    });

    test('a deferred warning can be claimed again', async () => {
      await claim(NOW);
      await warnings.settle(SUBJECT, id, 'deferred', { at: NOW, reason: 'ThrottledException' });
      expect(await claim(NOW + 1)).toBe('claimed');
    });

    test.each(['sent', 'opted-out', 'undeliverable', 'expired', 'over-budget'] as const)(
      'nobody claims a warning that ended as %s',
      async (end) => {
        await claim(NOW);
        await warnings.settle(SUBJECT, id, end, { at: NOW });
        expect(await claim(NOW + 2 * CLAIM_MS)).toBe('taken');
      },
    );

    test('a warning that does not exist cannot be claimed, and is not made by it', async () => {
      expect(await warnings.claim(SUBJECT, 'another', NOW, NOW + CLAIM_MS)).toBe('taken');
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

  describe('the budget of a day', () => {
    const DAY = '2026-11-24';
    const seatOf = (room: number, day = DAY): Booking => ({ day, band: 'from 0.5', room });
    const ledger = (day = DAY) => readBudgetDay(client(), table, day);
    const ids = (count: number) => Array.from({ length: count }, (_, i) => `warning-${i}`);
    const book = (id: string, room: number, now = NOW, day = DAY) =>
      warnings.claim(SUBJECT, id, now, now + CLAIM_MS, seatOf(room, day));

    const decide = (count: number) =>
      write(
        undefined,
        '10',
        decisionOf(1, { warnings: ids(count).map((id) => warningOf({ id })) }),
      );

    test('is empty when nothing was booked', async () => {
      expect(await ledger()).toEqual({ booked: 0, dropped: new Map() });
    });

    test('takes a seat with a claim, and marks the warning', async () => {
      await decide(1);

      expect(await book('warning-0', 1)).toBe('claimed');

      expect(await ledger()).toEqual({ booked: 1, dropped: new Map() });
      const { item } = await warnings.read(SUBJECT, 'warning-0');
      expect(item).toMatchObject({ status: { S: 'claimed' }, bookedOn: { S: DAY } });
      expect(isBooked(item)).toBe(true);
    });

    test('ends a warning for which there is no seat, and counts it by its band', async () => {
      await decide(2);
      await book('warning-0', 1);

      expect(await book('warning-1', 1)).toBe('over-budget');

      expect(await ledger()).toEqual({ booked: 1, dropped: new Map([['from 0.5', 1]]) });
      const { item } = await warnings.read(SUBJECT, 'warning-1');
      expect(item).toMatchObject({ status: { S: 'over-budget' }, reason: { S: 'from 0.5' } });
      expect(isBooked(item)).toBe(false);
      expect(await book('warning-1', 9)).toBe('taken');
      expect(await ledger()).toEqual({ booked: 1, dropped: new Map([['from 0.5', 1]]) });
    });

    test('keeps seats for the more certain: they have more room', async () => {
      await decide(3);
      expect(await book('warning-0', 1)).toBe('claimed');
      expect(await book('warning-1', 1)).toBe('over-budget');
      expect(await book('warning-2', 2)).toBe('claimed');
    });

    test('begins anew each day', async () => {
      await decide(2);
      await book('warning-0', 1);
      expect(await book('warning-1', 1, NOW, '2026-11-25')).toBe('claimed');
      expect((await ledger()).booked).toBe(1);
      expect((await ledger('2026-11-25')).booked).toBe(1);
    });

    test('counts a warning once, however often it is claimed', async () => {
      await decide(1);
      await book('warning-0', 5);

      expect(await book('warning-0', 5)).toBe('taken');
      // As after a crash: the claim ran out, and whoever takes it over sees the seat.
      const { item } = await warnings.read(SUBJECT, 'warning-0');
      expect(isBooked(item)).toBe(true);
      const later = NOW + CLAIM_MS + 1;
      expect(await book('warning-0', 5, later)).toBe('taken');
      expect(await warnings.claim(SUBJECT, 'warning-0', later, later + CLAIM_MS)).toBe('claimed');
      await warnings.settle(SUBJECT, 'warning-0', 'deferred', { at: later });
      expect(await warnings.claim(SUBJECT, 'warning-0', later, later + CLAIM_MS)).toBe('claimed');

      expect(await ledger()).toEqual({ booked: 1, dropped: new Map() });
    });

    test('is never overdrawn nor left short by many at once, each tried twice', async () => {
      await decide(12);

      const claims = await Promise.all([...ids(12), ...ids(12)].map((id) => book(id, 5)));

      const count = (claim: Claim) => claims.filter((one) => one === claim).length;
      expect({ claimed: count('claimed'), over: count('over-budget') }).toEqual({
        claimed: 5,
        over: 7,
      });
      expect(count('taken')).toBe(12);
      expect(await ledger()).toEqual({ booked: 5, dropped: new Map([['from 0.5', 7]]) });
    });

    test('is given up on when it stays busy', async () => {
      const conflict = new TransactionCanceledException({
        $metadata: {},
        message: '',
        CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
      });
      const busy = { send: async () => Promise.reject(conflict) } as unknown as DynamoDBClient;
      let delays = 0;
      const patience = { attempts: 3, random: () => 0, delay: async () => delays++ };
      const store = createWarningsTable(busy, table, patience);
      await expect(store.claim(SUBJECT, 'w', NOW, NOW + 1, seatOf(1))).rejects.toThrow(TableError);
      expect(delays).toBe(3);
    });
  });

  describe('a shadow policy', () => {
    const shadowOnly = decisionOf(3, { warnings: [warningOf()], cases: [caseOf()] });

    test('keeps a state and decisions of its own beside the live ones', async () => {
      await write(undefined, '10', decisionOf(7));
      expect(await subjects.read(SUBJECT, 'shadow')).toBeUndefined();

      expect(await write(undefined, '11', shadowOnly, 'shadow')).toBe(true);
      const risen = decisionOf(4, { raised: [{ caseId: 'case-1', tier: 'high' }] });
      expect(await write('11', '12', risen, 'shadow')).toBe(true);

      expect(await subjects.read(SUBJECT, 'shadow')).toMatchObject({ sequenceNumber: '12' });
      expect(await subjects.read(SUBJECT, 'live')).toMatchObject({ sequenceNumber: '10' });
      const stored = await items();
      expect([...stored.keys()]).toEqual([
        'SHADOW',
        'SHADOWCASE#case-1',
        'SHADOWWARNING#warning-1',
        'STATE',
      ]);
      expect(stored.get('SHADOWCASE#case-1')?.tier).toEqual({ S: 'high' });
    });

    test('makes no work: what it decided is no warning to claim and no case to open', async () => {
      await write(undefined, '11', shadowOnly, 'shadow');

      const stored = await items();
      expect(warningOfItem(stored.get('SHADOWWARNING#warning-1'))).toBeUndefined();
      expect(caseOfItem(stored.get('SHADOWCASE#case-1'))).toBeUndefined();
      expect((await warnings.read(SUBJECT, 'warning-1')).item).toBeUndefined();
      expect(await warnings.claim(SUBJECT, 'warning-1', NOW, NOW + CLAIM_MS)).toBe('taken');
    });
  });

  describe('the index of decisions', () => {
    const list = async (day: string, track: Track) => {
      const found: StoredDecision[] = [];
      for await (const one of listDecisions(client(), table, day, track)) found.push(one);
      return found;
    };
    const midnight = Date.UTC(2026, 10, 24) / 1000;

    test('lists the decisions of a day and track in order of time, and nothing else', async () => {
      const early = warningOf({ id: 'early', decidedAt: midnight });
      const late = warningOf({ id: 'late', decidedAt: midnight + 86_399 });
      const before = warningOf({ id: 'before', decidedAt: midnight - 1 });
      const between = caseOf({ openedAt: midnight + 60 });
      await write(
        undefined,
        '10',
        decisionOf(1, {
          warnings: [late, before, early],
          cases: [between],
          raised: [{ caseId: between.id, tier: 'high' }],
        }),
      );
      const tried = warningOf({ id: 'tried', decidedAt: midnight + 5 });
      await write(undefined, '11', decisionOf(1, { warnings: [tried] }), 'shadow');

      const live = { track: 'live', what: 'warning', status: 'pending' };
      expect(await list('2026-11-24', 'live')).toEqual([
        { ...live, warning: early },
        {
          track: 'live',
          what: 'case',
          status: 'open',
          case: { ...between, tier: 'high' },
          tier: 'high',
        },
        { ...live, warning: late },
      ]);
      expect(await list('2026-11-23', 'live')).toEqual([{ ...live, warning: before }]);
      expect(await list('2026-11-24', 'shadow')).toEqual([
        { ...live, track: 'shadow', warning: tried },
      ]);
      expect(await list('2026-11-25', 'live')).toEqual([]);
    });

    test('lists more than fit a page', async () => {
      const many = Array.from({ length: 40 }, (_, i) =>
        warningOf({
          id: `w${i}`,
          decidedAt: midnight + i,
          // Long ones: a page holds a megabyte.
          reasons: [{ id: 'x'.repeat(40_000), points: 1 }],
        }),
      );
      for (let i = 0; i < many.length; i += 20) {
        const warnings = many.slice(i, i + 20);
        await subjects.write(
          tokenOf(i),
          'live',
          undefined,
          '1',
          decisionOf(1, { warnings }),
          EXPIRES,
        );
      }
      const ids = (await list('2026-11-24', 'live')).map(
        (one) => one.what === 'warning' && one.warning.id,
      );
      expect(ids).toEqual(many.map(({ id }) => id));
    });

    test('follows what becomes of a warning', async () => {
      await write(
        undefined,
        '10',
        decisionOf(1, { warnings: [warningOf({ decidedAt: midnight })] }),
      );
      await warnings.claim(SUBJECT, 'warning-1', NOW, NOW + CLAIM_MS);
      await warnings.settle(SUBJECT, 'warning-1', 'sent', { at: NOW });
      expect(await list('2026-11-24', 'live')).toMatchObject([{ status: 'sent' }]);
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
