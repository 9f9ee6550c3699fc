import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { CampaignEffect } from '../../lib/domain/campaign/effect.ts';
import type { CampaignMeasure } from '../../lib/study/measures/study-measures.ts';
import type { KeepCampaigns } from './campaign-keeper.ts';

/** The functions that keep campaigns, and that count what became of their people. */
export interface CampaignFunctions {
  readonly keep: KeepCampaigns;
  readonly client: Pick<LambdaClient, 'send'>;
  readonly audienceFunction: string;
  readonly onFailure: (message: string, details: object) => void;
}

interface EffectAnswer {
  readonly since: number;
  readonly effect: CampaignEffect;
}

/**
 * The effects of the campaigns that changed since then. One that cannot be counted, since its audience is not drawn
 * yet, is told to `onFailure` and left out: the others' are worth having.
 *
 * @param since epoch ms
 */
export async function campaignEffects(
  { audienceFunction, client, keep, onFailure }: CampaignFunctions,
  since: number,
): Promise<CampaignMeasure[]> {
  const { campaigns } = await keep({ act: 'status' });
  const measured: CampaignMeasure[] = [];
  for (const { changedAt, id, name } of campaigns) {
    if (changedAt < since) continue;
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({
        FunctionName: audienceFunction,
        Payload: JSON.stringify({ act: 'effect', campaignId: id }),
      }),
    );
    const text = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError !== undefined) {
      onFailure('the effect of a campaign is not known', { campaign: id, answer: text });
      continue;
    }
    const { effect, since: from } = JSON.parse(text) as EffectAnswer;
    measured.push({ id, name, since: from, effect });
  }
  return measured.toSorted((a, b) => b.since - a.since);
}
