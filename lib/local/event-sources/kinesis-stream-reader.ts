import {
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  type Shard as KinesisShard,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis';
import type { EventOrigin } from './event-origin.ts';
import { IteratorExpiredError } from './event-source-errors.ts';
import { type KinesisRecord, kinesisStreamRecord } from './kinesis-event-record.ts';
import type { ReadResult, Shard, ShardPosition, StreamReader } from './stream-reader.ts';

/** Reads a Kinesis stream with the standard iterator. */
export class KinesisStreamReader implements StreamReader {
  readonly #client: KinesisClient;
  readonly #streamName: string;
  readonly #origin: EventOrigin;

  constructor(client: KinesisClient, streamName: string, origin: EventOrigin) {
    this.#client = client;
    this.#streamName = streamName;
    this.#origin = origin;
  }

  async listShards(): Promise<Shard[]> {
    const shards: Shard[] = [];
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        // A token already carries the stream's name.
        new ListShardsCommand(token ? { NextToken: token } : { StreamName: this.#streamName }),
      );
      shards.push(...(page.Shards ?? []).map(toShard));
      token = page.NextToken;
    } while (token);
    return shards;
  }

  async open(shardId: string, position: ShardPosition): Promise<string> {
    const { ShardIterator } = await this.#client.send(
      new GetShardIteratorCommand({
        StreamName: this.#streamName,
        ShardId: shardId,
        ShardIteratorType: position.type,
        ...('sequenceNumber' in position && {
          StartingSequenceNumber: position.sequenceNumber,
        }),
      }),
    );
    if (ShardIterator) return ShardIterator;
    throw new IteratorExpiredError(`Kinesis gave no iterator for ${shardId}`);
  }

  async read(shardId: string, iterator: string, limit: number): Promise<ReadResult> {
    try {
      const page = await this.#client.send(
        new GetRecordsCommand({ ShardIterator: iterator, Limit: limit }),
      );
      return {
        records: (page.Records ?? []).map((record) =>
          kinesisStreamRecord(record as KinesisRecord, shardId, this.#origin),
        ),
        nextIterator: page.NextShardIterator,
      };
    } catch (error) {
      if (error instanceof ExpiredIteratorException) {
        throw new IteratorExpiredError(`The iterator of ${shardId} expired`, { cause: error });
      }
      throw error;
    }
  }
}

function toShard(shard: KinesisShard): Shard {
  return {
    shardId: shard.ShardId ?? '',
    parentShardIds: [shard.ParentShardId, shard.AdjacentParentShardId].filter(
      (id) => id !== undefined && id !== null,
    ),
    closed: Boolean(shard.SequenceNumberRange?.EndingSequenceNumber),
  };
}
