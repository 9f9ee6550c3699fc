import { createDynamoDBClient } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { putTask } from '../adapters/tasks-table.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';

/** What the workflow hands over for a task that a person answers. */
interface TaskAssignment {
  readonly taskToken: string;
  readonly caseId: string;
  readonly subject: string;
  readonly tier: string;
  readonly taskId: string;
  readonly queue: string;
  readonly dueSeconds: number;
  /** ISO 8601: when the workflow began to wait. */
  readonly startedAt: string;
}

/** A task's record outlives its case by this much, for questions about it. */
const KEPT_SECONDS = 90 * 86_400;

const client = createDynamoDBClient();
const table = requiredSetting('TASKS_TABLE_NAME');

export const handler = lambdaHandler(async (assignment: TaskAssignment) => {
  const { dueSeconds, startedAt, ...task } = assignment;
  const assignedAt = Date.parse(startedAt);
  const dueAt = assignedAt + dueSeconds * 1000;
  const expiresAt = Math.floor(dueAt / 1000) + KEPT_SECONDS;
  const isNew = await putTask(client, table, { ...task, assignedAt, dueAt }, expiresAt);
  countAll({ TasksAssigned: isNew ? 1 : 0 });
});
