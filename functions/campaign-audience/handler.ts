import { setTimeout as sleep } from 'node:timers/promises';
import type { TextLanguage } from '../../lib/domain/policy.ts';
import { createDynamoDBClient, createS3Client } from '../adapters/aws-clients.ts';
import { createCampaignLists } from '../adapters/campaign-lists.ts';
import { createCampaignsTable } from '../adapters/campaigns-table.ts';
import { fromDeployedPolicies } from '../adapters/deployed-policies.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { createRegistersTable } from '../adapters/registers-table.ts';
import { createStandingReader } from '../adapters/standing-tables.ts';
import { lambdaHandler, logger } from '../adapters/telemetry.ts';
import { type AudienceRequest, answerAudience } from './campaign-audience.ts';

const client = createDynamoDBClient();
const registers = requiredSetting('REGISTERS_TABLE_NAME');
const campaigns = requiredSetting('CAMPAIGNS_TABLE_NAME');
const subjects = requiredSetting('SUBJECTS_TABLE_NAME');
const policy = fromDeployedPolicies((live) => live);
const ports = {
  audience: createRegistersTable(client, registers),
  standing: createStandingReader(client, { subjects, registers, campaigns }),
  campaigns: createCampaignsTable(client, campaigns, sleep),
  lists: createCampaignLists(createS3Client(), requiredSetting('CAMPAIGN_LISTS_BUCKET_NAME')),
  language: requiredSetting('TEXT_LANGUAGE') as TextLanguage,
  maxPriceUsd: Number(requiredSetting('SMS_MAX_PRICE_USD')),
  now: Date.now,
};

export const handler = lambdaHandler(async (request: AudienceRequest) => {
  const answer = await answerAudience(request, { ...ports, policy: await policy() });
  logger.info('the people of a campaign were asked for', {
    act: request.act,
    ...('campaignId' in request && { campaignId: request.campaignId }),
  });
  return answer;
});
