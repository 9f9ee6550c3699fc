import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  closeTask,
  getTask,
  listOpenTasks,
  type OpenTask,
  putTask,
  type Task,
  type TaskClosing,
} from '../../../../functions/adapters/tasks-table.ts';
import { SUBJECT } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';

const NOW = 1_795_000_000_000;
const EXPIRES = 1_900_000_000;
const MINUTE_MS = 60_000;

function taskOf(changes: Partial<OpenTask> = {}): OpenTask {
  return {
    taskId: 'case-1-1',
    queue: 'call-desk',
    caseId: 'case-1',
    subject: SUBJECT,
    step: 'call',
    tier: 'medium',
    assignedAt: NOW,
    dueAt: NOW + 30 * MINUTE_MS,
    taskToken: 'token-1',
    ...changes,
  };
}

const closing: TaskClosing = {
  outcome: 'dissuaded',
  by: 'officer-7',
  notes: 'will not pay',
  closedAt: NOW + MINUTE_MS,
};

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeTasksTable(client: () => DynamoDBClient): void {
  describe('tasks', () => {
    let table: string;

    beforeEach(async () => {
      table = await createTable(client(), 'tasks');
    });

    const put = (task: OpenTask) => putTask(client(), table, task, EXPIRES);
    const get = (taskId = 'case-1-1') => getTask(client(), table, taskId);
    const close = (changes: Partial<TaskClosing> = {}, taskId = 'case-1-1') =>
      closeTask(client(), table, taskId, { ...closing, ...changes });
    async function list(queue = 'call-desk'): Promise<Task[]> {
      const tasks: Task[] = [];
      for await (const task of listOpenTasks(client(), table, queue)) tasks.push(task);
      return tasks;
    }

    test('a task is read as it was assigned', async () => {
      expect(await put(taskOf())).toBe(true);
      expect(await get()).toEqual({ ...taskOf(), closed: undefined });
    });

    test('a task that was never assigned is not there', async () => {
      expect(await get()).toBeUndefined();
      expect(await list()).toEqual([]);
    });

    test('a queue lists its own open tasks, the first due first', async () => {
      const due = [50, 10, 30, 20, 40];
      for (const minutes of due) {
        await put(taskOf({ taskId: `due-${minutes}`, dueAt: NOW + minutes * MINUTE_MS }));
      }
      await put(taskOf({ taskId: 'elsewhere', queue: 'jinjiang-station' }));
      await close({}, 'due-20');

      expect((await list()).map(({ taskId }) => taskId)).toEqual([
        'due-10',
        'due-30',
        'due-40',
        'due-50',
      ]);
      expect(await list('jinjiang-station')).toEqual([
        { ...taskOf({ taskId: 'elsewhere', queue: 'jinjiang-station' }), closed: undefined },
      ]);
    });

    test('assigned once more, the last token counts', async () => {
      await put(taskOf());
      expect(await put(taskOf({ taskToken: 'token-2' }))).toBe(true);

      expect((await get())?.taskToken).toBe('token-2');
      expect(await list()).toHaveLength(1);
    });

    test('a closed task keeps its queue and what came of it, and loses its token', async () => {
      await put(taskOf());

      expect(await close()).toBe(true);

      expect(await get()).toEqual({ ...taskOf({ taskToken: '' }), closed: closing });
      expect(await list()).toEqual([]);
    });

    test('a task can be closed without notes', async () => {
      await put(taskOf());
      await close({ notes: undefined, outcome: 'overdue', by: 'workflow' });
      expect((await get())?.closed).toMatchObject({ outcome: 'overdue', notes: undefined });
    });

    test('of many closings at once, one counts', async () => {
      await put(taskOf());

      const closed = await Promise.all(
        Array.from({ length: 8 }, (_, i) => close({ by: `officer-${i}` })),
      );

      expect(closed.filter(Boolean)).toHaveLength(1);
      expect((await get())?.closed?.by).toBe(`officer-${closed.indexOf(true)}`);
    });

    test('a late repeat of the assignment does not open a closed task again', async () => {
      await put(taskOf());
      await close();

      expect(await put(taskOf({ taskToken: 'token-2' }))).toBe(false);

      expect((await get())?.closed).toEqual(closing);
      expect(await list()).toEqual([]);
    });

    test('closing a task that was never assigned makes none', async () => {
      expect(await close()).toBe(false);
      expect(await get()).toBeUndefined();
    });
  });
}
