import { createSFNClient } from '../adapters/aws-clients.ts';
import { casesTable, tasksTable } from '../adapters/ladder-stores.ts';
import { bankNotices } from '../adapters/payment-stop.ts';
import { callOffTask } from '../adapters/report-outcome.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';
import { type SettledStep, type SettleTaskPorts, settleTask, type TaskEnd } from './settle-task.ts';

const stepFunctions = createSFNClient();
const tasks = tasksTable();
const ports: SettleTaskPorts = {
  cases: casesTable(),
  tasks,
  callOff: (taskId) => callOffTask(tasks, stepFunctions, taskId, Date.now()),
  tellBanks: bankNotices(),
};

export const handler = lambdaHandler(async (end: TaskEnd): Promise<SettledStep> => {
  const { isNew, outcome, step } = await settleTask(end, ports, Date.now());
  if (isNew && outcome === 'overdue') countAll({ TasksOverdue: 1 });
  else if (isNew && outcome !== 'cancelled') countAll({ TasksCompleted: 1 });
  return step;
});
