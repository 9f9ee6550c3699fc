import { setTimeout as sleep } from 'node:timers/promises';
import type { TextLanguage } from '../../lib/domain/policy.ts';
import {
  createDynamoDBClient,
  createSecretsManagerClient,
  createSNSClientWithoutRetries,
} from '../adapters/aws-clients.ts';
import { createCampaignsTable } from '../adapters/campaigns-table.ts';
import { fromDeployedPolicies } from '../adapters/deployed-policies.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { createNoticesTable } from '../adapters/notices-table.ts';
import { createRegistersTable } from '../adapters/registers-table.ts';
import { createSealerOnce } from '../adapters/sealing.ts';
import { createSnsSender } from '../adapters/sms-sender.ts';
import { smsSettings } from '../adapters/sms-settings.ts';
import { createStandingReader } from '../adapters/standing-tables.ts';
import { createWarningsTable } from '../adapters/subjects-table.ts';
import { countAll, lambdaHandler } from '../adapters/telemetry.ts';
import { type NoticeBatch, type NoticeVisit, sendNotices } from './send-notices.ts';

const client = createDynamoDBClient();
const registers = requiredSetting('REGISTERS_TABLE_NAME');
const campaigns = requiredSetting('CAMPAIGNS_TABLE_NAME');
const subjects = requiredSetting('SUBJECTS_TABLE_NAME');
const sealer = createSealerOnce(createSecretsManagerClient, requiredSetting('SEALING_SECRET_ARN'));
const policy = fromDeployedPolicies((live) => live);
const ports = {
  campaigns: createCampaignsTable(client, campaigns, sleep),
  notices: createNoticesTable(client, { campaigns, subjects }),
  audience: createRegistersTable(client, registers),
  standing: createStandingReader(client, { subjects, registers, campaigns }),
  people: createWarningsTable(client, subjects),
  sender: createSnsSender(createSNSClientWithoutRetries(), smsSettings()),
  language: requiredSetting('TEXT_LANGUAGE') as TextLanguage,
  delay: sleep,
  now: Date.now,
};

function countVisits(visits: readonly NoticeVisit[]): void {
  const of = (visit: NoticeVisit) => visits.filter((one) => one === visit).length;
  countAll({
    NoticesSent: of('sent'),
    NoticesRefused: of('refused'),
    NoticesOptedOut: of('opted-out'),
    NoticesDeferred: of('deferred'),
    NoticesUncertain: of('uncertain'),
    NoticesSkipped: of('skipped'),
  });
}

export const handler = lambdaHandler(async (batch: NoticeBatch, context) =>
  sendNotices(batch, {
    ...ports,
    sealer: await sealer(),
    policy: await policy(),
    count: countVisits,
    timeLeft: () => context.getRemainingTimeInMillis(),
  }),
);
