/**
 * Assigns a partition key to one of a shard's parallel lanes: the same key always to the same lane,
 * so that `ParallelizationFactor` keeps the order of each key's records.
 *
 * @returns a whole number from 0 to `lanes` - 1
 */
export function laneOfKey(partitionKey: string, lanes: number): number {
  if (lanes === 1) return 0;
  // FNV-1a: cheap, and it spreads keys that differ in their last digit only.
  let hash = 0x811c9dc5;
  for (let index = 0; index < partitionKey.length; index++) {
    hash = Math.imul(hash ^ partitionKey.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % lanes;
}
