import { IteratorExpiredError } from '../../../lib/local/event-sources/event-source-errors.ts';
import type {
  ReadResult,
  Shard,
  ShardPosition,
  StreamReader,
} from '../../../lib/local/event-sources/stream-reader.ts';
import type { StreamRecord } from '../../../lib/local/event-sources/stream-record.ts';

interface StoredShard {
  parents: string[];
  closed: boolean;
  records: StreamRecord[];
}

/** What the tests put as a record's event. */
export interface TestRecord {
  sequenceNumber: string;
  key: string;
  value: string;
}

/** A stream in memory. Sequence numbers rise over the whole stream, and soon differ in length. */
export class InMemoryStream implements StreamReader {
  readonly shards = new Map<string, StoredShard>();
  readonly opened: { shardId: string; position: ShardPosition }[] = [];
  reads = 0;
  recordsRead = 0;
  /** Shards whose reads fail. */
  readonly failingShards = new Set<string>();
  /** Makes a listing take its time. */
  listDelay: () => Promise<void> = async () => undefined;
  /** Errors that the next reads throw. */
  readonly readErrors: Error[] = [];
  /** Errors that the next listings throw. */
  readonly listErrors: Error[] = [];
  #nextSequenceNumber = 7;

  constructor(...shardIds: string[]) {
    for (const shardId of shardIds) this.addShard(shardId);
  }

  addShard(shardId: string, ...parents: string[]): void {
    this.shards.set(shardId, { parents, closed: false, records: [] });
  }

  closeShard(shardId: string): void {
    this.#shard(shardId).closed = true;
  }

  put(shardId: string, key: string, value = '', arrivalMs = 0, bytes = 100): StreamRecord {
    const sequenceNumber = String(this.#nextSequenceNumber++);
    const record = {
      sequenceNumber,
      partitionKey: key,
      arrivalMs,
      bytes,
      event: { sequenceNumber, key, value } satisfies TestRecord,
    };
    this.#shard(shardId).records.push(record);
    return record;
  }

  async listShards(): Promise<Shard[]> {
    const error = this.listErrors.shift();
    if (error) throw error;
    await this.listDelay();
    return [...this.shards].map(([shardId, shard]) => ({
      shardId,
      parentShardIds: shard.parents,
      closed: shard.closed,
    }));
  }

  async open(shardId: string, position: ShardPosition): Promise<string> {
    this.opened.push({ shardId, position });
    const { records } = this.#shard(shardId);
    switch (position.type) {
      case 'TRIM_HORIZON':
        return '0';
      case 'LATEST':
        return String(records.length);
      case 'AT_SEQUENCE_NUMBER':
      case 'AFTER_SEQUENCE_NUMBER':
        return String(
          records.findIndex((record) => record.sequenceNumber === position.sequenceNumber) +
            (position.type === 'AFTER_SEQUENCE_NUMBER' ? 1 : 0),
        );
    }
  }

  async read(shardId: string, iterator: string, limit: number): Promise<ReadResult> {
    this.reads++;
    const error = this.readErrors.shift();
    if (error) throw error;
    if (this.failingShards.has(shardId)) throw new Error('throttled');
    const shard = this.#shard(shardId);
    const start = Number(iterator);
    const records = shard.records.slice(start, start + limit);
    const next = start + records.length;
    this.recordsRead += records.length;
    const ended = shard.closed && next === shard.records.length;
    return { records, nextIterator: ended ? undefined : String(next) };
  }

  /** The error of a shard iterator that is too old. */
  static expiredIterator(): Error {
    return new IteratorExpiredError('too old');
  }

  #shard(shardId: string): StoredShard {
    const shard = this.shards.get(shardId);
    if (!shard) throw new Error(`no shard ${shardId}`);
    return shard;
  }
}
