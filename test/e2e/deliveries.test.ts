import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCasesTable } from '../../functions/adapters/cases-table.ts';
import type { Sealer } from '../../functions/adapters/sealing.ts';
import { createTasksTable } from '../../functions/adapters/tasks-table.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { TableItem } from '../support/final-state.ts';
import { startForewarn } from '../support/run-forewarn.ts';
import { endOfCalls, swindlerCalls, targetNumber } from './fraud-history.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

const SWINDLER = '13911110009';
/** Calls enough for a swindler to be found out. */
const ENOUGH = 14;
/** People whom the swindler reached, by how their texts end. */
const ARRIVES = targetNumber(0);
const SPAM = targetNumber(3);
const ONCE_UNREACHABLE = targetNumber(6);
const UNREACHABLE = targetNumber(9);
const OPTED_OUT = targetNumber(12);
/** Kept on the line for long enough to have a case at once. */
const WITH_CASE = '13922229999';
const EVERYBODY = [ARRIVES, SPAM, ONCE_UNREACHABLE, UNREACHABLE, OPTED_OUT, WITH_CASE];

let pipeline: LocalPipeline;
let dynamo: DynamoDBClient;
let sealer: Sealer;
let folder: string;

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  const { credentials, endpoint, region } = pipeline.cloud;
  dynamo = new DynamoDBClient({ credentials, endpoint, region });
  sealer = await pipeline.sealer();
  folder = await mkdtemp(join(tmpdir(), 'forewarn-deliveries-'));

  // As shipped, with two seconds for five minutes.
  const shipped = loadDefaultPolicy();
  const file = join(folder, 'soon.json');
  const resendUnreachable = { times: 1, afterMinutes: 1 / 30 };
  const warnings = { ...shipped.warnings, resendUnreachable };
  const policy = { ...shipped, version: shipped.version + 1, author: 'test', warnings };
  await writeFile(file, JSON.stringify(policy));
  const args = ['policy', 'publish', file, '--stack', 'Forewarn-local'];
  expect(await startForewarn(args, pipeline.env).finished).toMatchObject({ code: 0 });

  const { inbox } = pipeline.cloud;
  inbox.letTextsEnd(`+86${SPAM}`, 'spam');
  inbox.letTextsEnd(`+86${ONCE_UNREACHABLE}`, 'unreachable', 1);
  inbox.letTextsEnd(`+86${UNREACHABLE}`, 'unreachable');
  inbox.letTextsEnd(`+86${OPTED_OUT}`, 'opted-out');
  inbox.letTextsEnd(`+86${WITH_CASE}`, 'blocked');
  const long = {
    callId: 'long',
    caller: SWINDLER,
    callee: WITH_CASE,
    start: endOfCalls(ENOUGH),
    duration: 1_200,
  };
  await pipeline.push(swindlerCalls(SWINDLER, ENOUGH));
  await pipeline.push([long]);
  await pipeline.cloud.settled();
});

afterAll(async () => {
  dynamo?.destroy();
  await pipeline?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

const output = (name: string) => pipeline.cloud.outputs[name] ?? '';

function tokenOf(number: string): string {
  const party = { kind: 'subscriber', number: `+86${number}` } as const;
  return sealer.seal([{ caller: party, callee: party, imei: undefined }])[0]?.caller ?? '';
}

/** The items of a person, by the beginnings of their names. */
async function itemsOf(number: string): Promise<Map<string, TableItem>> {
  const items = (await pipeline.scan('SubjectsTableName')).filter(
    ({ subject }) => subject?.S === tokenOf(number),
  );
  return new Map(items.map((item) => [item.item?.S?.split('#')[0] ?? '', item]));
}

const warningOf = async (number: string) => (await itemsOf(number)).get('WARNING');

async function caseOf(number: string) {
  const caseId = (await itemsOf(number)).get('CASE')?.item?.S?.slice('CASE#'.length) ?? '';
  const cases = createCasesTable(dynamo, output('CasesTableName'), 86_400);
  const tasks = createTasksTable(dynamo, output('TasksTableName'));
  const { events } = await cases.timeline(caseId);
  return {
    head: await cases.read(caseId),
    steps: (await tasks.ofCase(caseId)).map(({ step }) => step),
    texts: events.filter(({ kind }) => kind === 'text').map(({ details }) => details),
  };
}

const soon = { timeout: 25_000, interval: 200 };

describe('what became of a text', () => {
  test('is known of one that arrived, and costs the person nothing more', async () => {
    expect(await warningOf(ARRIVES)).toMatchObject({
      status: { S: 'sent' },
      delivery: { S: 'delivered' },
      carrier: { S: 'China Mobile' },
      priceUsd: { N: '0.02' },
    });
    expect((await itemsOf(ARRIVES)).has('CASE')).toBe(false);
  });

  test('opens a case for one that failed for good, in any tier, and the call desk has it', async () => {
    expect(await warningOf(SPAM)).toMatchObject({
      status: { S: 'undeliverable' },
      delivery: { S: 'failed' },
      deliveryReason: { S: 'spam' },
    });
    const { head, steps, texts } = await caseOf(SPAM);
    expect(head?.state).toBe('open');
    expect(steps).toEqual(['call']);
    expect(texts).toEqual([{ state: 'undeliverable', reason: 'spam' }]);
  });

  test('is news for a case that runs already', async () => {
    expect(await warningOf(WITH_CASE)).toMatchObject({ deliveryReason: { S: 'phone-blocked' } });
    const { head, texts } = await caseOf(WITH_CASE);
    expect(head?.heard.undeliverable).toBe('phone-blocked');
    expect(texts).toContainEqual({ state: 'undeliverable', reason: 'phone-blocked' });
  });

  test('is remembered of somebody who opted out', async () => {
    const items = await itemsOf(OPTED_OUT);
    expect(items.get('WARNING')).toMatchObject({
      status: { S: 'opted-out' },
      delivery: { S: 'opted-out' },
    });
    expect(items.has('OPTOUT')).toBe(true);
    expect((await caseOf(OPTED_OUT)).texts).toEqual([
      { state: 'undeliverable', reason: 'opted-out' },
    ]);
  });

  test('has a phone that was out of reach texted once more', async () => {
    const delivery = async () => (await warningOf(ONCE_UNREACHABLE))?.delivery?.S;
    await expect.poll(delivery, soon).toBe('delivered');
    const { dropped } = pipeline.cloud.inbox;
    const to = `+86${ONCE_UNREACHABLE}`;
    expect(pipeline.cloud.inbox.textsTo(to)).toHaveLength(1);
    expect(dropped.filter(({ phoneNumber }) => phoneNumber === to)).toHaveLength(1);
    expect((await itemsOf(ONCE_UNREACHABLE)).has('CASE')).toBe(false);
  });

  test('hands a phone that stays out of reach to people after the second text', async () => {
    const delivery = async () => (await warningOf(UNREACHABLE))?.delivery?.S;
    await expect.poll(delivery, soon).toBe('failed');
    await pipeline.cloud.settled();
    const { dropped } = pipeline.cloud.inbox;
    expect(dropped.filter(({ phoneNumber }) => phoneNumber === `+86${UNREACHABLE}`)).toHaveLength(
      2,
    );
    const { steps, texts } = await caseOf(UNREACHABLE);
    expect(steps).toEqual(['call']);
    expect(texts).toEqual([{ state: 'undeliverable', reason: 'unreachable' }]);
  });

  test('of another sender in the account is counted and changes nothing', async () => {
    const { credentials, endpoint, metrics, region } = pipeline.cloud;
    const sns = new SNSClient({ credentials, endpoint, region });
    const unknown = () => metrics.sum('DeliveryReportsEarly');
    const before = unknown();
    await sns.send(new PublishCommand({ PhoneNumber: '+8613900099999', Message: 'Your code: 1' }));
    sns.destroy();
    await pipeline.cloud.settled();
    expect(unknown()).toBe(before + 1);
  });

  test('is counted by reason, kind and carrier', () => {
    const { metrics } = pipeline.cloud;
    const failed = (dimensions: Record<string, string>) => metrics.sum('TextsFailed', dimensions);
    expect(failed({ reason: 'spam' })).toBe(1);
    expect(failed({ reason: 'unreachable' })).toBe(3);
    expect(failed({ reason: 'opted-out' })).toBe(1);
    expect(failed({ carrier: 'China Mobile' })).toBe(6);
    expect(metrics.sum('TextsDelivered', { carrier: 'China Mobile' })).toBe(2);
    expect(metrics.sum('TextsResent')).toBe(2);
    expect(metrics.values('TextDwellMs').length).toBe(2);
  });

  test('names nobody in any log line or any item', async () => {
    const items = [
      ...(await pipeline.scan('SubjectsTableName')),
      ...(await pipeline.scan('TasksTableName')),
    ];
    const clear = new RegExp([SWINDLER, ...EVERYBODY, '13900099999'].join('|'));
    expect(pipeline.logs.filter((line) => clear.test(line))).toEqual([]);
    expect(items.filter((item) => clear.test(JSON.stringify(item)))).toEqual([]);
  });
});
