import { userInfo } from 'node:os';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import Table from 'cli-table3';
import { sendTaskOutcome } from '../../functions/adapters/task-outcome.ts';
import { getTask, listOpenTasks, type Task } from '../../functions/adapters/tasks-table.ts';
import { clientConfig, stackOutputs } from '../aws-connection.ts';
import type { CompleteOptions, TaskListOptions } from '../commands/task.ts';
import { EXIT, UsageError } from '../exit-codes.ts';

/** Lists the open tasks of a queue. Returns the exit code. */
export async function listTasks(options: TaskListOptions): Promise<number> {
  const [table] = await stackOutputs(options, 'TasksTableName');
  const client = new DynamoDBClient(clientConfig(options));
  const now = Date.now();
  const tasks: Task[] = [];
  for await (const task of listOpenTasks(client, table, options.queue)) tasks.push(task);
  if (options.json) {
    const listed = tasks.map(({ taskToken: _token, closed: _closed, ...task }) => task);
    print(JSON.stringify(listed, undefined, 2));
    return EXIT.ok;
  }
  if (tasks.length === 0) {
    print(`No open tasks in the queue ${options.queue}.`);
    return EXIT.ok;
  }
  const rows = new Table({
    head: ['due', 'tier', 'task', 'case'],
    style: { head: [], border: [] },
  });
  for (const { dueAt, tier, taskId, caseId } of tasks) {
    rows.push([timeLeft(dueAt - now), tier, taskId, caseId]);
  }
  print(rows.toString());
  return EXIT.ok;
}

/** Hands the outcome of a task to its workflow. Returns the exit code. */
export async function completeTask(taskId: string, options: CompleteOptions): Promise<number> {
  const [table] = await stackOutputs(options, 'TasksTableName');
  const client = new DynamoDBClient(clientConfig(options));
  const task = await getTask(client, table, taskId);
  if (task === undefined) {
    throw new UsageError(
      `There is no task ${taskId}; forewarn task list shows those that are open.`,
    );
  }
  if (task.closed !== undefined) return sayClosed(task);
  const taken = await sendTaskOutcome(new SFNClient(clientConfig(options)), task.taskToken, {
    outcome: options.outcome,
    by: options.by ?? userInfo().username,
    ...(options.notes === undefined ? {} : { notes: options.notes }),
  });
  if (taken) {
    print(`Task ${taskId} is completed: ${options.outcome}.`);
    return EXIT.ok;
  }
  // Its item may be a moment behind the workflow.
  const later = await getTask(client, table, taskId);
  if (later?.closed !== undefined) return sayClosed(later);
  const overdue = Date.now() > task.dueAt;
  print(
    overdue
      ? `Task ${taskId} was due ${timeLeft(task.dueAt - Date.now())}; its case has gone on without it.`
      : `Nobody waits for task ${taskId} any more: it has just been completed, or its case was stopped.`,
  );
  return EXIT.rejected;
}

function sayClosed({ taskId, closed }: Task): number {
  const at = new Date(closed?.closedAt ?? 0).toISOString();
  print(
    closed?.outcome === 'overdue'
      ? `Task ${taskId} became overdue at ${at}; its case has gone on without it.`
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
