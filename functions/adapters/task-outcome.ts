import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { AttemptOutcome } from '../../lib/domain/ladder/dissuasion-case.ts';
import type { TaskOutcome } from '../../lib/domain/task-outcome.ts';
import { getTask } from './tasks-table.ts';

/** What the workflow gets for a task or a wait that is over. */
export interface TaskResult {
  readonly outcome: AttemptOutcome | 'news';
  readonly by: string;
  readonly notes?: string;
}

/**
 * Answers the workflow that waits on a token.
 *
 * @returns false when nobody waits any more: it was answered before, or its time has passed
 */
export async function answerTask(
  client: SFNClient,
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

const NOBODY_WAITS: ReadonlySet<string> = new Set(['TaskTimedOut', 'TaskDoesNotExist']);

/** Hands the outcome of an officer's task to the workflow; as {@link answerTask}. */
export function sendTaskOutcome(
  client: SFNClient,
  taskToken: string,
  result: TaskResult & { readonly outcome: TaskOutcome },
): Promise<boolean> {
  return answerTask(client, taskToken, result);
}

/** Calls off a task that stands on a queue, if it does: the workflow then takes it from there. */
export async function callOffTask(
  client: DynamoDBClient,
  table: string,
  stepFunctions: SFNClient,
  taskId: string,
): Promise<void> {
  const task = await getTask(client, table, taskId);
  if (task === undefined || task.closed !== undefined || task.taskToken === '') return;
  await answerTask(stepFunctions, task.taskToken, { outcome: 'cancelled', by: 'workflow' });
}
