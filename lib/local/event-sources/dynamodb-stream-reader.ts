import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  type Shard as DynamoDbShard,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import { dynamoDbStreamRecord } from './dynamodb-event-record.ts';
import type { EventOrigin } from './event-origin.ts';
import { IteratorExpiredError } from './event-source-errors.ts';
import type { ReadResult, Shard, ShardPosition, StreamReader } from './stream-reader.ts';

/** GetRecords of DynamoDB Streams takes no higher limit. */
const MAXIMUM_READ = 1000;

/** Reads the stream of a DynamoDB table. */
export class DynamoDbStreamReader implements StreamReader {
  readonly #client: DynamoDBStreamsClient;
  readonly #streamArn: string;
  readonly #origin: EventOrigin;

  constructor(client: DynamoDBStreamsClient, streamArn: string, origin: EventOrigin) {
    this.#client = client;
    this.#streamArn = streamArn;
    this.#origin = origin;
  }

  async listShards(): Promise<Shard[]> {
    const shards: Shard[] = [];
    let last: string | undefined;
    do {
      const { StreamDescription: page } = await this.#client.send(
        new DescribeStreamCommand({
          StreamArn: this.#streamArn,
          ...(last !== undefined && { ExclusiveStartShardId: last }),
        }),
      );
      shards.push(...(page?.Shards ?? []).map(toShard));
      last = page?.LastEvaluatedShardId;
    } while (last);
    return shards;
  }

  async open(shardId: string, position: ShardPosition): Promise<string> {
    const { ShardIterator } = await this.#client.send(
      new GetShardIteratorCommand({
        StreamArn: this.#streamArn,
        ShardId: shardId,
        ShardIteratorType: position.type,
        ...('sequenceNumber' in position && { SequenceNumber: position.sequenceNumber }),
      }),
    );
    if (ShardIterator) return ShardIterator;
    throw new IteratorExpiredError(`DynamoDB gave no iterator for ${shardId}`);
  }

  async read(shardId: string, iterator: string, limit: number): Promise<ReadResult> {
    try {
      const page = await this.#client.send(
        new GetRecordsCommand({ ShardIterator: iterator, Limit: Math.min(limit, MAXIMUM_READ) }),
      );
      return {
        records: (page.Records ?? []).map((record) => dynamoDbStreamRecord(record, this.#origin)),
        nextIterator: page.NextShardIterator,
      };
    } catch (error) {
      if (
        error instanceof ExpiredIteratorException ||
        error instanceof TrimmedDataAccessException
      ) {
        throw new IteratorExpiredError(`The iterator of ${shardId} expired`, { cause: error });
      }
      throw error;
    }
  }
}

function toShard(shard: DynamoDbShard): Shard {
  return {
    shardId: shard.ShardId ?? '',
    parentShardIds: shard.ParentShardId ? [shard.ParentShardId] : [],
    closed: Boolean(shard.SequenceNumberRange?.EndingSequenceNumber),
  };
}
