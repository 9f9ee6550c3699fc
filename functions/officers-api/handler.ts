import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { createAppealsTable } from '../adapters/appeals-table.ts';
import { createAuditTable } from '../adapters/audit-table.ts';
import {
  createDynamoDBClient,
  createLambdaClient,
  createSFNClient,
} from '../adapters/aws-clients.ts';
import { createCampaignKeeper } from '../adapters/campaign-keeper.ts';
import { fromDeployedPolicies } from '../adapters/deployed-policies.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { readPerson } from '../adapters/episodes-table.ts';
import { readClueFindings } from '../adapters/findings-table.ts';
import { createApi } from '../adapters/http-api/answer-request.ts';
import type { ApiEvent } from '../adapters/http-api/api-request.ts';
import { reportRequest } from '../adapters/http-api/report-request.ts';
import { createRequestLedger } from '../adapters/http-api/request-ledger.ts';
import { AUDIT_KEPT_SECONDS, casesTable, tasksTable } from '../adapters/ladder-stores.ts';
import { createListingsTable } from '../adapters/listings-table.ts';
import { createListsTable } from '../adapters/lists-table.ts';
import { createLiveTickets } from '../adapters/live-connections.ts';
import { createMasking } from '../adapters/masked-numbers.ts';
import { createRegistersTable } from '../adapters/registers-table.ts';
import { createStudyFindingsTable } from '../adapters/study-findings-table.ts';
import { lambdaHandler, metrics } from '../adapters/telemetry.ts';
import type { OfficersPorts } from './officers-ports.ts';
import { campaignServers } from './serve-campaigns.ts';
import { caseServers } from './serve-cases.ts';
import { findingServers } from './serve-findings.ts';
import { listServers } from './serve-lists.ts';
import { overviewServers } from './serve-overview.ts';
import { taskServers } from './serve-tasks.ts';

const client = createDynamoDBClient();
const lambda = createLambdaClient();
const subjects = requiredSetting('SUBJECTS_TABLE_NAME');
const tickets = createLiveTickets(
  client,
  requiredSetting('CONNECTIONS_TABLE_NAME'),
  requiredSetting('LIVE_URL'),
);
const ports: OfficersPorts = {
  cases: casesTable(),
  tasks: tasksTable(),
  taskTaken: (waitedMs) =>
    metrics.addMetric('TaskWaitSeconds', MetricUnit.Seconds, waitedMs / 1000),
  audit: createAuditTable(client, requiredSetting('AUDIT_TABLE_NAME'), {
    keptSeconds: AUDIT_KEPT_SECONDS,
  }),
  registers: createRegistersTable(client, requiredSetting('REGISTERS_TABLE_NAME')),
  stepFunctions: createSFNClient(),
  appeals: createAppealsTable(client, requiredSetting('LISTS_TABLE_NAME'), AUDIT_KEPT_SECONDS),
  findings: createStudyFindingsTable(
    client,
    requiredSetting('LISTS_TABLE_NAME'),
    AUDIT_KEPT_SECONDS,
  ),
  clueFindings: (page) => readClueFindings(client, subjects, page),
  listings: createListingsTable(client, requiredSetting('PROFILES_TABLE_NAME')),
  lists: createListsTable(client, requiredSetting('LISTS_TABLE_NAME'), AUDIT_KEPT_SECONDS),
  mask: createMasking(lambda, requiredSetting('MASK_FUNCTION_NAME')),
  campaigns: createCampaignKeeper(lambda, requiredSetting('CAMPAIGN_FUNCTION_NAME')),
  readPerson: (subject, caseId) => readPerson(client, subjects, subject, caseId),
  policy: fromDeployedPolicies((live) => live),
  createTicket: (officer, now) => tickets.createTicket(officer, now),
};

const answer = createApi(
  {
    ...taskServers(ports),
    ...caseServers(ports),
    ...overviewServers(ports),
    ...listServers(ports),
    ...findingServers(ports),
    ...campaignServers(ports),
  },
  {
    ledger: createRequestLedger(client, requiredSetting('REQUESTS_TABLE_NAME')),
    now: Date.now,
    report: reportRequest,
  },
);

export const handler = lambdaHandler((event: ApiEvent) => answer(event));
