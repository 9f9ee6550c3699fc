import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import type { EventSourceDependencies } from '../../../lib/local/event-sources/event-source.ts';
import { InvalidEventSourceMappingError } from '../../../lib/local/event-sources/event-source-errors.ts';
import { onFailureDestination } from '../../../lib/local/event-sources/on-failure-destination.ts';
import type { StreamBatch } from '../../../lib/local/event-sources/stream-batch.ts';

const origin = { functionArn: 'function', kind: 'kinesis', streamArn: 'stream' } as const;
const batch: StreamBatch = {
  records: [
    { sequenceNumber: '1', partitionKey: 'k', arrivalMs: 0, bytes: 1, event: { data: 'kept' } },
  ],
  retries: 2,
  invocations: 3,
};

async function discardTo(destination: string | undefined) {
  const sent: Record<string, unknown>[] = [];
  const client = {
    send: async (command: { input: Record<string, unknown> }) => {
      if ('QueueName' in command.input) return { QueueUrl: `url of ${command.input.QueueName}` };
      sent.push(command.input);
      return {};
    },
  };
  const logs: string[] = [];
  const dependencies = {
    uuid: 'mapping',
    clients: {
      sqs: client as unknown as SQSClient,
      sns: client as unknown as SNSClient,
      s3: client as unknown as S3Client,
    },
    now: () => Date.UTC(2026, 10, 23, 9, 14, 3),
    log: (line: string) => logs.push(line),
  } as unknown as EventSourceDependencies;
  const discard = onFailureDestination(
    {
      EventSourceArn: 'stream',
      ...(destination && { DestinationConfig: { OnFailure: { Destination: destination } } }),
    },
    origin,
    dependencies,
  );
  await discard(batch, 'RetryAttemptsExhausted', 'shardId-000000000000');
  return { sent, logs };
}

const parsed = (text: unknown) => JSON.parse(String(text)) as Record<string, unknown>;

describe('onFailureDestination', () => {
  it('sends a queue the description without the records', async () => {
    const { sent } = await discardTo('arn:aws:sqs:us-east-1:123456789012:dlq');
    expect(sent).toEqual([{ QueueUrl: 'url of dlq', MessageBody: expect.any(String) }]);
    expect(parsed(sent[0]?.MessageBody)).toMatchObject({
      KinesisBatchInfo: { batchSize: 1, shardId: 'shardId-000000000000' },
    });
    expect(sent[0]?.MessageBody).not.toContain('kept');
  });

  it('sends a topic the description without the records', async () => {
    const topic = 'arn:aws:sns:us-east-1:123456789012:alarms';
    const { sent } = await discardTo(topic);
    expect(sent).toEqual([{ TopicArn: topic, Message: expect.any(String) }]);
    expect(parsed(sent[0]?.Message)).toHaveProperty('KinesisBatchInfo.batchSize', 1);
    expect(sent[0]?.Message).not.toContain('kept');
  });

  it('writes a bucket the description and the whole event', async () => {
    const { sent } = await discardTo('arn:aws:s3:::quarantine');
    expect(sent).toEqual([
      {
        Bucket: 'quarantine',
        Key: expect.stringMatching(
          /^aws\/lambda\/mapping\/shardId-000000000000\/2026\/11\/23\/2026-11-23T09\.14\.03-[0-9a-f-]{36}$/,
        ),
        Body: expect.any(String),
      },
    ]);
    const document = parsed(sent[0]?.Body);
    expect(document).toHaveProperty('requestContext.condition', 'RetryAttemptsExhausted');
    expect(parsed(document.payload)).toEqual({ Records: [{ data: 'kept' }] });
  });

  it('only logs without a destination', async () => {
    const { sent, logs } = await discardTo(undefined);
    expect(sent).toEqual([]);
    expect(logs).toEqual(['discarded 1 records of shardId-000000000000: RetryAttemptsExhausted']);
  });

  it('refuses other services', async () => {
    await expect(discardTo('arn:aws:lambda:us-east-1:123456789012:function:f')).rejects.toThrow(
      InvalidEventSourceMappingError,
    );
  });
});
