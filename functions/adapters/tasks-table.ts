import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { FraudKind } from '../../lib/domain/fraud-kind.ts';
import type { AttemptOutcome } from '../../lib/domain/ladder/case-head.ts';
import type { CaseTier, Step } from '../../lib/domain/ladder/ladder-policy.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { isStationQueue } from '../../lib/domain/registers/station-hours.ts';
import { held } from './conditional-write.ts';
import { decodeCursor, encodeCursor, hasForm, isText } from './page-cursor.ts';

/** Who works on a task, and until when that holds without a heartbeat. Times are epoch ms. */
export interface TaskClaim {
  readonly by: string;
  readonly at: number;
  readonly until: number;
}

/** What came of a task. */
export interface TaskClosing {
  readonly outcome: AttemptOutcome;
  /** Who closed it; the workflow itself where no person did. */
  readonly by: string;
  readonly notes?: string;
  /** Epoch ms. */
  readonly at: number;
  /** Of the report, so that its repeat is known for one. */
  readonly idempotencyKey?: string;
}

/** A job for a person. Names nobody: the subject and the relative are number tokens. Times are epoch ms. */
export interface Task {
  readonly taskId: string;
  readonly caseId: string;
  readonly subject: NumberToken;
  readonly step: Step;
  /** 1 for the first of its step in this round of the case. */
  readonly attempt: number;
  readonly tier: CaseTier;
  readonly kind: FraudKind;
  /** The centre's own, or a police station's: `station-<id>`. */
  readonly queue: string;
  /** Six-digit division code; empty when unknown. */
  readonly district: string;
  /** From when it is to be done: a call may have to be dialled later. */
  readonly assignedAt: number;
  /** Then the workflow goes on by itself. */
  readonly dueAt: number;
  /** Step Functions' token, which the outcome is sent with. Never shown to anybody. */
  readonly taskToken: string;
  /** The neighbouring station's queue, which lists the task too while nobody has claimed it … */
  readonly backupQueue?: string;
  /** … from then on. */
  readonly backupFrom?: number;
  readonly claim?: TaskClaim;
  /** The relatives, by the register, whom to ask first first. */
  readonly contacts?: readonly NumberToken[];
  /** Unset while the task is open. */
  readonly closed?: TaskClosing;
}

/** A task that is over. */
export type ClosedTask = Task & Required<Pick<Task, 'closed'>>;

export type ClaimResult = 'claimed' | 'taken' | 'closed' | 'missing';

export interface TaskPage {
  readonly tasks: Task[];
  readonly next?: string;
}

export interface TaskStore {
  /**
   * Writes a new task. The same task may be offered again (a retried invocation): the last token counts, because it
   * is the one that the workflow waits for, and a claim on it stays.
   *
   * @param expiresAt epoch seconds, for the table's time to live
   * @returns false when the task has been closed already, and nothing was written
   */
  offer(task: Task, expiresAt: number): Promise<boolean>;
  /**
   * Writes the record of a task that was over before it stood on a queue.
   *
   * @param expiresAt epoch seconds, for the table's time to live
   * @returns false when it has a record, and nothing was written
   */
  keepClosed(task: ClosedTask, expiresAt: number): Promise<boolean>;
  read(taskId: string): Promise<Task | undefined>;
  /** All tasks of a case, open and closed, oldest first. The index lags behind the table by moments. */
  ofCase(caseId: string): Promise<Task[]>;
  /**
   * The open tasks of a queue, the first due first, with those of neighbours that nobody has claimed in time. The
   * indexes lag behind the table by moments.
   */
  openIn(
    queue: string,
    now: number,
    page?: { readonly limit?: number; readonly next?: string },
  ): Promise<TaskPage>;
  /** Takes a task that is free, one's own, or whose claim ran out. */
  claim(taskId: string, by: string, now: number, until: number): Promise<ClaimResult>;
  /** Keeps a claim. @returns false when it is not (or no longer) one's own */
  heartbeat(taskId: string, by: string, now: number, until: number): Promise<boolean>;
  /** Puts one's own task back on its queue. */
  release(taskId: string, by: string): Promise<boolean>;
  /** Puts one's own task on another queue. */
  handOver(taskId: string, by: string, toQueue: string): Promise<boolean>;
  /**
   * Closes a task: of all who try, the officer, the due time and whoever calls it off, one wins.
   *
   * @returns false when it was closed before (or never offered), and nothing was written
   */
  close(taskId: string, closing: TaskClosing): Promise<boolean>;
}

const BY_QUEUE = { name: 'by-queue', attribute: 'queue' } as const;
const BY_BACKUP = { name: 'by-backup', attribute: 'backupQueue' } as const;
const BY_CASE = 'by-case';
const DEFAULT_PAGE = 50;

type Item = Record<string, AttributeValue>;
type QueueIndex = typeof BY_QUEUE | typeof BY_BACKUP;

/** After which task a queue's listing goes on, in each of its two indexes. */
interface QueueCursor {
  readonly own?: TaskPlace;
  readonly backup?: TaskPlace;
}
interface TaskPlace {
  readonly taskId: string;
  readonly dueAt: number;
}

const isTaskPlace = (value: unknown) =>
  value === undefined || hasForm(value, { taskId: isText, dueAt: Number.isSafeInteger });
const isQueueCursor = (value: unknown) => hasForm(value, { own: isTaskPlace, backup: isTaskPlace });

const keyOf = (taskId: string): Item => ({ taskId: { S: taskId } });
const numberOf = (value: number): AttributeValue => ({ N: String(value) });

/** What indexes and conditions look at stands beside the document; a closed task has no queue, and so no place in one. */
function itemOf(task: Task, expiresAt: number): Item {
  const { backupFrom, backupQueue, caseId, closed: _closed, claim, ...rest } = task;
  const { assignedAt, contacts, dueAt, queue, taskId, taskToken, ...document } = rest;
  return {
    ...keyOf(taskId),
    task: { S: JSON.stringify(document) },
    caseId: { S: caseId },
    queue: { S: queue },
    assignedAt: numberOf(assignedAt),
    dueAt: numberOf(dueAt),
    taskToken: { S: taskToken },
    ...(backupQueue !== undefined && { backupQueue: { S: backupQueue } }),
    ...(backupFrom !== undefined && { backupFrom: numberOf(backupFrom) }),
    ...(contacts !== undefined && { contacts: { L: contacts.map((token) => ({ S: token })) } }),
    ...(claim !== undefined && {
      claimBy: { S: claim.by },
      claimAt: numberOf(claim.at),
      claimUntil: numberOf(claim.until),
    }),
    expiresAt: numberOf(expiresAt),
  };
}

type TaskDocument = Pick<Task, 'subject' | 'step' | 'attempt' | 'tier' | 'kind' | 'district'>;

/** A task, by its item or by an image of it on the table's stream. */
export function taskOf(item: Item): Task {
  const document = JSON.parse(item.task?.S ?? '{}') as TaskDocument;
  const backupQueue = item.backupQueue?.S;
  const backupFrom = item.backupFrom?.N;
  const contacts = item.contacts?.L;
  return {
    ...document,
    taskId: item.taskId?.S ?? '',
    caseId: item.caseId?.S ?? '',
    queue: item.queue?.S ?? item.closedQueue?.S ?? '',
    assignedAt: Number(item.assignedAt?.N ?? 0),
    dueAt: Number(item.dueAt?.N ?? 0),
    taskToken: item.taskToken?.S ?? '',
    ...(backupQueue !== undefined && { backupQueue }),
    ...(backupFrom !== undefined && { backupFrom: Number(backupFrom) }),
    ...(contacts !== undefined && { contacts: contacts.map(({ S = '' }) => S) }),
    ...claimOf(item),
    ...closingOf(item),
  };
}

function claimOf({ claimAt, claimBy, claimUntil }: Item): Pick<Task, 'claim'> {
  if (claimBy?.S === undefined) return {};
  return { claim: { by: claimBy.S, at: Number(claimAt?.N), until: Number(claimUntil?.N) } };
}

function closingOf(item: Item): Pick<Task, 'closed'> {
  if (item.closing?.S === undefined) return {};
  return { closed: JSON.parse(item.closing.S) as TaskClosing };
}

const IS_OPEN = 'attribute_exists(queue)';
/** Free when its own station had had its time, or claimed since: then the listing says by whom. */
const NOT_CLAIMED_IN_TIME =
  'backupFrom <= :now AND (attribute_not_exists(claimBy) OR claimUntil <= :now OR claimAt >= backupFrom)';

export function createTasksTable(client: DynamoDBClient, table: string): TaskStore {
  async function read(taskId: string): Promise<Task | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(taskId), ConsistentRead: true }),
    );
    return Item === undefined ? undefined : taskOf(Item);
  }

  const putNew = (Item: Item) =>
    held(
      client.send(
        new PutItemCommand({
          TableName: table,
          ConditionExpression: 'attribute_not_exists(taskId)',
          Item,
        }),
      ),
    );

  const update = (taskId: string, condition: string, change: string, values: Item) =>
    held(
      client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(taskId),
          ConditionExpression: condition,
          UpdateExpression: change,
          ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
        }),
      ),
    );

  /** One page of an index, as it stands: the first due first. */
  async function page(
    index: QueueIndex,
    queue: string,
    now: number,
    limit: number,
    after: TaskPlace | undefined,
  ) {
    const isBackup = index === BY_BACKUP;
    const { Items, LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        IndexName: index.name,
        Limit: limit,
        KeyConditionExpression: '#queue = :queue',
        ExpressionAttributeNames: { '#queue': index.attribute },
        ExpressionAttributeValues: {
          ':queue': { S: queue },
          ...(isBackup && { ':now': numberOf(now) }),
        },
        ...(isBackup && { FilterExpression: NOT_CLAIMED_IN_TIME }),
        ...(after !== undefined && {
          ExclusiveStartKey: {
            ...keyOf(after.taskId),
            [index.attribute]: { S: queue },
            dueAt: numberOf(after.dueAt),
          },
        }),
      }),
    );
    return { tasks: (Items ?? []).map(taskOf), more: LastEvaluatedKey };
  }

  /** Tasks of an index until there are `limit` of them: a filter may leave pages short. */
  async function listed(
    index: QueueIndex,
    queue: string,
    now: number,
    limit: number,
    from: TaskPlace | undefined,
  ): Promise<Task[]> {
    const tasks: Task[] = [];
    let after = from;
    while (tasks.length < limit) {
      const found = await page(index, queue, now, limit, after);
      tasks.push(...found.tasks);
      if (found.more === undefined) break;
      after = { taskId: found.more.taskId?.S ?? '', dueAt: Number(found.more.dueAt?.N ?? 0) };
    }
    return tasks;
  }

  return {
    read,
    async offer(task, expiresAt) {
      return (
        (await putNew(itemOf(task, expiresAt))) ||
        (await update(task.taskId, IS_OPEN, 'SET taskToken = :token', {
          ':token': { S: task.taskToken },
        }))
      );
    },
    keepClosed({ closed, ...task }, expiresAt) {
      const { queue: _queue, ...item } = itemOf(task, expiresAt);
      const closing = { S: JSON.stringify(closed) };
      return putNew({ ...item, closing, closedQueue: { S: task.queue } });
    },
    async ofCase(caseId) {
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          IndexName: BY_CASE,
          KeyConditionExpression: 'caseId = :case',
          ExpressionAttributeValues: { ':case': { S: caseId } },
        },
      );
      const tasks: Task[] = [];
      for await (const { Items } of pages) tasks.push(...(Items ?? []).map(taskOf));
      return tasks;
    },
    async openIn(queue, now, { limit = DEFAULT_PAGE, next } = {}) {
      const from = decodeCursor<QueueCursor>(next, isQueueCursor) ?? {};
      // One more than is shown, to know whether there is another page.
      const [own, backup] = await Promise.all([
        listed(BY_QUEUE, queue, now, limit + 1, from.own),
        // Only stations have neighbours.
        isStationQueue(queue) ? listed(BY_BACKUP, queue, now, limit + 1, from.backup) : [],
      ]);
      const merged = [...own, ...backup].sort(
        (a, b) => a.dueAt - b.dueAt || (a.taskId < b.taskId ? -1 : 1),
      );
      const tasks = merged.slice(0, limit);
      if (merged.length <= limit) return { tasks };
      const shown = new Set(tasks);
      const lastOf = (list: readonly Task[], before: TaskPlace | undefined) => {
        const last = list.findLast((task) => shown.has(task));
        return last === undefined ? before : { taskId: last.taskId, dueAt: last.dueAt };
      };
      const cursor = { own: lastOf(own, from.own), backup: lastOf(backup, from.backup) };
      return { tasks, next: encodeCursor(cursor) };
    },
    async claim(taskId, by, now, until) {
      const won = await update(
        taskId,
        `${IS_OPEN} AND (attribute_not_exists(claimBy) OR claimBy = :by OR claimUntil <= :now)`,
        'SET claimBy = :by, claimAt = :now, claimUntil = :until',
        { ':by': { S: by }, ':now': numberOf(now), ':until': numberOf(until) },
      );
      if (won) return 'claimed';
      const task = await read(taskId);
      if (task === undefined) return 'missing';
      return task.closed === undefined ? 'taken' : 'closed';
    },
    heartbeat: (taskId, by, now, until) =>
      update(
        taskId,
        `${IS_OPEN} AND claimBy = :by AND claimUntil > :now`,
        'SET claimUntil = :until',
        { ':by': { S: by }, ':now': numberOf(now), ':until': numberOf(until) },
      ),
    release: (taskId, by) =>
      update(taskId, `${IS_OPEN} AND claimBy = :by`, 'REMOVE claimBy, claimAt, claimUntil', {
        ':by': { S: by },
      }),
    handOver: (taskId, by, toQueue) =>
      update(
        taskId,
        `${IS_OPEN} AND claimBy = :by`,
        'SET queue = :to REMOVE claimBy, claimAt, claimUntil, backupQueue, backupFrom',
        { ':by': { S: by }, ':to': { S: toQueue } },
      ),
    // Without its queues it is on no index of open tasks; `closedQueue` keeps where it was. The token stays: a
    // closing whose report got lost on the way to the workflow is reported again with it.
    close: (taskId, closing) =>
      update(
        taskId,
        IS_OPEN,
        'SET closedQueue = queue, closing = :closing REMOVE queue, backupQueue',
        { ':closing': { S: JSON.stringify(closing) } },
      ),
  };
}
