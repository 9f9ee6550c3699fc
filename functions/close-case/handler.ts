import { createDynamoDBClient } from '../adapters/aws-clients.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { MissingCaseError } from '../adapters/errors.ts';
import { casesTable } from '../adapters/ladder-stores.ts';
import { closeCase } from '../adapters/subjects-table.ts';
import { countAll, lambdaHandler, logger } from '../adapters/telemetry.ts';

const client = createDynamoDBClient();
const table = requiredSetting('SUBJECTS_TABLE_NAME');
const cases = casesTable();

/** Keeps what came of a case with the person whom it was about: a label for the policy that opened it. */
export const handler = lambdaHandler(async ({ caseId }: { caseId: string }) => {
  const { closedAt, outcome, subject } = (await cases.read(caseId)) ?? {};
  if (subject === undefined || outcome === undefined) {
    throw new MissingCaseError(caseId);
  }
  await closeCase(client, table, subject, caseId, outcome, closedAt ?? Date.now());
  logger.info('case closed', { caseId, outcome });
  countAll({ CasesClosed: 1 });
});
