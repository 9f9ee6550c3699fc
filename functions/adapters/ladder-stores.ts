import { createDynamoDBClient } from './aws-clients.ts';
import { type CaseStore, createCasesTable } from './cases-table.ts';
import { requiredSetting } from './environment.ts';
import { createTasksTable, type TaskStore } from './tasks-table.ts';

/** A case and its timeline outlive the last change by this much, for questions about it. */
const KEPT_SECONDS = 400 * 86_400;

/** The table of cases of this function's stage. */
export function casesTable(): CaseStore {
  const table = requiredSetting('CASES_TABLE_NAME');
  return createCasesTable(createDynamoDBClient(), table, KEPT_SECONDS);
}

/** The table of tasks of this function's stage. */
export function tasksTable(): TaskStore {
  return createTasksTable(createDynamoDBClient(), requiredSetting('TASKS_TABLE_NAME'));
}
