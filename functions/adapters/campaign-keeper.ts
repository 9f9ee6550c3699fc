import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { ProblemError } from '../../lib/api/problem.ts';
import type { CampaignView } from '../../lib/api/schemas.ts';
import type { CampaignStage } from '../../lib/domain/campaign/campaign-run.ts';

/** What is asked of a campaign. Who asks is kept with it, and logged. */
export type CampaignRequest =
  | {
      readonly act: 'start';
      readonly document: unknown;
      readonly stage: CampaignStage;
      readonly by: string;
    }
  | { readonly act: 'stop' | 'resume'; readonly campaignId: string; readonly by: string }
  /** One campaign, or the latest ones. */
  | { readonly act: 'status'; readonly campaignId?: string }
  /** By the workflow, at its end. */
  | { readonly act: 'done' | 'failed'; readonly campaignId: string; readonly run: number };

export interface CampaignAnswer {
  readonly campaigns: readonly CampaignView[];
}

/** Keeps campaigns: starts, stops and resumes them, and tells how they stand. @throws {ProblemError} */
export type KeepCampaigns = (request: CampaignRequest) => Promise<CampaignAnswer>;

/** The function that keeps campaigns failed. */
class CampaignKeeperError extends Error {
  readonly code = 'CAMPAIGN_KEEPER_FAILED';
  override readonly name = 'CampaignKeeperError';
}

/** What the function refuses, by the names of its errors; their messages are ours and say what can be done. */
function refusalOf(failure: { errorType?: unknown; errorMessage?: unknown }): Error | undefined {
  const message = String(failure.errorMessage);
  switch (failure.errorType) {
    case 'NoCampaignError':
      return new ProblemError('not-found', 'There is no such campaign.');
    case 'CampaignStateError':
      return new ProblemError('campaign-state', message);
    case 'CampaignError':
    case 'CampaignRequestError':
      return new ProblemError('bad-request', message);
    default:
      return undefined;
  }
}

/** Asks the function that may start the workflow of campaigns. */
export function createCampaignKeeper(client: LambdaClient, functionName: string): KeepCampaigns {
  return async (request) => {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
    );
    const text = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError === undefined) return JSON.parse(text) as CampaignAnswer;
    throw (
      refusalOf(JSON.parse(text)) ??
      new CampaignKeeperError('campaigns cannot be kept', { cause: text })
    );
  };
}
