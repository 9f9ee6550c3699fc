import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import { createAppealsTable } from '../adapters/appeals-table.ts';
import { createAuditTable } from '../adapters/audit-table.ts';
import {
  createDynamoDBClient,
  createKinesisClient,
  createSecretsManagerClient,
  createSFNClient,
} from '../adapters/aws-clients.ts';
import { createCluesTable } from '../adapters/clues-table.ts';
import { fromDeployedPolicies } from '../adapters/deployed-policies.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { putFindings } from '../adapters/findings-table.ts';
import { createApi } from '../adapters/http-api/answer-request.ts';
import type { ApiEvent } from '../adapters/http-api/api-request.ts';
import { reportRequest } from '../adapters/http-api/report-request.ts';
import { createRequestLedger } from '../adapters/http-api/request-ledger.ts';
import { putRecords } from '../adapters/kinesis-records.ts';
import { AUDIT_KEPT_SECONDS, casesTable, tasksTable } from '../adapters/ladder-stores.ts';
import { createListingsTable } from '../adapters/listings-table.ts';
import { createListsTable } from '../adapters/lists-table.ts';
import { createOpenByHand } from '../adapters/open-by-hand.ts';
import { createRegistersTable } from '../adapters/registers-table.ts';
import { createSealerOnce } from '../adapters/sealing.ts';
import { createSearchContacts } from '../adapters/search-contacts.ts';
import { createTakeBack } from '../adapters/take-back.ts';
import { countAll, lambdaHandler, logger } from '../adapters/telemetry.ts';
import { numberServers } from './officer-numbers.ts';

const DAY_SECONDS = 86_400;

const client = createDynamoDBClient();
const subjects = requiredSetting('SUBJECTS_TABLE_NAME');
const exposuresStream = requiredSetting('EXPOSURES_STREAM_NAME');
const retentionSeconds = Number(requiredSetting('SUBJECT_RETENTION_DAYS')) * DAY_SECONDS;
const kinesis = createKinesisClient();
const registers = createRegistersTable(client, requiredSetting('REGISTERS_TABLE_NAME'));
const answer = createApi(
  numberServers({
    cases: casesTable(),
    tasks: tasksTable(),
    audit: createAuditTable(client, requiredSetting('AUDIT_TABLE_NAME'), {
      keptSeconds: AUDIT_KEPT_SECONDS,
      noted: ({ hash, sequence }) => {
        logger.info('a number was looked at', { sequence, hash });
        countAll({ NumbersShown: 1 });
      },
    }),
    sealer: createSealerOnce(createSecretsManagerClient, requiredSetting('SEALING_SECRET_ARN')),
    normalise: createNumberNormaliser(requiredSetting('DEFAULT_COUNTRY')),
    policy: fromDeployedPolicies((live) => live),
    openByHand: createOpenByHand(client, subjects, retentionSeconds, (subject) =>
      registers.careGroupOf(subject),
    ),
    clues: createCluesTable(client, requiredSetting('CLUES_TABLE_NAME')),
    appeals: createAppealsTable(client, requiredSetting('LISTS_TABLE_NAME'), AUDIT_KEPT_SECONDS),
    lists: createListsTable(client, requiredSetting('LISTS_TABLE_NAME'), AUDIT_KEPT_SECONDS),
    listings: createListingsTable(client, requiredSetting('PROFILES_TABLE_NAME')),
    putExposures: (frames) => putRecords(kinesis, exposuresStream, frames),
    keepFindings: (findings) => putFindings(client, subjects, findings),
    takeBack: createTakeBack(client, subjects, retentionSeconds),
    searchContacts: createSearchContacts(createSFNClient(), {
      stateMachineArn: requiredSetting('CONTACT_SEARCH_STATE_MACHINE_ARN'),
      utcOffsetMinutes: Number(requiredSetting('UTC_OFFSET_MINUTES')),
      onFailure: (error) => {
        logger.error('a case number is listed, but the archive is not searched', error);
        countAll({ ContactSearchesNotStarted: 1 });
      },
    }),
  }),
  {
    ledger: createRequestLedger(client, requiredSetting('REQUESTS_TABLE_NAME')),
    now: Date.now,
    report: reportRequest,
  },
);

export const handler = lambdaHandler((event: ApiEvent) => answer(event));
