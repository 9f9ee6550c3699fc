import { ProblemError } from '../../lib/api/problem.ts';
import type { CampaignView } from '../../lib/api/schemas.ts';
import type { CampaignAnswer } from '../adapters/campaign-keeper.ts';
import type { Servers } from '../adapters/http-api/answer-request.ts';
import type { OfficersPorts } from './officers-ports.ts';

type CampaignEndpoints =
  | 'listCampaigns'
  | 'readCampaign'
  | 'startCampaign'
  | 'stopCampaign'
  | 'resumeCampaign';

function only({ campaigns: [campaign] }: CampaignAnswer): CampaignView {
  if (campaign === undefined) throw new ProblemError('not-found', 'There is no such campaign.');
  return campaign;
}

/** The calls about campaigns: who starts or stops one is who the token names. */
export function campaignServers({
  campaigns,
}: Pick<OfficersPorts, 'campaigns'>): Servers<CampaignEndpoints> {
  return {
    async listCampaigns() {
      return { campaigns: [...(await campaigns({ act: 'status' })).campaigns] };
    },
    async readCampaign({ parameters: { campaignId } }) {
      return only(await campaigns({ act: 'status', campaignId }));
    },
    async startCampaign({ body: { document, stage }, officer }) {
      return only(await campaigns({ act: 'start', document, stage, by: officer.name }));
    },
    async stopCampaign({ officer, parameters: { campaignId } }) {
      return only(await campaigns({ act: 'stop', campaignId, by: officer.name }));
    },
    async resumeCampaign({ officer, parameters: { campaignId } }) {
      return only(await campaigns({ act: 'resume', campaignId, by: officer.name }));
    },
  };
}
