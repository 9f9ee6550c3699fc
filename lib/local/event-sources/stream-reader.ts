import type { StreamRecord } from './stream-record.ts';

export interface Shard {
  shardId: string;
  /** The shards that this one was split or merged from; they are read to their end first. */
  parentShardIds: readonly string[];
  /** True once nothing more can be written to it. */
  closed: boolean;
}

export type ShardPosition =
  | { type: 'TRIM_HORIZON' }
  | { type: 'LATEST' }
  | { type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'; sequenceNumber: string };

export interface ReadResult {
  records: StreamRecord[];
  /** Absent at the end of a closed shard. */
  nextIterator: string | undefined;
}

/** Reads the shards of one stream, whatever service it belongs to. */
export interface StreamReader {
  listShards(): Promise<Shard[]>;
  /** Returns an iterator for `read`. */
  open(shardId: string, position: ShardPosition): Promise<string>;
  /** @throws IteratorExpiredError when the shard has to be opened again */
  read(shardId: string, iterator: string, limit: number): Promise<ReadResult>;
}
