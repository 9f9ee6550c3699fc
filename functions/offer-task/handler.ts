import { createSFNClient } from '../adapters/aws-clients.ts';
import { casesTable, tasksTable } from '../adapters/ladder-stores.ts';
import { answerTask, callOffTask } from '../adapters/report-outcome.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';
import { type OfferTaskPorts, offerTask, type TaskOffer } from './offer-task.ts';

const stepFunctions = createSFNClient();
const tasks = tasksTable();
const ports: OfferTaskPorts = {
  cases: casesTable(),
  tasks,
  answer: (taskToken, result) => answerTask(stepFunctions, taskToken, result),
  callOff: (taskId) => callOffTask(tasks, stepFunctions, taskId, Date.now()),
  relativesOf: async () => [],
  queuesOfVisit: async () => undefined,
};

export const handler = lambdaHandler(async (offer: TaskOffer) => {
  countAll({ TasksAssigned: (await offerTask(offer, ports, Date.now())) ? 1 : 0 });
});
