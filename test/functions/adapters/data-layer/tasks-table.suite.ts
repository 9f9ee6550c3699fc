import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createTasksTable,
  type Task,
  type TaskClosing,
  type TaskStore,
} from '../../../../functions/adapters/tasks-table.ts';
import { CALLER, SUBJECT } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';

const NOW = 1_795_000_000_000;
const EXPIRES = 1_900_000_000;
const MINUTE_MS = 60_000;
const LEASE = 15 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;

function taskOf(changes: Partial<Task> = {}): Task {
  return {
    taskId: 'case-1-1',
    queue: 'call-desk',
    caseId: 'case-1',
    subject: SUBJECT,
    step: 'call',
    attempt: 1,
    tier: 'medium',
    kind: 'loan',
    district: '510104',
    assignedAt: NOW,
    dueAt: NOW + 30 * MINUTE_MS,
    taskToken: 'token-1',
    ...changes,
  };
}

const visit = taskOf({
  taskId: 'visit',
  step: 'visit',
  queue: 'station-jinjiang',
  backupQueue: 'station-wuhou',
  backupFrom: NOW + 15 * MINUTE_MS,
  contacts: [CALLER],
});

const closing: TaskClosing = {
  outcome: 'dissuaded',
  by: 'officer-7',
  notes: 'will not pay',
  at: NOW + MINUTE_MS,
  idempotencyKey: 'report-1',
};

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeTasksTable(client: () => DynamoDBClient): void {
  describe('tasks', () => {
    let store: TaskStore;

    beforeEach(async () => {
      store = createTasksTable(client(), await createTable(client(), 'tasks'));
    });

    const offer = (task = taskOf()) => store.offer(task, EXPIRES);
    const close = (changes: Partial<TaskClosing> = {}, taskId = 'case-1-1') =>
      store.close(taskId, { ...closing, ...changes });
    const claim = (by: string, at = NOW, taskId = 'case-1-1') =>
      store.claim(taskId, by, at, at + LEASE);
    const named = async (queue: string, now = NOW) =>
      (await store.openIn(queue, now)).tasks.map(({ taskId }) => taskId);

    test('a task is read as it was offered', async () => {
      expect(await offer()).toBe(true);
      await offer(visit);
      expect(await store.read('case-1-1')).toEqual(taskOf());
      expect(await store.read('visit')).toEqual(visit);
    });

    test('a task that was never offered is not there', async () => {
      expect(await store.read('case-1-1')).toBeUndefined();
      expect(await named('call-desk')).toEqual([]);
    });

    test('a queue lists its own open tasks, the first due first, page by page', async () => {
      for (const minutes of [50, 10, 30, 20, 40]) {
        await offer(taskOf({ taskId: `due-${minutes}`, dueAt: NOW + minutes * MINUTE_MS }));
      }
      await offer(taskOf({ taskId: 'elsewhere', queue: 'station-jinjiang' }));
      await close({}, 'due-20');

      const seen: string[] = [];
      let next: string | undefined;
      do {
        const page = await store.openIn('call-desk', NOW, { limit: 2, ...(next && { next }) });
        expect(page.tasks.length).toBeLessThanOrEqual(2);
        seen.push(...page.tasks.map(({ taskId }) => taskId));
        next = page.next;
      } while (next !== undefined);
      expect(seen).toEqual(['due-10', 'due-30', 'due-40', 'due-50']);
      expect(await named('station-jinjiang')).toEqual(['elsewhere']);
    });

    test('a cursor that is none is refused', async () => {
      await expect(store.openIn('call-desk', NOW, { next: '%%' })).rejects.toMatchObject({
        code: 'BAD_CURSOR',
      });
    });

    test('a neighbour sees a visit that nobody claimed in time, and pages through both', async () => {
      await offer(visit);
      await offer(taskOf({ taskId: 'own', queue: 'station-wuhou', dueAt: NOW + 5 * MINUTE_MS }));
      const later = NOW + 15 * MINUTE_MS;

      expect(await named('station-wuhou')).toEqual(['own']);
      expect(await named('station-wuhou', later)).toEqual(['own', 'visit']);
      const first = await store.openIn('station-wuhou', later, { limit: 1 });
      const second = await store.openIn('station-wuhou', later, {
        limit: 1,
        next: first.next ?? '',
      });
      expect([...first.tasks, ...second.tasks].map(({ taskId }) => taskId)).toEqual([
        'own',
        'visit',
      ]);

      await claim('jin', NOW + MINUTE_MS, 'visit');
      expect(await named('station-wuhou', later)).toEqual(['own']);
      // The claim ran out: the task is on both queues again.
      expect(await named('station-wuhou', NOW + MINUTE_MS + LEASE)).toEqual(['own', 'visit']);
    });

    test('all tasks of a case are found by it', async () => {
      await offer();
      await offer(taskOf({ taskId: 'case-1-2', assignedAt: NOW + 1 }));
      await offer(taskOf({ taskId: 'other', caseId: 'case-2' }));
      await close();
      const found = await store.ofCase('case-1');
      expect(found.map(({ taskId }) => taskId)).toEqual(['case-1-1', 'case-1-2']);
    });

    test('offered once more, the last token counts, and a claim stays', async () => {
      await offer();
      await claim('ada');
      expect(await offer(taskOf({ taskToken: 'token-2' }))).toBe(true);

      const task = await store.read('case-1-1');
      expect(task).toMatchObject({ taskToken: 'token-2', claim: { by: 'ada' } });
      expect(await named('call-desk')).toEqual(['case-1-1']);
    });

    test('one that was over before it was offered is on no queue, and stays over', async () => {
      const closed: TaskClosing = { outcome: 'cancelled', by: 'workflow', at: NOW };

      expect(await store.keepClosed({ ...taskOf(), closed }, EXPIRES)).toBe(true);
      expect(await store.offer(taskOf(), EXPIRES)).toBe(false);

      expect(await store.read('case-1-1')).toEqual({ ...taskOf(), closed });
      expect((await store.openIn('call-desk', NOW)).tasks).toEqual([]);
      expect((await store.ofCase('case-1')).map(({ taskId }) => taskId)).toEqual(['case-1-1']);
    });

    test('one that was offered is not written over by its end before that', async () => {
      await store.offer(taskOf(), EXPIRES);

      const closed: TaskClosing = { outcome: 'cancelled', by: 'workflow', at: NOW };
      expect(await store.keepClosed({ ...taskOf(), closed }, EXPIRES)).toBe(false);

      expect((await store.read('case-1-1'))?.closed).toBeUndefined();
    });

    test('of two who claim at once, one wins and keeps it', async () => {
      await offer();
      const results = await Promise.all(['ada', 'bo', 'cy', 'di'].map((by) => claim(by)));
      expect(results.filter((result) => result === 'claimed')).toHaveLength(1);
      expect(results.filter((result) => result === 'taken')).toHaveLength(3);
      const winner = ['ada', 'bo', 'cy', 'di'][results.indexOf('claimed')] ?? '';
      expect(await claim(winner, NOW + 1)).toBe('claimed');
    });

    test('a claim without a heartbeat ends, and anybody may claim', async () => {
      await offer();
      await claim('ada');
      expect(await claim('bo', NOW + LEASE - 1)).toBe('taken');
      expect(await store.heartbeat('case-1-1', 'ada', NOW + 1, NOW + 2 * LEASE)).toBe(true);
      expect(await claim('bo', NOW + LEASE)).toBe('taken');
      expect(await claim('bo', NOW + 2 * LEASE)).toBe('claimed');
      expect(await store.heartbeat('case-1-1', 'ada', NOW, NOW + LEASE)).toBe(false);
    });

    test('only whoever has a task releases it or hands it over', async () => {
      await offer(visit);
      await claim('ada', NOW, 'visit');
      expect(await store.release('visit', 'bo')).toBe(false);
      expect(await store.handOver('visit', 'bo', 'call-desk')).toBe(false);
      expect(await store.release('visit', 'ada')).toBe(true);
      expect((await store.read('visit'))?.claim).toBeUndefined();

      await claim('ada', NOW, 'visit');
      expect(await store.handOver('visit', 'ada', 'call-desk')).toBe(true);
      expect(await named('call-desk')).toEqual(['visit']);
      expect(await named('station-wuhou', NOW + HOUR_MS)).toEqual([]);
    });

    test('a closed task keeps its queue and what came of it, and is on no queue', async () => {
      await offer();
      expect(await close()).toBe(true);

      expect(await store.read('case-1-1')).toEqual({ ...taskOf(), closed: closing });
      expect(await named('call-desk')).toEqual([]);
      expect(await claim('ada')).toBe('closed');
      expect(await claim('ada', NOW, 'nowhere')).toBe('missing');
    });

    test('of many closings at once, one counts', async () => {
      await offer();

      const closed = await Promise.all(
        Array.from({ length: 8 }, (_, i) => close({ by: `officer-${i}` })),
      );

      expect(closed.filter(Boolean)).toHaveLength(1);
      expect((await store.read('case-1-1'))?.closed?.by).toBe(`officer-${closed.indexOf(true)}`);
    });

    test('a late repeat of the offer does not open a closed task again', async () => {
      await offer();
      await close();

      expect(await offer(taskOf({ taskToken: 'token-2' }))).toBe(false);

      expect((await store.read('case-1-1'))?.closed).toEqual(closing);
      expect(await named('call-desk')).toEqual([]);
    });

    test('closing a task that was never offered makes none', async () => {
      expect(await close()).toBe(false);
      expect(await store.read('case-1-1')).toBeUndefined();
    });
  });
}
