import { SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { TaskOutcome } from '../../lib/domain/task-outcome.ts';

/** What the workflow gets for a completed task. */
export interface TaskResult {
  readonly outcome: TaskOutcome;
  readonly by: string;
  readonly notes?: string;
}

/**
 * Hands the outcome of a task to the workflow that waits for it.
 *
 * @returns false when nobody waits any more: it was completed before, or its time has passed
 */
export async function sendTaskOutcome(
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
