import type { DatabaseSync } from 'node:sqlite';
import type { ShardPosition } from '../event-sources/stream-reader.ts';

/** Where reading of a shard goes on: at a position, or not at all once it was read to its end. */
export type ShardCheckpoint = ShardPosition | { type: 'END' };

/** How far one event source has come, by shard. */
export interface Checkpoints {
  read(shardId: string): ShardCheckpoint | undefined;
  write(shardId: string, checkpoint: ShardCheckpoint): void;
  /** Whether the event source has read anything in an earlier run. */
  any(): boolean;
}

/** @returns the checkpoints of an event source, by its UUID */
export function createCheckpoints(database: DatabaseSync): (uuid: string) => Checkpoints {
  database.exec(`
    CREATE TABLE IF NOT EXISTS checkpoints (
      source TEXT NOT NULL,
      shard TEXT NOT NULL,
      position TEXT NOT NULL,
      PRIMARY KEY (source, shard)
    ) WITHOUT ROWID`);
  const select = database.prepare(
    'SELECT position FROM checkpoints WHERE source = ? AND shard = ?',
  );
  const some = database.prepare('SELECT 1 FROM checkpoints WHERE source = ? LIMIT 1');
  const replace = database.prepare('INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)');
  return (uuid) => ({
    read(shardId) {
      const row = select.get(uuid, shardId);
      return row === undefined ? undefined : (JSON.parse(String(row.position)) as ShardCheckpoint);
    },
    write: (shardId, checkpoint) => void replace.run(uuid, shardId, JSON.stringify(checkpoint)),
    any: () => some.get(uuid) !== undefined,
  });
}
