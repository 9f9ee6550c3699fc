import { setTimeout as sleep } from 'node:timers/promises';
import { createDynamoDBClient, createSFNClient } from '../adapters/aws-clients.ts';
import type { CampaignRequest } from '../adapters/campaign-keeper.ts';
import { createCampaignsTable } from '../adapters/campaigns-table.ts';
import { requiredSetting } from '../adapters/environment.ts';
import { lambdaHandler, logger } from '../adapters/telemetry.ts';
import { keepCampaign } from './keep-campaign.ts';

const ports = {
  campaigns: createCampaignsTable(
    createDynamoDBClient(),
    requiredSetting('CAMPAIGNS_TABLE_NAME'),
    sleep,
  ),
  workflow: createSFNClient(),
  stateMachineArn: requiredSetting('CAMPAIGN_STATE_MACHINE_ARN'),
  now: Date.now,
};

export const handler = lambdaHandler(async (request: CampaignRequest) => {
  const answer = await keepCampaign(request, ports);
  if (request.act !== 'status') {
    logger.info('a campaign was changed', {
      act: request.act,
      by: 'by' in request ? request.by : 'its workflow',
      campaigns: answer.campaigns.map(({ id, run, stage, state }) => ({ id, run, stage, state })),
    });
  }
  return answer;
});
