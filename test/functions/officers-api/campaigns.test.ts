import { describe, expect, test } from 'vitest';
import { aCampaign } from '../../domain/campaign/a-campaign.ts';
import { OfficersDesk, RUNNING_CAMPAIGN, SUPERVISOR } from '../../support/officers-desk.ts';

const start = (desk: OfficersDesk, body: object) =>
  desk.call('startCampaign', SUPERVISOR, { body });
const ofRunning = { parameters: { campaignId: RUNNING_CAMPAIGN } };

describe('A supervisor', () => {
  test('starts a campaign, and stands for it by the name in the token', async () => {
    const desk = new OfficersDesk();
    const { body, status } = await start(desk, { document: aCampaign(), stage: 'first' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ state: 'running', stage: 'first', run: 1, changedBy: 'sun' });
    expect(desk.campaigns.workflows).toEqual([`${aCampaign().id}-run-1`]);
    const { body: list } = await desk.call('listCampaigns', SUPERVISOR, {});
    expect(list).toMatchObject({ campaigns: [{ id: aCampaign().id }, { id: RUNNING_CAMPAIGN }] });
  });

  test('stops and resumes one, each with its workflow', async () => {
    const desk = new OfficersDesk();
    const stopped = await desk.call('stopCampaign', SUPERVISOR, ofRunning);
    expect(stopped.body).toMatchObject({ state: 'stopped' });
    const resumed = await desk.call('resumeCampaign', SUPERVISOR, ofRunning);
    expect(resumed.body).toMatchObject({ state: 'running', run: 2 });
    expect(desk.campaigns.workflows).toEqual([
      `stop ${RUNNING_CAMPAIGN}-run-1`,
      `${RUNNING_CAMPAIGN}-run-2`,
    ]);
  });

  test.each<[number, string, object]>([
    [409, 'not started yet', { document: aCampaign(), stage: 'all' }],
    [409, 'was started before', { document: aCampaign({ id: RUNNING_CAMPAIGN }), stage: 'first' }],
    [
      400,
      'a link or a number',
      { document: aCampaign({ texts: { 'zh-CN': 'www.example.org' } }), stage: 'first' },
    ],
  ])('is refused with %i where it is %s', async (status, words, body) => {
    const reply = await start(new OfficersDesk(), body);
    expect(reply.status).toBe(status);
    expect(String(reply.body.detail)).toContain(words);
  });

  test('hears that there is no such campaign, or that a document is not one', async () => {
    const desk = new OfficersDesk();
    const none = await desk.call('stopCampaign', SUPERVISOR, {
      parameters: { campaignId: 'none' },
    });
    expect(none.status).toBe(404);
    const { body, status } = await start(desk, { document: { id: 'x' }, stage: 'first' });
    expect(status).toBe(400);
    expect(JSON.stringify(body.faults)).toContain('document');
  });
});
