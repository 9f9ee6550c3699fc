import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { KinesisStreamEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEventSource } from '../../../lib/local/event-sources/create-event-source.ts';
import type {
  EventSourceDependencies,
  InvocationResult,
} from '../../../lib/local/event-sources/event-source.ts';
import {
  InvalidEventSourceMappingError,
  InvalidFilterPatternError,
} from '../../../lib/local/event-sources/event-source-errors.ts';
import type { EventSourceMappingProperties } from '../../../lib/local/event-sources/event-source-mapping-properties.ts';
import { compareSequenceNumbers } from '../../../lib/local/event-sources/sequence-number.ts';
import { failedItems, SUCCESS } from './stream-event-source-factory.ts';

const kinesalite = createRequire(import.meta.url)('kinesalite') as (options: object) => Server;

const streamArn = (name: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
const DEADLINE = { timeout: 20_000, interval: 10 };

let server: Server;
let kinesis: KinesisClient;

beforeAll(async () => {
  server = kinesalite({ createStreamMs: 1, updateStreamMs: 1, shardLimit: 100 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  kinesis = new KinesisClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    // kinesalite speaks HTTP/1 only, and the default of this client is HTTP/2.
    requestHandler: new NodeHttpHandler(),
  });
});

afterAll(async () => {
  kinesis.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function untilActive(name: string): Promise<void> {
  await vi.waitFor(async () => {
    const { StreamDescriptionSummary: summary } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: name }),
    );
    expect(summary?.StreamStatus).toBe('ACTIVE');
  }, DEADLINE);
}

async function createStream(name: string, shards: number): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
  await untilActive(name);
}

async function put(name: string, keys: readonly string[], from = 0): Promise<void> {
  for (let start = 0; start < keys.length; start += 500) {
    const records = keys.slice(start, start + 500).map((key, index) => ({
      PartitionKey: key,
      Data: Buffer.from(JSON.stringify({ number: from + start + index })),
    }));
    await kinesis.send(new PutRecordsCommand({ StreamName: name, Records: records }));
  }
}

const numberIn = (data: string) =>
  (JSON.parse(Buffer.from(data, 'base64').toString()) as { number: number }).number;

function kinesisEventSource(
  name: string,
  properties: Partial<EventSourceMappingProperties>,
  invoke: (event: KinesisStreamEvent) => InvocationResult,
) {
  const logs: string[] = [];
  const measured: [string, Readonly<Record<string, string>>, number][] = [];
  const source = createEventSource(
    { EventSourceArn: streamArn(name), StartingPosition: 'TRIM_HORIZON', ...properties },
    {
      uuid: '0c8a6b2e-0000-4000-8000-000000000000',
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:intake',
      region: 'us-east-1',
      clients: { kinesis } as EventSourceDependencies['clients'],
      invoke: async (payload) => invoke(payload as KinesisStreamEvent),
      now: Date.now,
      log: (line) => logs.push(line),
      record: ({ dimensions, name }, value) => measured.push([name, dimensions, value]),
    },
  );
  return { source, logs, measured };
}

describe('with a real client and kinesalite', () => {
  it('delivers every record once, in the order of its key, over shards, lanes and failures', async () => {
    await createStream('ordered', 2);
    const keys = Array.from({ length: 2000 }, (_, index) => `key-${index % 37}`);
    await put('ordered', keys);
    const done: KinesisStreamEvent['Records'] = [];
    let invocations = 0;
    const { source } = kinesisEventSource(
      'ordered',
      {
        BatchSize: 100,
        ParallelizationFactor: 3,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
      ({ Records }) => {
        const middle = Math.floor(Records.length / 2);
        const failed = Records[middle];
        if (++invocations % 3 > 0 || !failed || middle === 0) {
          done.push(...Records);
          return SUCCESS;
        }
        done.push(...Records.slice(0, middle));
        return failedItems(failed.kinesis.sequenceNumber);
      },
    );
    source.start();
    await vi.waitFor(() => expect(done.length).toBeGreaterThanOrEqual(2000), DEADLINE);
    await vi.waitFor(() => expect(source.activity().emptyPasses).toBeGreaterThan(1), DEADLINE);
    await source.stop();

    expect(done).toHaveLength(2000);
    expect(done.map((record) => numberIn(record.kinesis.data)).sort((a, b) => a - b)).toEqual(
      keys.map((_, index) => index),
    );
    for (const key of new Set(keys)) {
      const ofKey = done.filter((record) => record.kinesis.partitionKey === key);
      const numbers = ofKey.map((record) => record.kinesis.sequenceNumber);
      expect(numbers).toEqual([...numbers].sort(compareSequenceNumbers));
    }
  });

  it('measures how old records are, and counts those that it gives up', async () => {
    await createStream('measured', 1);
    await put('measured', ['a', 'b']);
    const { measured, source } = kinesisEventSource(
      'measured',
      { MaximumRetryAttempts: 0, MetricsConfig: { Metrics: ['EventCount'] } },
      () => ({ payload: null, functionError: 'Unhandled' }),
    );
    source.start();
    const named = (wanted: string) => measured.filter(([name]) => name === wanted);
    await vi.waitFor(() => expect(named('DroppedEventCount')).toHaveLength(1), DEADLINE);
    await source.stop();
    expect(named('DroppedEventCount')).toEqual([
      ['DroppedEventCount', { EventSourceMappingUUID: expect.stringMatching(/^0c8a/) }, 2],
    ]);
    const [[, dimensions, age] = []] = named('IteratorAge');
    expect(dimensions).toEqual({ FunctionName: 'intake' });
    expect(age).toBeGreaterThanOrEqual(0);
  });

  it("shows the records' documented fields", async () => {
    await createStream('fields', 1);
    const before = Date.now() / 1000 - 1;
    await put('fields', ['a key']);
    const events: KinesisStreamEvent[] = [];
    const { source } = kinesisEventSource('fields', {}, (event) => {
      events.push(event);
      return SUCCESS;
    });
    source.start();
    await vi.waitFor(() => expect(events).toHaveLength(1), DEADLINE);
    await source.stop();

    const record = events[0]?.Records[0];
    expect(record).toMatchObject({
      eventID: `shardId-000000000000:${record?.kinesis.sequenceNumber}`,
      eventSourceARN: streamArn('fields'),
      invokeIdentityArn: 'arn:aws:iam::000000000000:role/intake',
      kinesis: { partitionKey: 'a key', data: Buffer.from('{"number":0}').toString('base64') },
    });
    expect(record?.kinesis.approximateArrivalTimestamp).toBeGreaterThan(before);
    expect(record?.kinesis.approximateArrivalTimestamp).toBeLessThan(before + 60);
  });

  it('reads on through a split, the parent first', async () => {
    await createStream('split', 1);
    const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`);
    await put('split', keys);
    const seen: { number: number; shard: string }[] = [];
    const { source } = kinesisEventSource('split', { BatchSize: 10 }, ({ Records }) => {
      for (const record of Records) {
        const [shard = ''] = record.eventID.split(':');
        seen.push({ number: numberIn(record.kinesis.data), shard });
      }
      return SUCCESS;
    });
    source.start();
    await vi.waitFor(() => expect(seen).toHaveLength(50), DEADLINE);
    const { Shards } = await kinesis.send(new ListShardsCommand({ StreamName: 'split' }));
    await kinesis.send(
      new SplitShardCommand({
        StreamName: 'split',
        ShardToSplit: Shards?.[0]?.ShardId,
        NewStartingHashKey: String(2n ** 127n),
      }),
    );
    await untilActive('split');
    await put('split', keys, 50);
    source.wake();
    await vi.waitFor(() => expect(seen).toHaveLength(100), DEADLINE);
    await source.stop();

    expect(new Set(seen.slice(50).map(({ shard }) => shard))).toEqual(
      new Set(['shardId-000000000001', 'shardId-000000000002']),
    );
    expect(seen.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, index) => index),
    );
  });

  it('passes over what is older than AT_TIMESTAMP', async () => {
    await createStream('timed', 1);
    await put('timed', ['old']);
    const startSeconds = Math.floor(Date.now() / 1000) + 1;
    await vi.waitFor(() => expect(Date.now() / 1000).toBeGreaterThan(startSeconds), DEADLINE);
    await put('timed', ['new'], 1);
    const seen: number[] = [];
    const { source } = kinesisEventSource(
      'timed',
      { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: startSeconds },
      ({ Records }) => {
        seen.push(...Records.map((record) => numberIn(record.kinesis.data)));
        return SUCCESS;
      },
    );
    source.start();
    await vi.waitFor(() => expect(source.activity().emptyPasses).toBeGreaterThan(0), DEADLINE);
    await source.stop();

    expect(seen).toEqual([1]);
  });

  it('waits for a stream that is not there yet', async () => {
    const seen: number[] = [];
    const { source, logs } = kinesisEventSource('late', {}, ({ Records }) => {
      seen.push(Records.length);
      return SUCCESS;
    });
    source.start();
    await vi.waitFor(() => expect(logs.length).toBeGreaterThan(0), DEADLINE);
    await createStream('late', 1);
    await put('late', ['key']);
    await vi.waitFor(() => expect(seen).toEqual([1]), DEADLINE);
    await source.stop();
    expect(logs[0]).toContain('could not list shards');
  });
});

describe('createEventSource', () => {
  it('reads nothing for a mapping that is not enabled, and is always at rest', async () => {
    const { source, logs } = kinesisEventSource('absent', { Enabled: false }, () => SUCCESS);
    source.start();
    source.wake();
    const before = source.activity();
    expect(before).toMatchObject({ inFlight: 0, batches: 0 });
    expect(source.activity().emptyPasses).toBeGreaterThan(before.emptyPasses);
    await source.stop();
    expect(logs).toEqual([]);
  });

  it('refuses what AWS would refuse, also for a mapping that is not enabled', () => {
    const create = (properties: Partial<EventSourceMappingProperties>) => () =>
      kinesisEventSource('any', { Enabled: false, ...properties }, () => SUCCESS);
    expect(create({ BatchSize: 0 })).toThrow(InvalidEventSourceMappingError);
    expect(
      create({ EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q', BatchSize: 11 }),
    ).toThrow(InvalidEventSourceMappingError);
    expect(create({ FilterCriteria: { Filters: [{ Pattern: '{"data":["x"]}' }] } })).toThrow(
      InvalidFilterPatternError,
    );
  });
});
