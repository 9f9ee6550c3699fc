import type { Shard } from './stream-reader.ts';

/**
 * Chooses the shards that may be read now. After a split or merge the children wait until every
 * parent was read to its end and processed, or order would be lost across the reshard; a parent
 * that the stream no longer lists has expired and holds nobody back.
 */
export function shardsToStart(
  shards: readonly Shard[],
  started: ReadonlySet<string>,
  finished: ReadonlySet<string>,
): Shard[] {
  const listed = new Set(shards.map((shard) => shard.shardId));
  return shards.filter(
    (shard) =>
      !started.has(shard.shardId) &&
      shard.parentShardIds.every((parent) => !listed.has(parent) || finished.has(parent)),
  );
}
