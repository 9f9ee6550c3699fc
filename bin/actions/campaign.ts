import { LambdaClient } from '@aws-sdk/client-lambda';
import type { EffectAnswer } from '../../functions/campaign-audience/campaign-audience.ts';
import { type Campaign, CampaignError, readCampaign } from '../../lib/domain/campaign/campaign.ts';
import type { CampaignPlan } from '../../lib/domain/campaign/plan.ts';
import { clientConfig, stackOutputs } from '../aws-connection.ts';
import { askCampaigns } from '../campaign-asker.ts';
import {
  campaignInWords,
  campaignsInWords,
  effectInWords,
  planInWords,
} from '../campaigns/campaign-words.ts';
import type {
  AudienceOptions,
  CampaignOptions,
  StartCampaignOptions,
} from '../commands/campaign.ts';
import { UsageError } from '../exit-codes.ts';
import { readText } from '../input-file.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { printAnswer, remark } from '../terminal/print.ts';

async function ask<Answer>(options: AudienceOptions, request: object): Promise<Answer> {
  const [functionName] = await stackOutputs(options, 'CampaignAudienceFunctionName');
  return askCampaigns<Answer>(new LambdaClient(clientConfig(options)), functionName, request);
}

/** @throws {UsageError} naming every problem of the document */
async function documentIn(file: string): Promise<Campaign> {
  const text = await readText(file);
  try {
    return readCampaign(text);
  } catch (error) {
    if (!(error instanceof CampaignError)) throw error;
    throw new UsageError(`${file}: ${error.message}`, { cause: error });
  }
}

/** Says whom a campaign would text, and texts nobody. Returns the exit code. */
export async function planCampaign(file: string, options: AudienceOptions): Promise<number> {
  const document = await documentIn(file);
  if (process.stderr.isTTY) remark('Reading the register; a million people take a minute…');
  const request = { act: 'plan', document };
  const plan = await ask<CampaignPlan>(options, request);
  return printAnswer(options, plan, planInWords);
}

/** Starts a stage. Returns the exit code. */
export async function startCampaign(file: string, options: StartCampaignOptions): Promise<number> {
  const body = { document: await documentIn(file), stage: options.stage };
  const call = await openOfficersApi(options);
  return printAnswer(options, await call('startCampaign', { body }), campaignInWords);
}

/** Stops or resumes a campaign. Returns the exit code. */
export async function changeCampaign(
  act: 'stop' | 'resume',
  campaignId: string,
  options: CampaignOptions,
): Promise<number> {
  const call = await openOfficersApi(options);
  const name = act === 'stop' ? 'stopCampaign' : 'resumeCampaign';
  return printAnswer(options, await call(name, { parameters: { campaignId } }), campaignInWords);
}

/** Shows how one campaign stands, or lists the latest. Returns the exit code. */
export async function campaignStatus(
  campaignId: string | undefined,
  options: CampaignOptions,
): Promise<number> {
  const call = await openOfficersApi(options);
  if (campaignId !== undefined) {
    const campaign = await call('readCampaign', { parameters: { campaignId } });
    return printAnswer(options, campaign, campaignInWords);
  }
  return printAnswer(options, await call('listCampaigns'), ({ campaigns }) =>
    campaigns.length === 0 ? 'No campaign was started yet.' : campaignsInWords(campaigns),
  );
}

/** Compares the texted with the held out. Returns the exit code. */
export async function campaignEffect(
  campaignId: string,
  options: AudienceOptions,
): Promise<number> {
  const request = { act: 'effect', campaignId };
  const answer = await ask<EffectAnswer>(options, request);
  return printAnswer(options, answer, effectInWords);
}
