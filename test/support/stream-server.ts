import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** kinesalite comes without types. */
const kinesalite = createRequire(import.meta.url)('kinesalite') as (options: object) => Server;

/** A Kinesis of our own, in this process, without anything behind it. */
export interface StreamServer {
  readonly endpoint: string;
  /** Environment for processes that shall talk to it. */
  readonly environment: Readonly<Record<string, string>>;
  createStream(name: string, shards?: number): Promise<void>;
  /** All records of a stream, shard by shard. */
  readAll(name: string): Promise<{ shardId: string; partitionKey: string; data: Buffer }[]>;
  close(): Promise<void>;
}

export async function startStreamServer(): Promise<StreamServer> {
  const server = kinesalite({ createStreamMs: 0, deleteStreamMs: 0, shardLimit: 100 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: new NodeHttpHandler(),
  });
  return {
    endpoint,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    async createStream(name, shards = 2) {
      await client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
    },
    async readAll(name) {
      const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: name }));
      const read = Shards.map(({ ShardId = '' }) => readShard(client, name, ShardId));
      return (await Promise.all(read)).flat();
    },
    async close() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readShard(client: KinesisClient, stream: string, shardId: string) {
  const start = await client.send(
    new GetShardIteratorCommand({
      StreamName: stream,
      ShardId: shardId,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const records: { shardId: string; partitionKey: string; data: Buffer }[] = [];
  for (let next = start.ShardIterator; next !== undefined; ) {
    const output = await client.send(new GetRecordsCommand({ ShardIterator: next, Limit: 1000 }));
    for (const { PartitionKey = '', Data = new Uint8Array() } of output.Records ?? []) {
      records.push({ shardId, partitionKey: PartitionKey, data: Buffer.from(Data) });
    }
    if ((output.Records ?? []).length === 0) break;
    next = output.NextShardIterator;
  }
  return records;
}
