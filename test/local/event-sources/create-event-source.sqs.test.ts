import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { buildApp } from 'fauxqs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEventSource } from '../../../lib/local/event-sources/create-event-source.ts';
import type {
  EventSourceDependencies,
  InvocationResult,
} from '../../../lib/local/event-sources/event-source.ts';
import type { EventSourceMappingProperties } from '../../../lib/local/event-sources/event-source-mapping-properties.ts';
import { onFailureDestination } from '../../../lib/local/event-sources/on-failure-destination.ts';
import { FUNCTION_ERROR, failedItems, SUCCESS } from './stream-event-source-factory.ts';

const DEADLINE = { timeout: 20_000, interval: 10 };
const app = buildApp({ logger: false, defaultRegion: 'us-east-1' });
let sqs: SQSClient;
let s3: S3Client;
let sns: SNSClient;

beforeAll(async () => {
  const endpoint = await app.listen({ port: 0, host: '127.0.0.1' });
  const settings = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  sqs = new SQSClient(settings);
  s3 = new S3Client({ ...settings, forcePathStyle: true });
  sns = new SNSClient(settings);
});

afterAll(async () => {
  for (const client of [sqs, s3, sns]) client.destroy();
  await app.close();
});

const queueArn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

async function createQueue(name: string, attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
  );
  return QueueUrl;
}

function dependencies(invoke: (payload: unknown) => InvocationResult): EventSourceDependencies {
  return {
    uuid: 'mapping',
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:send',
    region: 'us-east-1',
    clients: { sqs, s3, sns } as EventSourceDependencies['clients'],
    invoke: async (payload) => invoke(payload),
    now: Date.now,
    log: () => undefined,
    record: () => undefined,
  };
}

describe('a queue with a real client', () => {
  it('gets failed messages again after the visibility timeout, and only those', async () => {
    const url = await createQueue('retried', { VisibilityTimeout: '1' });
    const seen: string[] = [];
    const properties: EventSourceMappingProperties = {
      EventSourceArn: queueArn('retried'),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    };
    const source = createEventSource(
      properties,
      dependencies((payload) => {
        const { Records } = payload as SQSEvent;
        const failed = Records.filter(
          ({ body, attributes }) => body === 'a' && attributes.ApproximateReceiveCount === '1',
        );
        seen.push(...Records.map(({ body }) => body));
        return failedItems(...failed.map(({ messageId }) => messageId));
      }),
    );
    for (const body of ['a', 'b', 'c']) {
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    }
    source.start();
    await vi.waitFor(() => expect(seen).toHaveLength(4), DEADLINE);
    await source.stop();

    expect(seen.sort()).toEqual(['a', 'a', 'b', 'c']);
  });

  it('hands messages to the dead-letter queue when their receives are used up', async () => {
    const deadUrl = await createQueue('dead');
    const url = await createQueue('poisoned', {
      VisibilityTimeout: '0',
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: queueArn('dead'),
        maxReceiveCount: '2',
      }),
    });
    const source = createEventSource(
      { EventSourceArn: queueArn('poisoned') },
      dependencies(() => FUNCTION_ERROR),
    );
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'poison' }));
    source.start();
    await vi.waitFor(async () => {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: deadUrl }));
      expect(Messages?.map((message) => message.Body)).toEqual(['poison']);
    }, DEADLINE);
    await source.stop();
  });
});

describe('an on-failure destination with a real client', () => {
  const batch = {
    records: [
      { sequenceNumber: '1', partitionKey: 'k', arrivalMs: 0, bytes: 1, event: { data: 'kept' } },
    ],
    retries: 0,
    invocations: 1,
  };
  const discardTo = (destination: string) =>
    onFailureDestination(
      {
        EventSourceArn: 'stream',
        DestinationConfig: { OnFailure: { Destination: destination } },
      },
      { functionArn: 'function', kind: 'kinesis', streamArn: 'stream' },
      dependencies(() => SUCCESS),
    )(batch, 'RetryAttemptsExhausted', 'shardId-000000000000');

  it('keeps the whole event in a bucket', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'quarantine' }));
    await discardTo('arn:aws:s3:::quarantine');

    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'quarantine' }));
    const Key = Contents?.[0]?.Key;
    expect(Key).toMatch(/^aws\/lambda\/mapping\/shardId-000000000000\//);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'quarantine', Key }));
    const document = JSON.parse((await Body?.transformToString()) ?? '') as { payload: string };
    expect(JSON.parse(document.payload)).toEqual({ Records: [{ data: 'kept' }] });
  });

  it('describes the batch to a queue', async () => {
    const url = await createQueue('discarded');
    await discardTo(queueArn('discarded'));

    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url }));
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({
      KinesisBatchInfo: { batchSize: 1 },
    });
  });
});
