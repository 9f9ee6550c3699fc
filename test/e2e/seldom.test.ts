import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { officersOfLocalCloud } from '../../bin/replay/officers-of-local-cloud.ts';
import {
  createLiveConnections,
  createLiveTickets,
} from '../../functions/adapters/live-connections.ts';
import { type OfficersClient, RefusedError } from '../../lib/api/officers-client.ts';
import { endOfCalls, MORNING, swindlerCalls } from './fraud-history.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

const DAY_MS = 86_400_000;
const PERSON = '+8613712340018';

let pipeline: LocalPipeline;
let officer: (name: string) => OfficersClient;
let dynamo: DynamoDBClient;
let firehose: FirehoseClient;
let kinesis: KinesisClient;
let lambda: LambdaClient;
let s3: S3Client;

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  officer = await officersOfLocalCloud(pipeline.cloud);
  const { credentials, endpoint, region } = pipeline.cloud;
  const config = { credentials, endpoint, region };
  dynamo = new DynamoDBClient(config);
  firehose = new FirehoseClient(config);
  kinesis = new KinesisClient(config);
  lambda = new LambdaClient(config);
  s3 = new S3Client({ ...config, forcePathStyle: true });
});

afterAll(async () => {
  for (const client of [dynamo, firehose, kinesis, lambda, s3]) client?.destroy();
  await pipeline?.close();
});

const output = (name: string) => pipeline.cloud.outputs[name] ?? '';
const soon = { timeout: 40_000, interval: 100 };

async function objects(bucket: string, Prefix: string): Promise<string[]> {
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: output(bucket), Prefix }));
  return (Contents ?? []).map(({ Key = '' }) => Key);
}

/** Of a call that is refused: why, in one word. */
async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  const error = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof RefusedError ? error.problem.type.split(':').at(-1) : String(error);
}

const openCase = (number: string) =>
  officer('desk-1')('openCase', {
    body: { number, kind: 'loan', tier: 'high', reason: 'the bank called' },
  });

/** Fails one request to a table as no client tries again. */
const failOnce = (action: `dynamodb:${string}`) =>
  pipeline.cloud.faults.failNext(action, { code: 'ValidationException' });

describe('what is given up', () => {
  test('lies in quarantine, by whoever had to read it', async () => {
    const garbage = Buffer.from('no frame at all');
    for (const stream of ['LegsStreamName', 'ExposuresStreamName']) {
      await kinesis.send(
        new PutRecordCommand({ StreamName: output(stream), PartitionKey: 'x', Data: garbage }),
      );
    }

    // Legs have two readers. A batch is tried fifty times, a second apart in the end, before it is given up.
    await expect
      .poll(async () => (await objects('QuarantineBucketName', 'aws/lambda/')).length, {
        ...soon,
        timeout: 110_000,
      })
      .toBe(3);
  });

  test('of the archive lies beside it', async () => {
    await firehose.send(
      new PutRecordBatchCommand({
        DeliveryStreamName: output('ArchiveDeliveryStreamName'),
        Records: [{ Data: Buffer.from('{"no": "call"}') }],
      }),
    );
    await pipeline.cloud.deliverBuffered();

    expect(await objects('ArchiveBucketName', 'failed/')).toHaveLength(1);
  });
});

describe('a person whose case is under way', () => {
  test('and who is deceived anew days later keeps that case: the new one is its duplicate', async () => {
    const callee = '13922229998';
    for (const [day, swindler] of ['13911110007', '13911110008'].entries()) {
      const from = MORNING + day * 3 * DAY_MS;
      const start = endOfCalls(14, from);
      await pipeline.push(swindlerCalls(swindler, 14, from));
      await pipeline.push([
        { callId: `long-${day}`, caller: swindler, callee, start, duration: 1_200 },
      ]);
      await pipeline.cloud.settled();
    }

    const items = await pipeline.scan('SubjectsTableName');
    const outcomes = items
      .filter(({ item }) => item?.S?.startsWith('CASE#'))
      .map(({ outcome }) => outcome?.S);
    expect(outcomes).toContain('duplicate');
    expect(outcomes).toContain(undefined);
  });
});

describe('officers', () => {
  let opened: ReturnType<typeof openCase> | undefined;
  const caseOfPerson = () => (opened ??= openCase(PERSON));

  test('find cases by district and by who closed them, and a station sees its neighbour’s tasks', async () => {
    await caseOfPerson();
    const ofDistrict = await officer('supervisor')('listCases', { query: { district: '510104' } });
    const ofOfficer = await officer('supervisor')('listCases', { query: { officer: 'desk-1' } });
    const { tasks } = await officer('station-jinjiang')('listTasks', {});

    // Nobody knows where she lives, and nobody has worked on her case yet.
    expect([ofDistrict.cases, ofOfficer.cases, tasks]).toEqual([[], [], []]);
  });

  test('of a station learn nothing of a case that is not theirs, nor hand tasks to nobody', async () => {
    const { caseId } = await caseOfPerson();
    const task = await vi.waitFor(async () => {
      const { tasks } = await officer('desk-1')('listTasks', {});
      const found = tasks.find((one) => one.caseId === caseId);
      expect(found).toBeDefined();
      return found;
    }, soon);
    const parameters = { taskId: task?.taskId ?? '' };
    await officer('desk-1')('claimTask', { parameters });

    const contact = { number: '+8613712340019', relation: 'daughter' };
    expect(
      await refusalOf(
        officer('station-jinjiang')('addContact', { parameters: { caseId }, body: contact }),
      ),
    ).toBe('not-found');
    expect(
      await refusalOf(
        officer('desk-1')('handOverTask', {
          parameters,
          body: { queue: 'station-nowhere', reason: 'moved' },
        }),
      ),
    ).toBe('bad-request');
  });

  test('may try again what failed here, in every function of the API', async () => {
    // Nobody else asks a table meanwhile.
    await pipeline.cloud.settled();
    const parameters = { taskId: 'case-of-nobody-1-1' };

    failOnce('dynamodb:GetItem');
    expect(await refusalOf(officer('desk-1')('claimTask', { parameters }))).toBe('internal');
    failOnce('dynamodb:Query');
    expect(await refusalOf(openCase('+8613712340021'))).toBe('internal');
    failOnce('dynamodb:BatchGetItem');
    const clue = officer('desk-1')('postClue', {
      body: { number: PERSON, kind: 'loan', when: '2026-11-02T09:00:00+08:00' },
    });
    expect(await refusalOf(clue)).toBe('internal');
  });

  test('whose page went away without a word are forgotten when something is to be told', async () => {
    const table = output('ConnectionsTableName');
    const tickets = createLiveTickets(dynamo, table, 'wss://nowhere');
    const supervisor = { name: 'supervisor', groups: ['supervisor' as const], districts: [] };
    const { url } = await tickets.createTicket(supervisor, Date.now());
    const connections = createLiveConnections(dynamo, table);
    const ticket = new URL(url).searchParams.get('ticket') ?? '';
    // Long connected: one that is just connecting is not forgotten.
    await connections.open(ticket, 'long-gone=', Date.now() - 50_000);
    expect(await connections.all(Date.now())).toHaveLength(1);
    await openCase('+8613712340020');

    await expect.poll(async () => (await connections.all(Date.now())).length, soon).toBe(0);
  });
});

describe('anybody', () => {
  test('sees how far an appeal has come', async () => {
    const { reference } = await officer('desk-1')('lodgeAppeal', {
      body: { number: PERSON, text: 'I only deliver parcels' },
    });

    expect(await officer('desk-1')('readAppeal', { parameters: { reference } })).toMatchObject({
      state: 'received',
    });
  });

  test('who may ask is told that nothing was decided about a number, which is not repeated', async () => {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({
        FunctionName: output('ExplainFunctionName'),
        Payload: JSON.stringify({ number: PERSON, purpose: 'an appeal', by: 'somebody' }),
      }),
    );
    const text = Buffer.from(Payload ?? []).toString('utf8');

    expect(FunctionError).toBeUndefined();
    expect(JSON.parse(text)).toMatchObject({ findings: [], decisions: [] });
    expect(text).not.toContain(PERSON.slice(3));
  });
});
