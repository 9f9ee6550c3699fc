import { createHash } from 'node:crypto';

const hashKeys = 2n ** 128n;

/** The hash keys that a shard takes, first to last. */
export function hashKeyRange(
  shardIndex: number,
  shardCount: number,
): { first: bigint; last: bigint } {
  const width = hashKeys / BigInt(shardCount);
  const first = width * BigInt(shardIndex);
  return { first, last: shardIndex === shardCount - 1 ? hashKeys - 1n : first + width - 1n };
}

/** The shard of a record: by the MD5 of its partition key, unless it brings a hash key. */
export function shardOfKey(
  partitionKey: string,
  explicitHashKey: string | undefined,
  shardCount: number,
): number {
  if (shardCount === 1) return 0;
  const hashKey =
    explicitHashKey === undefined
      ? BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`)
      : BigInt(explicitHashKey);
  const index = Number(hashKey / (hashKeys / BigInt(shardCount)));
  return Math.min(index, shardCount - 1);
}
