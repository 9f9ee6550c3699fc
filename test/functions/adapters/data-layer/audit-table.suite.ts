import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type AuditAct,
  type AuditTrail,
  createAuditTable,
} from '../../../../functions/adapters/audit-table.ts';
import { type AuditEntry, checkChain } from '../../../../lib/domain/audit/audit-chain.ts';
import { createTable } from './create-tables.ts';

const NOW = 1_795_000_000_000;
const act = (taskId: string): AuditAct => ({
  at: NOW,
  by: 'ada',
  act: 'reveal',
  caseId: 'case-1',
  taskId,
  whose: 'subject',
  purpose: 'calling the person',
});

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeAuditTable(client: () => DynamoDBClient): void {
  describe('the audit', () => {
    let audit: AuditTrail;
    let noted: AuditEntry[];

    beforeEach(async () => {
      noted = [];
      audit = createAuditTable(client(), await createTable(client(), 'audit'), {
        keptSeconds: 86_400,
        noted: (entry) => noted.push(entry),
      });
    });

    test('is one chain, whoever adds to it at once', async () => {
      const places = await Promise.all(
        Array.from({ length: 8 }, (_, i) => audit.append(act(`task-${i}`), `key-${i}`)),
      );

      const { entries } = await audit.list({});
      expect(places.map(({ sequence }) => sequence).toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(checkChain(entries)).toMatchObject({ ok: true, entries: 8, from: 1, to: 8 });
      expect(noted.map(({ hash }) => hash).toSorted()).toEqual(
        entries.map(({ hash }) => hash).toSorted(),
      );
    });

    test('holds an act once, however often and whenever it is added', async () => {
      const places = await Promise.all([
        audit.append(act('task-1'), 'key-1'),
        audit.append(act('task-1'), 'key-1'),
        audit.append(act('task-2'), 'key-2'),
      ]);
      const first = act('task-1');
      const later = await audit.append({ ...first, at: first.at + 1_000 }, 'key-1');

      expect(places[0]).toEqual(places[1]);
      expect(later).toEqual({ sequence: places[0]?.sequence, at: first.at });
      expect((await audit.list({})).entries).toHaveLength(2);
    });

    test('is listed page by page, the oldest first', async () => {
      for (let i = 0; i < 5; i++) await audit.append(act(`task-${i}`), `key-${i}`);

      const seen: number[] = [];
      let next: string | undefined;
      do {
        const page = await audit.list({ limit: 2, ...(next !== undefined && { next }) });
        seen.push(...page.entries.map(({ sequence }) => sequence));
        next = page.next;
      } while (next !== undefined);

      expect(seen).toEqual([1, 2, 3, 4, 5]);
    });
  });
}
