import {
  type CampaignAnswer,
  type CampaignRequest,
  createCampaignKeeper,
} from '../../functions/adapters/campaign-keeper.ts';
import type { CampaignStore, StoredCampaign } from '../../functions/adapters/campaigns-table.ts';
import { keepCampaign } from '../../functions/keep-campaign/keep-campaign.ts';
import type { Campaign } from '../../lib/domain/campaign/campaign.ts';
import type { CampaignRun } from '../../lib/domain/campaign/campaign-run.ts';
import { aCampaign } from '../domain/campaign/a-campaign.ts';

/** The one campaign that is there from the start. */
export const RUNNING_CAMPAIGN = 'running-campaign';

/** Campaigns in memory, one of them running. */
export class InMemoryCampaigns implements CampaignStore {
  private readonly stored = new Map<string, StoredCampaign>();
  /** Names of the workflows that were started, and stopped. */
  readonly workflows: string[] = [];

  constructor() {
    void this.create(aCampaign({ id: RUNNING_CAMPAIGN }), {
      state: 'running',
      stage: 'first',
      run: 1,
      since: { first: 0 },
      changedAt: 0,
      changedBy: 'sun',
    });
  }

  async read(id: string) {
    return this.stored.get(id);
  }

  async *list() {
    yield* [...this.stored.keys()].reverse();
  }

  async create(campaign: Campaign, run: CampaignRun) {
    if (this.stored.has(campaign.id)) return false;
    const counts = { claimed: 0, sent: 0, refused: 0, optedOut: 0, skipped: {} };
    this.stored.set(campaign.id, { campaign, run, counts });
    return true;
  }

  async update(id: string, read: CampaignRun, run: CampaignRun) {
    const known = this.stored.get(id);
    if (known?.run !== read) return false;
    this.stored.set(id, { ...known, run });
    return true;
  }
}

/** Asks the function that keeps campaigns as the API does, as if Lambda stood between them. */
export function campaignsInMemory(
  campaigns: InMemoryCampaigns,
  request: CampaignRequest,
  now: () => number,
): Promise<CampaignAnswer> {
  const workflow = {
    send: async ({ input }: { input: { name?: string; executionArn?: string } }) => {
      campaigns.workflows.push(input.name ?? `stop ${input.executionArn?.split(':').pop()}`);
    },
  };
  const ports = { campaigns, workflow: workflow as never, stateMachineArn: 'sm', now };
  const lambda = {
    send: async ({ input }: { input: { Payload: string } }) => {
      try {
        const answer = await keepCampaign(JSON.parse(input.Payload), ports);
        return { Payload: Buffer.from(JSON.stringify(answer)) };
      } catch (error) {
        const { message, name } = error as Error;
        const failure = { errorType: name, errorMessage: message };
        return { FunctionError: 'Unhandled', Payload: Buffer.from(JSON.stringify(failure)) };
      }
    },
  };
  return createCampaignKeeper(lambda as never, 'keep-campaign')(request);
}
