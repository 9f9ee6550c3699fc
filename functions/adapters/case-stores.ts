import { createDynamoDBClient } from './aws-clients.ts';
import { type CaseStore, createCasesTable } from './cases-table.ts';
import { requiredSetting } from './environment.ts';

/** A case and its timeline outlive the last change by this much, for questions about it. */
const KEPT_SECONDS = 400 * 86_400;

/** The table of cases of this function's stage. */
export function casesTable(): CaseStore {
  return createCasesTable(
    createDynamoDBClient(),
    requiredSetting('CASES_TABLE_NAME'),
    KEPT_SECONDS,
  );
}
