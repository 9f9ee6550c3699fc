import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type CaseStore,
  changeCase,
  createCasesTable,
} from '../../../../functions/adapters/cases-table.ts';
import { loadDefaultPolicy } from '../../../../lib/domain/default-policy.ts';
import { type CaseHead, openCase } from '../../../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../../../lib/domain/ladder/case-news.ts';
import type { TimelineEvent } from '../../../../lib/domain/ladder/timeline-event.ts';
import { SUBJECT } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';

const NOW = 1_795_000_000_000;
const { ladder } = loadDefaultPolicy();

function opened(caseId: string, changes: Partial<CaseHead> = {}) {
  const { changed, events } = openCase(
    {
      caseId,
      subject: SUBJECT,
      kind: 'loan',
      tier: 'medium',
      district: '510104',
      openedBy: 'policy',
      policyVersion: 5,
      ladder,
      utcOffsetMinutes: 480,
      reasons: [],
      heard: nothingHeard('medium'),
    },
    changes.openedAt ?? NOW,
  );
  return { head: { ...changed, ...changes }, event: events[0] as TimelineEvent };
}

function note(id: string, at: number): TimelineEvent {
  return { id, at, kind: 'note', by: 'ada', details: { text: id } };
}

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeCasesTable(client: () => DynamoDBClient): void {
  describe('cases', () => {
    let store: CaseStore;

    beforeEach(async () => {
      const table = await createTable(client(), 'cases');
      store = createCasesTable(client(), table, 86_400, () => NOW);
    });

    const create = (caseId: string, changes?: Partial<CaseHead>) => {
      const { event, head } = opened(caseId, changes);
      return store.create(head, event);
    };

    test('a case is created once and read as it was written', async () => {
      expect(await create('a')).toBe(true);
      expect(await create('a', { tier: 'urgent' })).toBe(false);
      expect(await store.read('a')).toEqual(opened('a').head);
      expect(await store.read('b')).toBeUndefined();
      expect((await store.timeline('a')).events).toEqual([opened('a').event]);
    });

    test('of two who change what they read at once, one wins, and the other tries again', async () => {
      await create('a');
      const read = (await store.read('a')) as CaseHead;
      expect(await store.update({ ...read, tier: 'high' }, [note('first', NOW)])).toBe(true);
      expect(await store.update({ ...read, tier: 'urgent' }, [note('lost', NOW)])).toBe(false);
      const { events } = await store.timeline('a');
      expect(events.map(({ id }) => id)).toEqual(['a-opened', 'first']);

      await Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          changeCase(store, 'a', (before) => ({
            changed: { ...before, tasksMade: before.tasksMade + 1 },
            events: [note(`change-${i}`, NOW + 1)],
          })),
        ),
      );
      expect(await store.read('a')).toMatchObject({ tasksMade: 6, version: 7 });
      expect((await store.timeline('a')).events).toHaveLength(8);
    });

    test('a change that is none writes nothing, and a case that is not there stays so', async () => {
      await create('a');
      expect(await changeCase(store, 'a', () => undefined)).toEqual(opened('a').head);
      expect(await changeCase(store, 'b', () => undefined)).toBeUndefined();
      expect((await store.read('a'))?.version).toBe(0);
    });

    test('the timeline is in order of time and of changes, by pages, and nothing stands twice', async () => {
      await create('a');
      await store.append('a', [note('late', NOW + 500), note('late', NOW + 500)]);
      await changeCase(store, 'a', (before) => ({
        changed: before,
        events: [note('one', NOW + 100), note('two', NOW + 100)],
      }));
      await store.append('a', [note('beside', NOW + 100)]);

      const seen: string[] = [];
      let next: string | undefined;
      do {
        const page = await store.timeline('a', { limit: 2, ...(next && { next }) });
        seen.push(...page.events.map(({ id }) => id));
        next = page.next;
      } while (next !== undefined);
      expect(seen).toEqual(['a-opened', 'one', 'two', 'beside', 'late']);
    });

    test('cases are found by state, tier, district, officer and time, the newest first', async () => {
      await create('old', { openedAt: NOW - 1_000, state: 'closed', lastOfficer: 'ada' });
      await create('new', { openedAt: NOW + 1_000, tier: 'urgent' });
      await create('mid', { district: '510107', state: 'watching', lastOfficer: 'ada' });
      await create('nowhere', { district: '', openedAt: NOW - 500 });
      const found = async (wanted: Parameters<CaseStore['search']>[0]) =>
        (await store.search(wanted)).cases.map(({ caseId }) => caseId);

      expect(await found({ state: 'open' })).toEqual(['new', 'nowhere']);
      expect(await found({ state: 'open', tier: 'urgent' })).toEqual(['new']);
      expect(await found({ district: '510104' })).toEqual(['new', 'old']);
      expect(await found({ district: '510104', state: 'closed' })).toEqual(['old']);
      expect(await found({ officer: 'ada' })).toEqual(['mid', 'old']);
      expect(await found({ officer: 'ada', district: '510107' })).toEqual(['mid']);
      expect(await found({ state: 'open', from: NOW })).toEqual(['new']);

      const seen: string[] = [];
      let next: string | undefined;
      do {
        const page = await store.search({ limit: 1, ...(next && { next }) });
        seen.push(...page.cases.map(({ caseId }) => caseId));
        next = page.next;
      } while (next !== undefined);
      expect(seen.toSorted()).toEqual(['mid', 'new', 'nowhere', 'old']);
    });
  });
}
