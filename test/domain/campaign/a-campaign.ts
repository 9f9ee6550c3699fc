import { CAMPAIGN_SCHEMA, type Campaign } from '../../../lib/domain/campaign/campaign.ts';

/** A campaign as analysts write it, with what a test changes of it. */
export function aCampaign(changes: Partial<Campaign> = {}): Campaign {
  return {
    schema: CAMPAIGN_SCHEMA,
    id: 'fake-orders-2026-11',
    name: 'Fake orders before the shopping day',
    kind: 'fake-orders',
    texts: {
      'zh-CN': '【反诈中心】刷单返利都是诈骗：先垫付、再返利的兼职，请立即停止，告诉家人。',
      en: 'Anti-fraud centre: jobs that ask you to pay first and promise it back are fraud. Stop, and tell your family.',
    },
    districts: ['510104', '510105'],
    groups: ['students', 'parents'],
    withoutCareGroups: ['dementia'],
    author: 'Li Na, prevention desk',
    reason: 'Fake orders rose by half in two districts',
    holdOutShare: 0.1,
    firstStageShare: 0.01,
    quietHours: { from: '21:00', to: '08:00' },
    perSecond: 20,
    silence: { afterWarningDays: 7, afterContactDays: 14, afterNoticeDays: 30 },
    budget: { textsPerDay: 5_000, shareOfBurden: 0.3 },
    expires: '2026-12-31T00:00:00Z',
    ...changes,
  };
}
