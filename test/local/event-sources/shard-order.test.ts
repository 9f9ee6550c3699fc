import { describe, expect, it } from 'vitest';
import { shardsToStart } from '../../../lib/local/event-sources/shard-order.ts';

const shard = (shardId: string, ...parentShardIds: string[]) => ({
  shardId,
  parentShardIds,
  closed: false,
});
const split = [shard('parent'), shard('left', 'parent'), shard('right', 'parent')];
const merge = [shard('left'), shard('right'), shard('child', 'left', 'right')];

describe('shardsToStart', () => {
  it.each<[string, typeof split, string[], string[], string[]]>([
    ['starts the parent only', split, [], [], ['parent']],
    ['waits while the parent is read', split, ['parent'], [], []],
    ['starts the children after the parent', split, ['parent'], ['parent'], ['left', 'right']],
    ['starts none twice', split, ['parent', 'left', 'right'], ['parent'], []],
    ['waits for both parents of a merge', merge, ['left', 'right'], ['left'], []],
    ['starts the child of a merge', merge, ['left', 'right'], ['left', 'right'], ['child']],
    ['does not wait for a parent that expired', [shard('child', 'gone')], [], [], ['child']],
  ])('%s', (_, shards, started, finished, expected) => {
    const toStart = shardsToStart(shards, new Set(started), new Set(finished));
    expect(toStart.map(({ shardId }) => shardId)).toEqual(expected);
  });
});
