import { createDynamoDBClient } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { closeCase } from '../adapters/subjects-table.ts';
import { closeTask, type TaskClosing } from '../adapters/tasks-table.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';

/** What the workflow knows of a task that was answered, or whose due time passed. */
interface TaskEnd {
  readonly caseId: string;
  readonly subject: string;
  readonly taskId: string;
  readonly outcome: TaskClosing['outcome'];
  /** The officer's answer; absent for `overdue`. */
  readonly result?: { readonly by?: string; readonly notes?: string };
}

const client = createDynamoDBClient();
const tasksTable = requiredSetting('TASKS_TABLE_NAME');
const subjectsTable = requiredSetting('SUBJECTS_TABLE_NAME');

export const handler = lambdaHandler(
  async ({ caseId, subject, taskId, outcome, result }: TaskEnd) => {
    const closedAt = Date.now();
    const isNew = await closeTask(client, tasksTable, taskId, {
      outcome,
      by: result?.by ?? 'workflow',
      notes: result?.notes,
      closedAt,
    });
    await closeCase(client, subjectsTable, subject, caseId, outcome, closedAt);
    if (isNew) countAll(outcome === 'overdue' ? { TasksOverdue: 1 } : { TasksCompleted: 1 });
  },
);
