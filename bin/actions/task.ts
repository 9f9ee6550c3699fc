import { userInfo } from 'node:os';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import Table from 'cli-table3';
import { CASE_KEPT_SECONDS, createCasesTable } from '../../functions/adapters/cases-table.ts';
import { reportOutcome } from '../../functions/adapters/report-outcome.ts';
import { createTasksTable, type Task } from '../../functions/adapters/tasks-table.ts';
import { clientConfig, stackOutputs } from '../aws-connection.ts';
import type { CompleteOptions, TaskListOptions } from '../commands/task.ts';
import { EXIT, UsageError } from '../exit-codes.ts';

/** Lists the open tasks of a queue. Returns the exit code. */
export async function listTasks(options: TaskListOptions): Promise<number> {
  const [table] = await stackOutputs(options, 'TasksTableName');
  const client = new DynamoDBClient(clientConfig(options));
  const now = Date.now();
  const store = createTasksTable(client, table);
  const tasks: Task[] = [];
  let next: string | undefined;
  do {
    const page = await store.openIn(options.queue, now, next === undefined ? {} : { next });
    tasks.push(...page.tasks);
    next = page.next;
  } while (next !== undefined);
  if (options.json) {
    const listed = tasks.map(({ taskToken: _token, ...task }) => task);
    print(JSON.stringify(listed, undefined, 2));
    return EXIT.ok;
  }
  if (tasks.length === 0) {
    print(`No open tasks in the queue ${options.queue}.`);
    return EXIT.ok;
  }
  const rows = new Table({
    head: ['due', 'tier', 'step', 'task', 'case'],
    style: { head: [], border: [] },
  });
  for (const { caseId, dueAt, step, taskId, tier } of tasks) {
    rows.push([timeLeft(dueAt - now), tier, step, taskId, caseId]);
  }
  print(rows.toString());
  return EXIT.ok;
}

/** Hands the outcome of a task to its workflow. Returns the exit code. */
export async function completeTask(taskId: string, options: CompleteOptions): Promise<number> {
  const [tasksTable, casesTable] = await stackOutputs(options, 'TasksTableName', 'CasesTableName');
  const client = new DynamoDBClient(clientConfig(options));
  const tasks = createTasksTable(client, tasksTable);
  const cases = createCasesTable(client, casesTable, CASE_KEPT_SECONDS);
  const by = options.by ?? userInfo().username;
  const result = await reportOutcome(
    { cases, tasks },
    new SFNClient(clientConfig(options)),
    taskId,
    {
      outcome: options.outcome,
      by,
      idempotencyKey: `${by}-${options.outcome}`,
      now: Date.now(),
      ...(options.notes !== undefined && { notes: options.notes }),
    },
  );
  if (result === 'missing') {
    throw new UsageError(
      `There is no task ${taskId}; forewarn task list shows those that are open.`,
    );
  }
  if (result === 'accepted') {
    print(`Task ${taskId} is completed: ${options.outcome}.`);
    return EXIT.ok;
  }
  const closed = (await tasks.read(taskId))?.closed;
  const at = new Date(closed?.at ?? 0).toISOString();
  print(
    result === 'late'
      ? `Task ${taskId} became ${closed?.outcome} at ${at}; your word is kept, and its case has gone on without it.`
      : `Task ${taskId} was completed before, at ${at} by ${closed?.by}: ${closed?.outcome}.`,
  );
  return EXIT.rejected;
}

/** `in 9 min`, `3 min ago`, in the unit that fits. */
function timeLeft(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  const hours = Math.floor(minutes / 60);
  const span =
    hours >= 48 ? `${Math.floor(hours / 24)} d` : hours >= 2 ? `${hours} h` : `${minutes} min`;
  return ms >= 0 ? `in ${span}` : `${span} ago`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
