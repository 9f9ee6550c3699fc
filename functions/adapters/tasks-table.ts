import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { AttemptOutcome } from '../../lib/domain/ladder/dissuasion-case.ts';
import type { Step } from '../../lib/domain/ladder/ladder-policy.ts';

/** A job for a person. Names nobody: the subject is a number token. */
export interface OpenTask {
  readonly taskId: string;
  /** `call-desk`, or a police station's. */
  readonly queue: string;
  readonly caseId: string;
  readonly subject: string;
  readonly step: Step;
  readonly tier: string;
  /** Epoch milliseconds. */
  readonly assignedAt: number;
  /** Epoch milliseconds; then the workflow goes on by itself. */
  readonly dueAt: number;
  /** Step Functions' token, which the outcome is sent with. */
  readonly taskToken: string;
}

export interface Task extends OpenTask {
  /** Undefined while the task is open. */
  readonly closed: TaskClosing | undefined;
}

export interface TaskClosing {
  readonly outcome: AttemptOutcome;
  /** Who closed it; the workflow itself where no person did. */
  readonly by: string;
  readonly notes: string | undefined;
  /** Epoch milliseconds. */
  readonly closedAt: number;
}

const BY_QUEUE = 'by-queue';

/**
 * Writes a new task. The same task may be assigned again (a retried invocation): the last token counts,
 * because it is the one that the workflow waits for.
 *
 * @param expiresAt epoch seconds, for the table's time to live
 * @returns false when the task has been closed already, and nothing was written
 */
export async function putTask(
  client: DynamoDBClient,
  table: string,
  task: OpenTask,
  expiresAt: number,
): Promise<boolean> {
  return await unlessClosed(
    client.send(
      new PutItemCommand({
        TableName: table,
        ConditionExpression: 'attribute_not_exists(closedAt)',
        Item: {
          taskId: { S: task.taskId },
          queue: { S: task.queue },
          caseId: { S: task.caseId },
          subject: { S: task.subject },
          step: { S: task.step },
          tier: { S: task.tier },
          assignedAt: { N: String(task.assignedAt) },
          dueAt: { N: String(task.dueAt) },
          taskToken: { S: task.taskToken },
          expiresAt: { N: String(expiresAt) },
        },
      }),
    ),
  );
}

/**
 * Closes a task. Removing `queue` takes it off the by-queue index, which so holds open tasks only;
 * `closedQueue` keeps where it was.
 *
 * @returns false when it was closed before (or never assigned), and nothing was written
 */
export async function closeTask(
  client: DynamoDBClient,
  table: string,
  taskId: string,
  closing: TaskClosing,
): Promise<boolean> {
  return await unlessClosed(
    client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { taskId: { S: taskId } },
        ConditionExpression: 'attribute_exists(queue)',
        UpdateExpression:
          'SET closedQueue = queue, outcome = :outcome, closedBy = :by, closedAt = :at, notes = :notes REMOVE queue, taskToken',
        ExpressionAttributeValues: {
          ':outcome': { S: closing.outcome },
          ':by': { S: closing.by },
          ':at': { N: String(closing.closedAt) },
          ':notes': closing.notes === undefined ? { NULL: true } : { S: closing.notes },
        },
      }),
    ),
  );
}

/** Reads one task, open or closed. */
export async function getTask(
  client: DynamoDBClient,
  table: string,
  taskId: string,
): Promise<Task | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table, Key: { taskId: { S: taskId } }, ConsistentRead: true }),
  );
  return Item === undefined ? undefined : taskOf(Item);
}

/** The open tasks of a queue, the first due first. The index lags behind the table by moments. */
export async function* listOpenTasks(
  client: DynamoDBClient,
  table: string,
  queue: string,
): AsyncGenerator<Task> {
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      IndexName: BY_QUEUE,
      KeyConditionExpression: 'queue = :queue',
      ExpressionAttributeValues: { ':queue': { S: queue } },
    },
  );
  for await (const page of pages) for (const item of page.Items ?? []) yield taskOf(item);
}

type Item = Record<string, AttributeValue>;

function taskOf(item: Item): Task {
  return {
    taskId: text(item, 'taskId'),
    queue: text(item, 'queue') || text(item, 'closedQueue'),
    caseId: text(item, 'caseId'),
    subject: text(item, 'subject'),
    step: text(item, 'step') as Step,
    tier: text(item, 'tier'),
    assignedAt: Number(item.assignedAt?.N ?? 0),
    dueAt: Number(item.dueAt?.N ?? 0),
    taskToken: text(item, 'taskToken'),
    closed: closingOf(item),
  };
}

function closingOf(item: Item): TaskClosing | undefined {
  if (item.closedAt?.N === undefined) return undefined;
  return {
    outcome: text(item, 'outcome') as TaskClosing['outcome'],
    by: text(item, 'closedBy'),
    notes: item.notes?.S,
    closedAt: Number(item.closedAt.N),
  };
}

function text(item: Item, name: string): string {
  return item[name]?.S ?? '';
}

async function unlessClosed(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
