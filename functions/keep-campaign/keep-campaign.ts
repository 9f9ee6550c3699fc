import {
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { CampaignView } from '../../lib/api/schemas.ts';
import { parseCampaign } from '../../lib/domain/campaign/campaign.ts';
import {
  CAMPAIGN_STAGES,
  type CampaignRun,
  type CampaignStage,
  CampaignStateError,
  type Change,
  endRun,
  NoCampaignError,
  resumeRun,
  startStage,
  stopRun,
  uncertain,
} from '../../lib/domain/campaign/campaign-run.ts';
import type { CampaignAnswer, CampaignRequest } from '../adapters/campaign-keeper.ts';
import { type CampaignStore, changeRun, type StoredCampaign } from '../adapters/campaigns-table.ts';

/** What the workflow is started with. */
export interface CampaignRunInput {
  readonly campaignId: string;
  readonly stage: CampaignStage;
  readonly run: number;
}

export interface KeepCampaignPorts {
  readonly campaigns: CampaignStore;
  readonly workflow: Pick<SFNClient, 'send'>;
  readonly stateMachineArn: string;
  /** Epoch ms. */
  readonly now: () => number;
}

/** The request cannot be answered as it stands. */
export class CampaignRequestError extends Error {
  readonly code = 'BAD_CAMPAIGN_REQUEST';
  override readonly name = 'CampaignRequestError';
}

/** Campaigns of a status without a name. */
const MOST_SHOWN = 20;
const LONGEST_NAME = 80;

function shown({ campaign, counts, run }: StoredCampaign): CampaignView {
  const { expires, id, kind, name } = campaign;
  return { id, name, kind, ...run, counts, uncertain: uncertain(counts), expires };
}

function requesterOf(by: unknown): string {
  if (typeof by !== 'string' || by.trim() === '' || by.length > LONGEST_NAME) {
    throw new CampaignRequestError(`who asks must be named, in at most ${LONGEST_NAME} characters`);
  }
  return by;
}

async function required(id: string, campaigns: CampaignStore): Promise<StoredCampaign> {
  const stored = await campaigns.read(String(id));
  if (stored === undefined) throw new NoCampaignError(id);
  return stored;
}

/** The workflow of a run bears the run's name: a second start is no start. */
function executionName(id: string, { run }: Pick<CampaignRun, 'run'>): string {
  return `${id}-run-${run}`;
}

async function startWorkflow(
  id: string,
  { run, stage }: CampaignRun,
  { stateMachineArn, workflow }: KeepCampaignPorts,
): Promise<void> {
  const input: CampaignRunInput = { campaignId: id, stage, run };
  try {
    await workflow.send(
      new StartExecutionCommand({
        stateMachineArn,
        name: executionName(id, { run }),
        input: JSON.stringify(input),
      }),
    );
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}

/** Ends the workflow of a run, with all that waits in it. What sends at this moment sees by itself that it was stopped. */
async function stopWorkflow(
  id: string,
  run: CampaignRun,
  by: string,
  { stateMachineArn, workflow }: KeepCampaignPorts,
): Promise<void> {
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${executionName(id, run)}`;
  try {
    await workflow.send(new StopExecutionCommand({ executionArn, cause: `stopped by ${by}` }));
  } catch (error) {
    if (!(error instanceof ExecutionDoesNotExist)) throw error;
  }
}

async function start(
  { document, stage }: Extract<CampaignRequest, { act: 'start' }>,
  change: Change,
  ports: KeepCampaignPorts,
): Promise<StoredCampaign> {
  const { campaigns } = ports;
  if (!CAMPAIGN_STAGES.includes(stage)) {
    throw new CampaignRequestError(`the stage is one of ${CAMPAIGN_STAGES.join(', ')}`);
  }
  const campaign = parseCampaign(document);
  const known = await campaigns.read(campaign.id);
  const run = startStage(campaign, known, stage, change);
  const isWritten =
    known === undefined
      ? await campaigns.create(campaign, run)
      : await campaigns.update(campaign.id, known.run, run);
  if (!isWritten) {
    throw new CampaignStateError(
      `somebody else changed ${campaign.id} at the same moment: look again`,
    );
  }
  // After the state: what the workflow does hangs on it. If it is not started now, resuming starts it.
  await startWorkflow(campaign.id, run, ports);
  return required(campaign.id, campaigns);
}

/** The latest campaigns, or the one that is named. */
async function status(id: string | undefined, campaigns: CampaignStore): Promise<StoredCampaign[]> {
  if (id !== undefined) return [await required(id, campaigns)];
  const found: StoredCampaign[] = [];
  for await (const listed of campaigns.list()) {
    if (found.length === MOST_SHOWN) break;
    const stored = await campaigns.read(listed);
    if (stored !== undefined) found.push(stored);
  }
  return found;
}

/**
 * Keeps campaigns: starts their stages, stops, resumes and ends them, and tells how they stand.
 *
 * @throws {CampaignError} {@link CampaignStateError} {@link CampaignRequestError}
 */
export async function keepCampaign(
  request: CampaignRequest,
  ports: KeepCampaignPorts,
): Promise<CampaignAnswer> {
  const { campaigns } = ports;
  const at = ports.now();
  switch (request.act) {
    case 'start': {
      const change = { at, by: requesterOf(request.by) };
      return { campaigns: [shown(await start(request, change, ports))] };
    }
    case 'stop': {
      const change = { at, by: requesterOf(request.by) };
      await required(request.campaignId, campaigns);
      const stopped = await changeRun(campaigns, request.campaignId, ({ campaign, run }) =>
        stopRun(campaign, run, change),
      );
      if (stopped !== undefined) {
        await stopWorkflow(request.campaignId, stopped.run, change.by, ports);
      }
      return { campaigns: [shown(await required(request.campaignId, campaigns))] };
    }
    case 'resume': {
      const change = { at, by: requesterOf(request.by) };
      await required(request.campaignId, campaigns);
      const resumed = await changeRun(campaigns, request.campaignId, ({ campaign, run }) =>
        resumeRun(campaign, run, change),
      );
      if (resumed !== undefined) await startWorkflow(request.campaignId, resumed.run, ports);
      return { campaigns: [shown(await required(request.campaignId, campaigns))] };
    }
    case 'status':
      return { campaigns: (await status(request.campaignId, campaigns)).map(shown) };
    case 'done':
    case 'failed':
      await changeRun(campaigns, request.campaignId, ({ run }) =>
        endRun(run, request.run, request.act, at),
      );
      return { campaigns: [] };
    default:
      throw new CampaignRequestError('a campaign is started, stopped, resumed, or looked at');
  }
}
