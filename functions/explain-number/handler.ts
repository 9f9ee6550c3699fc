import { createDynamoDBClient, createSecretsManagerClient } from '../adapters/aws-clients.ts';
import { readDecisions } from '../adapters/decisions-index.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { readFindings } from '../adapters/findings-table.ts';
import { createSealerOnce } from '../adapters/sealing.ts';
import { lambdaHandler, logger } from '../adapters/telemetry.ts';
import { type ExplainRequest, explainNumber } from './explain-number.ts';

const sealer = createSealerOnce(createSecretsManagerClient, requiredSetting('SEALING_SECRET_ARN'));
const country = requiredSetting('DEFAULT_COUNTRY');
const table = requiredSetting('SUBJECTS_TABLE_NAME');
const client = createDynamoDBClient();

export const handler = lambdaHandler(async (request: ExplainRequest) =>
  explainNumber(request, {
    sealer: await sealer(),
    country,
    readFindings: (caller) => readFindings(client, table, caller),
    readDecisions: (subject) => readDecisions(client, table, subject),
    audit: (entry) => logger.info('decisions about a number were looked up', entry),
  }),
);
