import { createDynamoDBClient, createSFNClient } from '../adapters/aws-clients.ts';
import { casesTable } from '../adapters/case-stores.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { answerTask } from '../adapters/task-outcome.ts';
import { putTask } from '../adapters/tasks-table.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';
import { offerTask, type TaskOffer } from './offer-task.ts';

/** A task's record outlives its due time by this much, for questions about it. */
const KEPT_SECONDS = 90 * 86_400;

const client = createDynamoDBClient();
const stepFunctions = createSFNClient();
const table = requiredSetting('TASKS_TABLE_NAME');
const cases = casesTable();

export const handler = lambdaHandler(async (offer: TaskOffer) => {
  const offered = await offerTask(offer, {
    cases,
    putTask: (task) => putTask(client, table, task, Math.floor(task.dueAt / 1000) + KEPT_SECONDS),
    answer: (taskToken, outcome) =>
      answerTask(stepFunctions, taskToken, { outcome, by: 'workflow' }),
    // There is no register of contacts yet: nobody's relatives are known.
    hasRelatives: async () => false,
  });
  countAll({ TasksAssigned: offered ? 1 : 0 });
});
