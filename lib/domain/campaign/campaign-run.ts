import { type Campaign, isExpired } from './campaign.ts';
import type { Exclusion } from './eligibility.ts';
import type { CampaignPlan } from './plan.ts';

/** A campaign begins with a small share of its people, and goes on with all of them when that went well. */
export const CAMPAIGN_STAGES = ['first', 'all'] as const;
export type CampaignStage = (typeof CAMPAIGN_STAGES)[number];

export const CAMPAIGN_STATES = ['running', 'stopped', 'done', 'failed'] as const;
export type CampaignState = (typeof CAMPAIGN_STATES)[number];

/** Where a campaign stands. */
export interface CampaignRun {
  readonly state: CampaignState;
  readonly stage: CampaignStage;
  /** 1 for the first start; every start and resumption is another run. */
  readonly run: number;
  /** Epoch ms at which each stage began: what its effect is counted from. */
  readonly since: { readonly [Stage in CampaignStage]?: number };
  /** Epoch ms, and by whom. */
  readonly changedAt: number;
  readonly changedBy: string;
  /** Set once the audience was drawn; from then on it is the same for ever. */
  readonly plan?: CampaignPlan;
}

/** What became of the people so far. A person is claimed before the text goes out, and counted again when it did. */
export interface CampaignCounts {
  readonly claimed: number;
  readonly sent: number;
  /** The carrier takes no text for the number. */
  readonly refused: number;
  readonly optedOut: number;
  /** Drawn to be texted, but not fit for it any more when their turn came. */
  readonly skipped: { readonly [Reason in Exclusion]?: number };
}

/** People who were claimed and of whom no end is known: on their way now, or lost to a crash. They are not texted again. */
export function uncertain({ claimed, optedOut, refused, sent }: CampaignCounts): number {
  return claimed - sent - refused - optedOut;
}

/** What is asked of a campaign cannot be done in the state that it is in; the message says what can. */
export class CampaignStateError extends Error {
  readonly code = 'CAMPAIGN_STATE';
  override readonly name = 'CampaignStateError';
}

/** There is no campaign of that name. */
export class NoCampaignError extends Error {
  readonly code = 'NO_CAMPAIGN';
  override readonly name = 'NoCampaignError';

  constructor(id: string) {
    super(`there is no campaign ${id}`);
  }
}

/** Who changes a campaign, and when (epoch ms). */
export interface Change {
  readonly by: string;
  readonly at: number;
}

function refuseExpired(campaign: Campaign, now: number): void {
  if (isExpired(campaign, now)) {
    throw new CampaignStateError(`${campaign.id} expired on ${campaign.expires}: nobody is texted`);
  }
}

/**
 * Starts a stage.
 *
 * @param known how the campaign stands; undefined for one that was never started
 * @throws {CampaignStateError}
 */
export function startStage(
  campaign: Campaign,
  known: { readonly campaign: Campaign; readonly run: CampaignRun } | undefined,
  stage: CampaignStage,
  { at, by }: Change,
): CampaignRun {
  refuseExpired(campaign, at);
  const { id } = campaign;
  if (known === undefined) {
    if (stage !== 'first') {
      throw new CampaignStateError(`${id} was not started yet: start it with --stage first`);
    }
    return { state: 'running', stage, run: 1, since: { first: at }, changedAt: at, changedBy: by };
  }
  if (JSON.stringify(known.campaign) !== JSON.stringify(campaign)) {
    throw new CampaignStateError(
      `${id} was started with another document: what people were told must stay known, so give the new one another id`,
    );
  }
  const { run } = known;
  if (stage === 'first' || run.stage === 'all') {
    throw new CampaignStateError(
      `this stage of ${id} was started before and is ${run.state}; to go on with it, use: forewarn campaign resume ${id}`,
    );
  }
  if (run.state !== 'done') {
    throw new CampaignStateError(
      `the first stage of ${id} is ${run.state}: all are texted only after it is done`,
    );
  }
  return {
    ...run,
    state: 'running',
    stage: 'all',
    run: run.run + 1,
    since: { ...run.since, all: at },
    changedAt: at,
    changedBy: by,
  };
}

/** Presses the stop button. @throws {CampaignStateError} */
export function stopRun({ id }: Campaign, run: CampaignRun, { at, by }: Change): CampaignRun {
  if (run.state !== 'running')
    throw new CampaignStateError(`${id} is not running, but ${run.state}`);
  return { ...run, state: 'stopped', changedAt: at, changedBy: by };
}

/**
 * Goes on with a stage that was stopped, or failed, or did not reach everybody. One that is running keeps its run, so
 * that a start that was lost between here and the workflow can be repeated.
 *
 * @throws {CampaignStateError}
 */
export function resumeRun(campaign: Campaign, run: CampaignRun, { at, by }: Change): CampaignRun {
  refuseExpired(campaign, at);
  if (run.state === 'running') return run;
  return { ...run, state: 'running', run: run.run + 1, changedAt: at, changedBy: by };
}

/** The workflow of a run came to its end; undefined where another run has begun or it was stopped. */
export function endRun(
  run: CampaignRun,
  ended: number,
  state: 'done' | 'failed',
  at: number,
): CampaignRun | undefined {
  if (run.run !== ended || run.state !== 'running') return undefined;
  return { ...run, state, changedAt: at };
}
