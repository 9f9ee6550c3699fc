import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createRequestLedger,
  type RequestLedger,
} from '../../../../functions/adapters/http-api/request-ledger.ts';
import { createTable } from './create-tables.ts';

const NOW = 1_795_000_000_000;
const ANSWER = { status: 200, body: '{"done":true}' };

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeRequestLedger(client: () => DynamoDBClient): void {
  describe('the ledger of requests', () => {
    let ledger: RequestLedger;

    beforeEach(async () => {
      ledger = createRequestLedger(client(), await createTable(client(), 'requests'));
    });

    test('gives a write to one of those who begin it at once', async () => {
      const begun = await Promise.all(
        Array.from({ length: 5 }, () => ledger.begin('id', 'print', NOW)),
      );

      expect(begun.filter(({ kind }) => kind === 'new')).toHaveLength(1);
      expect(begun.filter(({ kind }) => kind === 'in-progress')).toHaveLength(4);
    });

    test('answers a repeat as the first was answered', async () => {
      await ledger.begin('id', 'print', NOW);
      await ledger.finish('id', ANSWER);

      expect(await ledger.begin('id', 'print', NOW)).toEqual({ kind: 'done', answer: ANSWER });
      expect(await ledger.begin('id', 'print', NOW + 3_600_000)).toMatchObject({ kind: 'done' });
    });

    test('tells another request with the same name apart', async () => {
      await ledger.begin('id', 'print', NOW);

      expect(await ledger.begin('id', 'another', NOW)).toEqual({ kind: 'another' });
      expect(await ledger.begin('id', 'another', NOW + 3_600_000)).toEqual({ kind: 'another' });
    });

    test('gives a write again that was never finished, once its time has passed', async () => {
      await ledger.begin('id', 'print', NOW);

      expect(await ledger.begin('id', 'print', NOW + 60_000)).toEqual({ kind: 'new' });
      expect(await ledger.begin('id', 'print', NOW + 60_001)).toEqual({ kind: 'in-progress' });
    });

    test('forgets what failed', async () => {
      await ledger.begin('id', 'print', NOW);
      await ledger.forget('id');

      expect(await ledger.begin('id', 'print', NOW)).toEqual({ kind: 'new' });
    });
  });
}
