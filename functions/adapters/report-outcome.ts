import { SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { type AttemptOutcome, keepLateReport } from '../../lib/domain/ladder/case-head.ts';
import { WORKFLOW } from '../../lib/domain/ladder/timeline-event.ts';
import type { TaskOutcome } from '../../lib/domain/task-outcome.ts';
import { type CaseStore, changeCase } from './cases-table.ts';
import type { Task, TaskStore } from './tasks-table.ts';

/** What the workflow gets for a task or a wait that is over. */
export interface TaskResult {
  readonly outcome: AttemptOutcome | 'news';
  /** Unset where the workflow itself answers. */
  readonly by?: string;
}

/** Tells a workflow that waits for news to look at its case. */
export const NEWS: TaskResult = { outcome: 'news' };

/** What an officer says of a task. */
export interface OutcomeReport {
  readonly outcome: TaskOutcome;
  readonly by: string;
  readonly notes?: string;
  /** Chosen by the reporter: the same report again has the same. */
  readonly idempotencyKey: string;
  /** Epoch ms. */
  readonly now: number;
}

/** accepted: it counts. late: the case has gone on without it; kept on the timeline. closed: somebody else reported. */
export type ReportResult = 'accepted' | 'late' | 'closed' | 'missing';

const NOBODY_WAITS: ReadonlySet<string> = new Set(['TaskTimedOut', 'TaskDoesNotExist']);

/**
 * Answers the workflow that waits on a token.
 *
 * @returns false when nobody waits any more: it was answered before, or its time has passed
 */
export async function answerTask(
  client: Pick<SFNClient, 'send'>,
  taskToken: string,
  result: TaskResult,
): Promise<boolean> {
  try {
    await client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(result) }));
    return true;
  } catch (error) {
    if (error instanceof Error && NOBODY_WAITS.has(error.name)) return false;
    throw error;
  }
}

/** Tells the workflow of a closed task what its record says; what is told twice is heard once. */
export async function tellWorkflow(client: Pick<SFNClient, 'send'>, task: Task): Promise<void> {
  if (task.closed === undefined || task.taskToken === '') return;
  const { by, outcome } = task.closed;
  await answerTask(client, task.taskToken, { outcome, by });
}

/**
 * Records what came of a task. The task's own record decides who was first, the officer, the due time or whoever
 * called it off; the workflow is told afterwards. Where that word gets lost, the officer's repeat or, at the latest,
 * the due time brings the workflow to the record.
 */
export async function reportOutcome(
  stores: { readonly cases: Pick<CaseStore, 'read' | 'update'>; readonly tasks: TaskStore },
  client: Pick<SFNClient, 'send'>,
  taskId: string,
  { by, idempotencyKey, notes, now, outcome }: OutcomeReport,
): Promise<ReportResult> {
  const won = await stores.tasks.close(taskId, {
    outcome,
    by,
    at: now,
    idempotencyKey,
    ...(notes !== undefined && { notes }),
  });
  const task = await stores.tasks.read(taskId);
  if (task?.closed === undefined) return 'missing';
  const { closed } = task;
  if (won || (closed.idempotencyKey === idempotencyKey && closed.by === by)) {
    await tellWorkflow(client, task);
    return 'accepted';
  }
  if (closed.by !== WORKFLOW) return 'closed';
  const late = {
    taskId,
    step: task.step,
    outcome,
    insteadOf: closed.outcome,
    by,
    key: idempotencyKey,
    at: now,
  };
  await changeCase(stores.cases, task.caseId, (before) => keepLateReport(before, late));
  return 'late';
}

/**
 * Calls a task off, if nobody has closed it yet, and tells the workflow.
 *
 * @param now epoch ms
 */
export async function callOffTask(
  tasks: TaskStore,
  client: Pick<SFNClient, 'send'>,
  taskId: string,
  now: number,
): Promise<void> {
  await tasks.close(taskId, { outcome: 'cancelled', by: WORKFLOW, at: now });
  const task = await tasks.read(taskId);
  if (task !== undefined) await tellWorkflow(client, task);
}
