import { expect, it } from 'vitest';
import {
  onFailureDocument,
  onFailureObjectKey,
} from '../../../lib/local/event-sources/on-failure-document.ts';
import type { StreamBatch } from '../../../lib/local/event-sources/stream-batch.ts';

const origin = {
  functionArn: 'arn:aws:lambda:us-east-2:123456789012:function:myfunction',
  kind: 'kinesis',
  shardId: 'shardId-000000000001',
  streamArn: 'arn:aws:kinesis:us-east-2:123456789012:stream/mystream',
} as const;

const batch: StreamBatch = {
  records: [
    { sequenceNumber: '9', arrivalMs: Date.UTC(2019, 10, 14, 0, 38, 4, 835) },
    { sequenceNumber: '10', arrivalMs: Date.UTC(2019, 10, 14, 0, 38, 5, 580) },
  ].map((record) => ({ ...record, partitionKey: 'k', bytes: 1, event: {} })),
  retries: 0,
  invocations: 1,
  functionError: 'Unhandled',
};
const nowMs = Date.UTC(2019, 10, 14, 0, 38, 6, 21);

it('describes a discarded Kinesis batch as the developer guide does', () => {
  expect(onFailureDocument(batch, 'RetryAttemptsExhausted', origin, 'c9b8fa9f', nowMs)).toEqual({
    requestContext: {
      requestId: 'c9b8fa9f',
      functionArn: 'arn:aws:lambda:us-east-2:123456789012:function:myfunction',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 1,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      functionError: 'Unhandled',
    },
    version: '1.0',
    timestamp: '2019-11-14T00:38:06.021Z',
    KinesisBatchInfo: {
      shardId: 'shardId-000000000001',
      startSequenceNumber: '9',
      endSequenceNumber: '10',
      approximateArrivalOfFirstRecord: '2019-11-14T00:38:04.835Z',
      approximateArrivalOfLastRecord: '2019-11-14T00:38:05.580Z',
      batchSize: 2,
      streamArn: 'arn:aws:kinesis:us-east-2:123456789012:stream/mystream',
    },
  });
});

it('names the batch of a table stream differently', () => {
  const table = { ...origin, kind: 'dynamodb' } as const;
  const document = onFailureDocument(batch, 'RetryAttemptsExhausted', table, 'id', nowMs);
  expect(document).toHaveProperty('DDBStreamBatchInfo.batchSize', 2);
  expect(document).not.toHaveProperty('KinesisBatchInfo');
});

it('has no response for records that were never sent to the function', () => {
  const unsent = { ...batch, invocations: 0 };
  expect(onFailureDocument(unsent, 'RecordAgeExceeded', origin, 'id', nowMs)).toMatchObject({
    requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 },
    responseContext: null,
  });
});

it('names the object by mapping, shard and time', () => {
  expect(onFailureObjectKey('esm-uuid', 'shardId-000000000001', nowMs, 'random')).toBe(
    'aws/lambda/esm-uuid/shardId-000000000001/2019/11/14/2019-11-14T00.38.06-random',
  );
});
