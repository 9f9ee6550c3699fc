import { createDynamoDBClient } from './aws-clients.ts';
import { CASE_KEPT_SECONDS, type CaseStore, createCasesTable } from './cases-table.ts';
import { requiredSetting } from './environment.ts';
import { createTasksTable, type TaskStore } from './tasks-table.ts';

/** As long as a case is kept, so that every look in it can be accounted for; a tenth more for the law's delays. */
export const AUDIT_KEPT_SECONDS = Math.ceil(CASE_KEPT_SECONDS * 1.1);

/** The table of cases of this function's stage. */
export function casesTable(): CaseStore {
  const table = requiredSetting('CASES_TABLE_NAME');
  return createCasesTable(createDynamoDBClient(), table, CASE_KEPT_SECONDS);
}

/** The table of tasks of this function's stage. */
export function tasksTable(): TaskStore {
  return createTasksTable(createDynamoDBClient(), requiredSetting('TASKS_TABLE_NAME'));
}
