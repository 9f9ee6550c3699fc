import { expect, it } from 'vitest';
import { readLimit } from '../../../lib/local/event-sources/read-limit.ts';

it.each([
  ['asks for what the lanes take', 1000, 4, 0, 4000],
  ['asks for some more than tiny batches take', 1, 1, 0, 100],
  ['asks for no more than Kinesis gives', 10_000, 10, 0, 10_000],
  ['asks for about 10 MB of large records', 10_000, 1, 25 * 1024, 409],
  ['asks for some of the largest records too', 10_000, 1, 1024 * 1024, 100],
])('%s', (_, batchSize, lanes, averageBytes, expected) => {
  expect(readLimit(batchSize, lanes, averageBytes)).toBe(expected);
});
