import { PublishCommand } from '@aws-sdk/client-sns';
import { createDynamoDBClient, createSFNClient, createSNSClient } from '../adapters/aws-clients.ts';
import { casesTable } from '../adapters/case-stores.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { callOffTask } from '../adapters/task-outcome.ts';
import { closeTask } from '../adapters/tasks-table.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';
import { type SettledStep, settleTask, type TaskEnd } from './settle-task.ts';

const client = createDynamoDBClient();
const stepFunctions = createSFNClient();
const sns = createSNSClient();
const table = requiredSetting('TASKS_TABLE_NAME');
const topic = requiredSetting('PAYMENT_STOP_TOPIC_ARN');
const cases = casesTable();

/** What a bank is told: enough to ask the centre by the case's id, and nothing about a person. */
async function stopPayments(caseId: string, at: number): Promise<void> {
  const notice = { notice: 'payment-stop', caseId, at: new Date(at).toISOString() };
  await sns.send(new PublishCommand({ TopicArn: topic, Message: JSON.stringify(notice) }));
}

export const handler = lambdaHandler(async (end: TaskEnd): Promise<SettledStep> => {
  const { again, dialAgain, isNew } = await settleTask(
    end,
    {
      cases,
      closeTask: (taskId, closing) => closeTask(client, table, taskId, closing),
      callOff: (taskId) => callOffTask(client, table, stepFunctions, taskId),
      stopPayments,
    },
    Date.now(),
  );
  const { outcome } = end.result;
  if (isNew && outcome === 'overdue') countAll({ TasksOverdue: 1 });
  else if (isNew && outcome !== 'cancelled') countAll({ TasksCompleted: 1 });
  return { again, dialAgain };
});
