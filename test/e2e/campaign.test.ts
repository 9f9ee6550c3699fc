import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AttributeValue, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askCampaigns } from '../../bin/campaign-asker.ts';
import { createRegisterAsker } from '../../bin/register-asker.ts';
import { LOCAL_STACK } from '../../bin/replay/local-stack.ts';
import { officersOfLocalCloud } from '../../bin/replay/officers-of-local-cloud.ts';
import type { CampaignAnswer } from '../../functions/adapters/campaign-keeper.ts';
import { type Sealer, sealNumber } from '../../functions/adapters/sealing.ts';
import type { EffectAnswer } from '../../functions/campaign-audience/campaign-audience.ts';
import type { OfficersClient } from '../../lib/api/officers-client.ts';
import type { CampaignView } from '../../lib/api/schemas.ts';
import type { Campaign } from '../../lib/domain/campaign/campaign.ts';
import { type Lot, lotOf } from '../../lib/domain/campaign/draw.ts';
import { NEW_SUBJECT, type SubjectState } from '../../lib/domain/subject/subject-state.ts';
import { aCampaign } from '../domain/campaign/a-campaign.ts';
import { type Finished, startForewarn } from '../support/run-forewarn.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

let pipeline: LocalPipeline;
let folder: string;
let sealer: Sealer;
let dynamo: DynamoDBClient;
let lambda: LambdaClient;
let officers: (name: string) => OfficersClient;

const UTC_OFFSET_MINUTES = 480;
const DAY_MS = 86_400_000;
/** Local time of the deployment, so many minutes from now. */
const clock = (minutes: number) =>
  new Date(Date.now() + (UTC_OFFSET_MINUTES + minutes) * 60_000).toISOString().slice(11, 16);
const AWAKE = () => ({ from: clock(600), to: clock(660) });
const numberOf = (index: number) => `+8613800${String(100_000 + index)}`;
const tokenOf = (index: number) =>
  sealNumber({ kind: 'subscriber', number: numberOf(index) }, sealer);

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  folder = await mkdtemp(join(tmpdir(), 'forewarn-campaign-'));
  sealer = await pipeline.sealer();
  const { credentials, endpoint, region } = pipeline.cloud;
  dynamo = new DynamoDBClient({ credentials, endpoint, region });
  lambda = new LambdaClient({ credentials, endpoint, region });
  officers = await officersOfLocalCloud(pipeline.cloud);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  dynamo?.destroy();
  lambda?.destroy();
  await pipeline?.close();
});

const outputOf = (name: string) => pipeline.cloud.outputs[name] ?? '';

/** The command line of an officer who is logged in. */
async function officer(user: string, ...args: string[]): Promise<Finished> {
  const { idToken } = await pipeline.cloud.tokensFor(outputOf('UserPoolClientId'), user);
  const env = { FOREWARN_API_URL: outputOf('OfficersApiUrl'), FOREWARN_ID_TOKEN: idToken };
  return startForewarn([...args, '--stack', LOCAL_STACK], env).finished;
}

function forewarn(...args: string[]): Promise<Finished> {
  return startForewarn([...args, '--stack', LOCAL_STACK], pipeline.env).finished;
}

interface Row {
  readonly index: number;
  readonly district?: string;
  readonly groups?: string;
  readonly consent?: string;
  readonly optedOut?: string;
}

const rowOf = ({
  consent = '2026-01-05',
  district = '510104',
  groups = 'students',
  index,
  optedOut = '',
}: Row) => ({
  number: numberOf(index),
  district,
  groups,
  consent,
  source: 'school form',
  language: '',
  optedOut,
});

async function importAudience(rows: readonly Row[]): Promise<void> {
  const asks = createRegisterAsker(lambda, outputOf('RegisterFunctionName'), 'audience', 'test');
  const answer = await asks({ act: 'import', rows: rows.map(rowOf) });
  expect(answer).toMatchObject({ taken: rows.length, rejected: [] });
}

async function put(item: Record<string, AttributeValue>): Promise<void> {
  const TableName = pipeline.cloud.outputs.SubjectsTableName;
  await dynamo.send(new PutItemCommand({ TableName, Item: item }));
}

const putState = (index: number, state: Partial<SubjectState>) =>
  put({
    subject: { S: tokenOf(index) },
    item: { S: 'STATE' },
    seq: { S: '1' },
    version: { S: '1' },
    state: { S: JSON.stringify({ ...NEW_SUBJECT, ...state }) },
  });

const ask = <Answer = CampaignAnswer>(request: object, output = 'CampaignFunctionName') =>
  askCampaigns<Answer>(lambda, outputOf(output), request);

async function statusOf(campaignId: string): Promise<CampaignView> {
  const [campaign] = (await ask({ act: 'status', campaignId })).campaigns;
  if (campaign === undefined) throw new Error(`there is no campaign ${campaignId}`);
  return campaign;
}

async function ended(campaignId: string): Promise<CampaignView> {
  await expect
    .poll(async () => (await statusOf(campaignId)).state, { timeout: 60_000, interval: 200 })
    .not.toBe('running');
  return statusOf(campaignId);
}

/** Texts by number, of those that say this. */
function textsSaying(message: string): Map<string, number> {
  const texts = new Map<string, number>();
  for (const text of pipeline.cloud.inbox.texts) {
    if (text.message !== message) continue;
    texts.set(text.phoneNumber, (texts.get(text.phoneNumber) ?? 0) + 1);
  }
  return texts;
}

const numbersOf = (indexes: readonly number[]) => indexes.map(numberOf).sort();
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('a campaign', () => {
  test('texts the first stage, then all, nobody twice, nobody held out, whatever is killed meanwhile', async () => {
    const people = range(0, 160);
    const left = {
      'consent-withdrawn': range(0, 8),
      'no-consent': range(8, 14),
      'other-group': range(14, 19),
      'texts-opted-out': range(19, 23),
      'warned-lately': range(23, 30),
      'contacted-lately': range(30, 33),
    };
    const ofPerson = (index: number): Row => ({
      index,
      ...(left['consent-withdrawn'].includes(index) && { optedOut: '2026-03-01' }),
      ...(left['no-consent'].includes(index) && { consent: '' }),
      ...(left['other-group'].includes(index) && { groups: 'elderly;staff' }),
    });
    const rows = [...people.map(ofPerson), { index: 900, district: '510199' }].map(rowOf);
    const audience = join(folder, 'audience.csv');
    const lines = rows.map((row) => Object.values(row).join(','));
    await writeFile(audience, `${[Object.keys(rows[0] ?? {}).join(','), ...lines].join('\n')}\n`);
    const imported = await forewarn('register', 'import', 'audience', audience);
    expect(imported).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${rows.length} rows`),
    });
    // Loaded again without the opt-outs: nobody gets a text by that.
    await importAudience(left['consent-withdrawn'].map((index) => ({ index })));
    const now = Date.now();
    for (const index of left['texts-opted-out']) {
      await put({ subject: { S: tokenOf(index) }, item: { S: 'OPTOUT' }, since: { N: `${now}` } });
    }
    for (const index of left['warned-lately']) {
      const at = Math.floor((now - 2 * DAY_MS) / 1000);
      await putState(index, { warnings: [{ id: `w${index}`, at }] });
    }
    for (const index of left['contacted-lately']) {
      const [id, subject] = [`case-${index}`, tokenOf(index)];
      await putState(index, { episode: { ordinal: 1, tier: 'high', caseId: id } });
      await put({ subject: { S: subject }, item: { S: `CASE#${id}` }, status: { S: 'open' } });
    }
    const campaign = aCampaign({
      districts: ['510104'],
      holdOutShare: 0.2,
      firstStageShare: 0.1,
      quietHours: AWAKE(),
      perSecond: 50,
      expires: new Date(now + DAY_MS).toISOString(),
    });
    const out = new Set(Object.values(left).flat());
    const eligible = people.filter((index) => !out.has(index));
    const lots = Map.groupBy(eligible, (index): Lot => lotOf(campaign, tokenOf(index)));
    const [first = [], rest = [], heldOut = []] = (['first', 'rest', 'held-out'] as const).map(
      (lot) => lots.get(lot),
    );
    const file = join(folder, 'campaign.json');
    await writeFile(file, JSON.stringify(campaign));

    const planned = await forewarn('campaign', 'plan', file, '--json');
    expect(planned.stderr).toBe('');
    const plan = JSON.parse(planned.stdout);
    expect(plan).toMatchObject({
      listed: people.length,
      lots: { first: first.length, rest: rest.length, 'held-out': heldOut.length },
      excluded: Object.fromEntries(
        Object.entries(left).map(([reason, indexes]) => [reason, indexes.length]),
      ),
      texts: first.length + rest.length,
    });
    expect(pipeline.cloud.inbox.texts).toHaveLength(0);

    const body = { document: campaign, stage: 'first' } as const;
    await expect(officers('analyst')('startCampaign', { body })).rejects.toThrow('supervisor');
    const all = { body: { ...body, stage: 'all' } } as const;
    await expect(officers('supervisor')('startCampaign', all)).rejects.toThrow('--stage first');
    const started = await officer('supervisor', 'campaign', 'start', file);
    expect(started).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('stage first, run 1'),
    });
    const message = campaign.texts['zh-CN'] ?? '';
    expect(await ended(campaign.id)).toMatchObject({
      state: 'done',
      counts: { claimed: first.length, sent: first.length, skipped: {} },
    });
    expect([...textsSaying(message).keys()].sort()).toEqual(numbersOf(first));

    // Between the stages somebody changes his mind, and somebody is warned.
    const [leaving = 0, warned = 0] = rest.slice(-2);
    await importAudience([{ index: leaving, optedOut: '2026-11-20' }]);
    await putState(warned, { warnings: [{ id: 'w', at: Math.floor(now / 1000) }] });
    expect(await officers('supervisor')('startCampaign', all)).toMatchObject({
      stage: 'all',
      changedBy: 'supervisor',
    });
    const name = Object.keys(pipeline.cloud.usedActions()).find((one) =>
      one.includes('SendNotices'),
    );
    await expect
      .poll(() => textsSaying(message).size, { timeout: 30_000, interval: 5 })
      .toBeGreaterThan(first.length + 20);
    const killed = pipeline.cloud.killFunction(name ?? '');
    expect(killed).toBeGreaterThan(0);
    const done = await ended(campaign.id);
    const texts = textsSaying(message);
    expect([...texts.values()].filter((times) => times > 1)).toEqual([]);
    expect(numbersOf(heldOut).filter((number) => texts.has(number))).toEqual([]);
    expect(done.counts.skipped).toEqual({ 'consent-withdrawn': 1, 'warned-lately': 1 });
    // Whoever was claimed when a function was killed is counted, and never texted a second time.
    expect(done.uncertain).toBeLessThanOrEqual(killed);
    const fit = [...first, ...rest].filter((index) => index !== leaving && index !== warned);
    expect(done.counts.claimed).toBe(fit.length);
    const missing = numbersOf(fit).filter((number) => !texts.has(number));
    expect(missing.length).toBeLessThanOrEqual(done.uncertain);
    expect(done.counts.sent + done.uncertain).toBe(fit.length);

    // Started once more, or resumed: nobody is left.
    await ask({ act: 'resume', campaignId: campaign.id, by: 'test' });
    await ended(campaign.id);
    expect(textsSaying(message)).toEqual(texts);

    // Two of the held out, and one of the texted, meet a swindler afterwards.
    const start = Math.floor(Date.now() / 1000) + 60;
    for (const index of [heldOut[0] ?? 0, heldOut[1] ?? 0, first[0] ?? 0]) {
      const exposure = { caller: 'c', call: index, start, duration: 600, answered: true };
      await putState(index, { exposures: [exposure] });
    }
    const { effect } = await ask<EffectAnswer>(
      { act: 'effect', campaignId: campaign.id },
      'CampaignAudienceFunctionName',
    );
    expect(effect).toMatchObject({
      people: { texted: first.length + rest.length, heldOut: heldOut.length },
      exposed: { texted: 1, heldOut: 2 },
    });
    expect(effect.talkMinutes.heldOut).toBeCloseTo((20 / heldOut.length) * 1_000);
    const said = await forewarn('campaign', 'effect', campaign.id);
    // The verdict is the lots' and with so few people chance's.
    expect(said.stdout).toContain(`drawn to be texted, ${heldOut.length} held out`);

    expect(pipeline.logs.filter((line) => line.includes('13800100'))).toEqual([]);
    const stored = JSON.stringify(await pipeline.scan('CampaignsTableName'));
    expect(stored).not.toContain('13800100');
  }, 180_000);

  const start = (campaign: Campaign, stage = 'first') =>
    ask({ act: 'start', document: campaign, stage, by: 'test' });

  test('stops within a batch when the button is pressed, and goes on when it is resumed', async () => {
    const people = range(1_000, 1_030);
    await importAudience(people.map((index) => ({ index, district: '510107' })));
    const text = '防骗提醒：凡是先交钱的贷款都是诈骗。';
    const campaign = aCampaign({
      id: 'stopped',
      texts: { 'zh-CN': text },
      districts: ['510107'],
      holdOutShare: 0.01,
      firstStageShare: 0.98,
      quietHours: AWAKE(),
      perSecond: 8,
      expires: new Date(Date.now() + DAY_MS).toISOString(),
    });
    await start(campaign);
    await expect
      .poll(() => textsSaying(text).size, { timeout: 30_000, interval: 10 })
      .toBeGreaterThan(2);
    await ask({ act: 'stop', campaignId: campaign.id, by: 'test' });
    // Only who was being texted at that moment.
    const atStop = textsSaying(text).size;
    await pipeline.cloud.settled();
    expect(textsSaying(text).size).toBeLessThanOrEqual(atStop + 1);
    expect(textsSaying(text).size).toBeLessThan(people.length / 2);
    expect(await statusOf(campaign.id)).toMatchObject({ state: 'stopped', uncertain: 0 });

    await ask({ act: 'resume', campaignId: campaign.id, by: 'test' });
    const done = await ended(campaign.id);
    const texts = textsSaying(text);
    expect(done).toMatchObject({ state: 'done', run: 2, uncertain: 0 });
    expect([...texts.values()].every((times) => times === 1)).toBe(true);
    expect(texts.size).toBe(done.plan?.lots.first);
  }, 60_000);

  test('waits in quiet hours, and for the next day when the budget is used up', async () => {
    const people = range(2_000, 2_030);
    await importAudience(people.map((index) => ({ index, district: '510108' })));
    const text = '防骗提醒：公检法不会在电话里办案。';
    const night = aCampaign({
      id: 'quiet',
      texts: { 'zh-CN': text },
      districts: ['510108'],
      holdOutShare: 0.01,
      firstStageShare: 0.98,
      quietHours: { from: clock(-60), to: clock(60) },
      expires: new Date(Date.now() + DAY_MS).toISOString(),
    });
    await start(night);
    // At rest, because it waits.
    await expect
      .poll(async () => (await statusOf(night.id)).plan?.listed, { timeout: 20_000 })
      .toBe(people.length);
    await pipeline.cloud.settled();
    expect(textsSaying(text).size).toBe(0);
    expect((await statusOf(night.id)).state).toBe('running');
    await ask({ act: 'stop', campaignId: night.id, by: 'test' });

    const scarce = aCampaign({
      ...night,
      id: 'scarce',
      quietHours: AWAKE(),
      budget: { textsPerDay: 5, shareOfBurden: 0.3 },
    });
    await start(scarce);
    await expect.poll(() => textsSaying(text).size, { timeout: 20_000 }).toBe(5);
    await pipeline.cloud.settled();
    expect(textsSaying(text).size).toBe(5);
    expect(await statusOf(scarce.id)).toMatchObject({ state: 'running', counts: { sent: 5 } });
    await ask({ act: 'stop', campaignId: scarce.id, by: 'test' });

    // Who had a notice of one campaign gets none of another.
    const other = aCampaign({
      ...scarce,
      id: 'other',
      budget: { textsPerDay: 100, shareOfBurden: 0.3 },
    });
    await start(other);
    const done = await ended(other.id);
    expect(done.plan?.excluded['noticed-lately']).toBe(5);
    expect([...textsSaying(text).values()].every((times) => times === 1)).toBe(true);
  }, 60_000);
});
