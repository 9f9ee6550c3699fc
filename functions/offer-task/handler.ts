import { createDynamoDBClient, createSFNClient } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { casesTable, tasksTable } from '../adapters/ladder-stores.ts';
import { createRegistersTable } from '../adapters/registers-table.ts';
import { answerTask, callOffTask } from '../adapters/report-outcome.ts';
import { countAll, countBy, lambdaHandler, logger } from '../adapters/telemetry.ts';
import { type OfferTaskPorts, offerTask, type TaskOffer } from './offer-task.ts';

const stepFunctions = createSFNClient();
const tasks = tasksTable();
const registers = createRegistersTable(
  createDynamoDBClient(),
  requiredSetting('REGISTERS_TABLE_NAME'),
);
const ports: OfferTaskPorts = {
  cases: casesTable(),
  tasks,
  answer: (taskToken, result) => answerTask(stepFunctions, taskToken, result),
  callOff: (taskId) => callOffTask(tasks, stepFunctions, taskId, Date.now()),
  relativesOf: async (subject) =>
    (await registers.relativesOf(subject)).map(({ contact }) => contact),
  stationOf: async (district) => (district === '' ? undefined : registers.stationOf(district)),
};

export const handler = lambdaHandler(async (offer: TaskOffer) => {
  const task = await offerTask(offer, ports, Date.now());
  if (task === undefined) return;
  logger.info('a task was offered', { ...task });
  countAll({ TasksAssigned: 1 });
  countBy('TasksAssigned', 'tier', new Map([[task.tier, 1]]));
});
