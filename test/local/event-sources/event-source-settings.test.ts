import { describe, expect, it } from 'vitest';
import { parseEventSourceArn } from '../../../lib/local/event-sources/event-source-arn.ts';
import { InvalidEventSourceMappingError } from '../../../lib/local/event-sources/event-source-errors.ts';
import type { EventSourceMappingProperties } from '../../../lib/local/event-sources/event-source-mapping-properties.ts';
import {
  isEnabled,
  queueSettings,
  streamSettings,
} from '../../../lib/local/event-sources/event-source-settings.ts';

const STREAM = 'arn:aws:kinesis:us-east-1:123456789012:stream/calls';
const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-11-23T09:14:03.120';
const QUEUE = 'arn:aws-cn:sqs:cn-north-1:123456789012:retries';

const ofStream = (properties: Partial<EventSourceMappingProperties>, arn = STREAM) =>
  streamSettings(
    { EventSourceArn: arn, StartingPosition: 'LATEST', ...properties },
    parseEventSourceArn(arn),
  );
const ofQueue = (properties: Partial<EventSourceMappingProperties>, fifo = false) =>
  queueSettings({ EventSourceArn: QUEUE, ...properties }, { fifo });

describe('parseEventSourceArn', () => {
  it.each([
    [STREAM, { kind: 'kinesis', streamName: 'calls' }],
    [`${STREAM}/consumer/fast:1700000000`, { kind: 'kinesis', streamName: 'calls' }],
    [TABLE, { kind: 'dynamodb' }],
    [QUEUE, { kind: 'sqs', queueName: 'retries', fifo: false }],
    [`${QUEUE}.fifo`, { kind: 'sqs', queueName: 'retries.fifo', fifo: true }],
  ])('understands %s', (arn, expected) => {
    expect(parseEventSourceArn(arn)).toEqual({ arn, ...expected });
  });

  it.each([
    'arn:aws:kafka:us-east-1:123456789012:cluster/c',
    'arn:aws:dynamodb:us-east-1:123456789012:table/t',
    'arn:aws:kinesis:us-east-1:123456789012:stream/',
    'calls',
  ])('refuses %s', (arn) => {
    expect(() => parseEventSourceArn(arn)).toThrow(InvalidEventSourceMappingError);
  });
});

describe('streamSettings', () => {
  it("fills in AWS's defaults", () => {
    expect(ofStream({})).toEqual({
      batchSize: 100,
      batchingWindowMs: 0,
      startingPosition: 'LATEST',
      startingTimestampMs: 0,
      parallelizationFactor: 1,
      bisectBatchOnFunctionError: false,
      maximumRetryAttempts: Number.POSITIVE_INFINITY,
      maximumRecordAgeMs: Number.POSITIVE_INFINITY,
      reportBatchItemFailures: false,
      tumblingWindowMs: 0,
    });
  });

  it('takes -1 for no limit', () => {
    expect(ofStream({ MaximumRetryAttempts: -1, MaximumRecordAgeInSeconds: -1 })).toMatchObject({
      maximumRetryAttempts: Number.POSITIVE_INFINITY,
      maximumRecordAgeMs: Number.POSITIVE_INFINITY,
    });
  });

  it('takes over what is set, in milliseconds', () => {
    expect(
      ofStream({
        StartingPosition: 'AT_TIMESTAMP',
        StartingPositionTimestamp: 1_795_477_840,
        BatchSize: 10_000,
        MaximumBatchingWindowInSeconds: 300,
        ParallelizationFactor: 10,
        BisectBatchOnFunctionError: true,
        MaximumRetryAttempts: 0,
        MaximumRecordAgeInSeconds: 60,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      }),
    ).toEqual({
      batchSize: 10_000,
      batchingWindowMs: 300_000,
      startingPosition: 'AT_TIMESTAMP',
      startingTimestampMs: 1_795_477_840_000,
      parallelizationFactor: 10,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 0,
      maximumRecordAgeMs: 60_000,
      reportBatchItemFailures: true,
      tumblingWindowMs: 0,
    });
  });

  it.each<[string, Partial<EventSourceMappingProperties>, string?]>([
    ['a batch of nothing', { BatchSize: 0 }],
    ['a batch too large', { BatchSize: 10_001 }],
    ['a window too long', { MaximumBatchingWindowInSeconds: 301 }],
    ['too many lanes', { ParallelizationFactor: 11 }],
    ['half a lane', { ParallelizationFactor: 1.5 }],
    ['a record age under a minute', { MaximumRecordAgeInSeconds: 59 }],
    ['too many retries', { MaximumRetryAttempts: 10_001 }],
    ['lanes with a tumbling window', { ParallelizationFactor: 2, TumblingWindowInSeconds: 1 }],
    ['an unknown starting position', { StartingPosition: 'END' }],
    ['AT_TIMESTAMP without a time', { StartingPosition: 'AT_TIMESTAMP' }],
    [
      'AT_TIMESTAMP for a table stream',
      { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: 1 },
      TABLE,
    ],
  ])('refuses %s', (_, properties, arn) => {
    expect(() => ofStream(properties, arn)).toThrow(InvalidEventSourceMappingError);
  });
});

describe('queueSettings', () => {
  it("fills in AWS's defaults", () => {
    expect(ofQueue({})).toEqual({
      batchSize: 10,
      batchingWindowMs: 0,
      maximumConcurrency: 5,
      reportBatchItemFailures: false,
    });
  });

  it.each<[string, Partial<EventSourceMappingProperties>, boolean?]>([
    ['a large batch without a window', { BatchSize: 11 }],
    ['a large batch of a FIFO queue', { BatchSize: 11, MaximumBatchingWindowInSeconds: 1 }, true],
    ['a window for a FIFO queue', { MaximumBatchingWindowInSeconds: 1 }, true],
    ['a concurrency of 1', { ScalingConfig: { MaximumConcurrency: 1 } }],
  ])('refuses %s', (_, properties, fifo) => {
    expect(() => ofQueue(properties, fifo)).toThrow(InvalidEventSourceMappingError);
  });

  it('lets a large batch gather over a window', () => {
    expect(ofQueue({ BatchSize: 100, MaximumBatchingWindowInSeconds: 1 })).toMatchObject({
      batchSize: 100,
      batchingWindowMs: 1000,
    });
  });
});

describe('isEnabled', () => {
  it.each([
    [undefined, true],
    [true, true],
    [false, false],
  ])('reads %s as %s', (enabled, expected) => {
    const properties = {
      EventSourceArn: STREAM,
      ...(enabled !== undefined && { Enabled: enabled }),
    };
    expect(isEnabled(properties)).toBe(expected);
  });
});
