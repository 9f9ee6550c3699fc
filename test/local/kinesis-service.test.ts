import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
  type ShardIteratorType,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { parseSequenceNumber, sequenceNumbers } from '../../lib/local/streams/stream-sequence.ts';
import { type StreamServer, startStreamServer } from '../support/stream-server.ts';
import { type SmallAssembly, writeSmallAssembly } from './small-assembly.ts';

describe('Kinesis', () => {
  let assembly: SmallAssembly;
  let cloud: LocalCloud;
  let client: KinesisClient;
  /** An independent emulator, to agree with. */
  let other: StreamServer;
  let otherClient: KinesisClient;

  beforeAll(async () => {
    assembly = await writeSmallAssembly({
      resources: {
        Three: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'three', ShardCount: 3 } },
        One: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'one', ShardCount: 1 } },
      },
    });
    cloud = await startLocalCloud(assembly);
    other = await startStreamServer();
    await other.createStream('three', 3);
    client = new KinesisClient({
      endpoint: cloud.endpoint,
      region: cloud.region,
      credentials: cloud.credentials,
      maxAttempts: 1,
    });
    otherClient = new KinesisClient({
      endpoint: other.endpoint,
      region: cloud.region,
      credentials: cloud.credentials,
      requestHandler: new NodeHttpHandler(),
    });
  });

  afterAll(async () => {
    client?.destroy();
    otherClient?.destroy();
    await other?.close();
    await cloud?.close();
    await assembly?.remove();
  });

  const put = (to: KinesisClient, StreamName: string, keys: string[]) =>
    to.send(
      new PutRecordsCommand({
        StreamName,
        Records: keys.map((key, index) => ({ PartitionKey: key, Data: Buffer.from(`${index}`) })),
      }),
    );
  const read = async (
    type: ShardIteratorType,
    options: { StartingSequenceNumber?: string; Timestamp?: Date; Limit?: number } = {},
  ) => {
    const { Limit, ...from } = options;
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamName: 'one',
        ShardId: 'shardId-000000000000',
        ShardIteratorType: type,
        ...from,
      }),
    );
    return client.send(
      new GetRecordsCommand({ ShardIterator, ...(Limit === undefined ? {} : { Limit }) }),
    );
  };

  it('puts a key into the shard in which another emulator puts it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 40 }),
        async (keys) => {
          const shards = async (to: KinesisClient) =>
            (await put(to, 'three', keys)).Records?.map(({ ShardId }) => ShardId);
          expect(await shards(client)).toEqual(await shards(otherClient));
        },
      ),
      { numRuns: 15 },
    );
    const ranges = async (of: KinesisClient) =>
      (await of.send(new ListShardsCommand({ StreamName: 'three' }))).Shards?.map(
        ({ HashKeyRange }) => HashKeyRange,
      );
    expect(await ranges(client)).toEqual(await ranges(otherClient));
  });

  it('reads from everywhere an iterator can point to', async () => {
    const { Records = [] } = await put(client, 'one', ['a', 'b', 'c', 'd']);
    const second = Records[1]?.SequenceNumber ?? '';
    const keys = async (...args: Parameters<typeof read>) =>
      (await read(...args)).Records?.map(({ PartitionKey }) => PartitionKey);

    expect(await keys('TRIM_HORIZON')).toEqual(['a', 'b', 'c', 'd']);
    expect(await keys('TRIM_HORIZON', { Limit: 3 })).toEqual(['a', 'b', 'c']);
    expect(await keys('LATEST')).toEqual([]);
    expect(await keys('AT_SEQUENCE_NUMBER', { StartingSequenceNumber: second })).toEqual([
      'b',
      'c',
      'd',
    ]);
    expect(await keys('AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber: second })).toEqual([
      'c',
      'd',
    ]);
    expect(await keys('AT_TIMESTAMP', { Timestamp: new Date(Date.now() - 60_000) })).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
    expect((await read('TRIM_HORIZON')).MillisBehindLatest).toBe(0);
  });

  it('goes on with the iterator that a read gives', async () => {
    const first = await read('TRIM_HORIZON', { Limit: 1 });
    const rest = await client.send(
      new GetRecordsCommand({ ShardIterator: first.NextShardIterator }),
    );
    expect(rest.Records?.[0]?.PartitionKey).toBe('b');
    const numbers = [...(first.Records ?? []), ...(rest.Records ?? [])].map(
      (record) => record.SequenceNumber,
    );
    expect(numbers).toEqual([...numbers].sort());
  });

  it('fails single records of a call when a test plans it', async () => {
    const code = 'ProvisionedThroughputExceededException';
    cloud.faults.failNext('kinesis:PutRecords record', { code }, 2);
    const { FailedRecordCount, Records } = await put(client, 'one', ['x', 'y', 'z']);
    expect(FailedRecordCount).toBe(2);
    expect(Records?.map(({ ErrorCode }) => ErrorCode)).toEqual([code, code, undefined]);
  });

  it('refuses what Kinesis refuses', async () => {
    const many = Array.from({ length: 501 }, () => 'key');
    await expect(put(client, 'one', many)).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(put(client, 'none', ['a'])).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(client.send(new GetRecordsCommand({ ShardIterator: 'x' }))).rejects.toMatchObject({
      name: 'InvalidArgumentException',
    });
  });

  it('orders sequence numbers as text in the order of places, 56 digits each', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 36 }),
        fc.integer({ min: 0, max: 2 ** 36 }),
        fc.integer({ min: 0, max: 255 }),
        (left, right, shardIndex) => {
          const number = sequenceNumbers(shardIndex, 1_795_000_000_000);
          const [a, b] = [number(left, 1_795_000_000_000), number(right, 1_795_000_500_000)];
          expect(a).toHaveLength(56);
          expect(parseSequenceNumber(a)).toEqual({ shardIndex, place: left });
          if (left !== right) expect(a < b).toBe(left < right);
        },
      ),
    );
  });
});
