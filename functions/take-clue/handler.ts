import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import { createAppealsTable } from '../adapters/appeals-table.ts';
import { createDynamoDBClient, createSecretsManagerClient } from '../adapters/aws-clients.ts';
import { createCluesTable } from '../adapters/clues-table.ts';
import { fromDeployedPolicies } from '../adapters/deployed-policies.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { createApi } from '../adapters/http-api/answer-request.ts';
import type { ApiEvent } from '../adapters/http-api/api-request.ts';
import { reportRequest } from '../adapters/http-api/report-request.ts';
import { createRequestLedger } from '../adapters/http-api/request-ledger.ts';
import { AUDIT_KEPT_SECONDS } from '../adapters/ladder-stores.ts';
import { createListingsTable } from '../adapters/listings-table.ts';
import { createPseudonym, createSealer, withSealingKeys } from '../adapters/sealing.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';
import { clueServers } from './take-clue.ts';

const client = createDynamoDBClient();
const answer = createApi(
  clueServers({
    clues: createCluesTable(client, requiredSetting('CLUES_TABLE_NAME')),
    listings: createListingsTable(client, requiredSetting('PROFILES_TABLE_NAME')),
    appeals: createAppealsTable(client, requiredSetting('LISTS_TABLE_NAME'), AUDIT_KEPT_SECONDS),
    policy: fromDeployedPolicies((live) => live),
    sealing: withSealingKeys(
      createSecretsManagerClient,
      requiredSetting('SEALING_SECRET_ARN'),
      (keys) => ({ sealer: createSealer(keys), pseudonym: createPseudonym(keys) }),
    ),
    normalise: createNumberNormaliser(requiredSetting('DEFAULT_COUNTRY')),
    count: ({ appeals = 0, bursts = 0, counted = 0, taken = 0 }) =>
      countAll({
        CluesTaken: taken,
        CluesCounted: counted,
        ClueBursts: bursts,
        AppealsLodged: appeals,
      }),
  }),
  {
    ledger: createRequestLedger(client, requiredSetting('REQUESTS_TABLE_NAME')),
    now: Date.now,
    report: reportRequest,
  },
);

export const handler = lambdaHandler((event: ApiEvent) => answer(event));
