import { userInfo } from 'node:os';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { EffectAnswer } from '../../functions/campaign-audience/campaign-audience.ts';
import type { CampaignAnswer } from '../../functions/keep-campaign/keep-campaign.ts';
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
import type { CampaignOptions, ChangeOptions, StartCampaignOptions } from '../commands/campaign.ts';
import { UsageError } from '../exit-codes.ts';
import { readText } from '../input-file.ts';
import { printAnswer, remark } from '../terminal/print.ts';

type FunctionOutput = 'CampaignAudienceFunctionName' | 'CampaignFunctionName';

async function ask<Answer>(
  output: FunctionOutput,
  options: CampaignOptions,
  request: object,
): Promise<Answer> {
  const [functionName] = await stackOutputs(options, output);
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

const nameOf = ({ by }: ChangeOptions): string => by ?? userInfo().username;

/** Says whom a campaign would text, and texts nobody. Returns the exit code. */
export async function planCampaign(file: string, options: CampaignOptions): Promise<number> {
  const document = await documentIn(file);
  if (process.stderr.isTTY) remark('Reading the register; a million people take a minute…');
  const request = { act: 'plan', document };
  const plan = await ask<CampaignPlan>('CampaignAudienceFunctionName', options, request);
  return printAnswer(options, plan, planInWords);
}

function answerOne(options: CampaignOptions, { campaigns }: CampaignAnswer): number {
  return printAnswer(options, { campaigns }, (plain) =>
    plain.campaigns.map(campaignInWords).join('\n\n'),
  );
}

/** Starts a stage. Returns the exit code. */
export async function startCampaign(file: string, options: StartCampaignOptions): Promise<number> {
  const document = await documentIn(file);
  const request = { act: 'start', document, stage: options.stage, by: nameOf(options) };
  return answerOne(options, await ask<CampaignAnswer>('CampaignFunctionName', options, request));
}

/** Stops or resumes a campaign. Returns the exit code. */
export async function changeCampaign(
  act: 'stop' | 'resume',
  campaignId: string,
  options: ChangeOptions,
): Promise<number> {
  const request = { act, campaignId, by: nameOf(options) };
  return answerOne(options, await ask<CampaignAnswer>('CampaignFunctionName', options, request));
}

/** Shows how one campaign stands, or lists the latest. Returns the exit code. */
export async function campaignStatus(
  campaignId: string | undefined,
  options: CampaignOptions,
): Promise<number> {
  const request = { act: 'status', ...(campaignId !== undefined && { campaignId }) };
  const answer = await ask<CampaignAnswer>('CampaignFunctionName', options, request);
  if (campaignId !== undefined) return answerOne(options, answer);
  return printAnswer(options, answer, ({ campaigns }) =>
    campaigns.length === 0 ? 'No campaign was started yet.' : campaignsInWords(campaigns),
  );
}

/** Compares the texted with the held out. Returns the exit code. */
export async function campaignEffect(
  campaignId: string,
  options: CampaignOptions,
): Promise<number> {
  const request = { act: 'effect', campaignId };
  const answer = await ask<EffectAnswer>('CampaignAudienceFunctionName', options, request);
  return printAnswer(options, answer, effectInWords);
}
