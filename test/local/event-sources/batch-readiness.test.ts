import { describe, expect, it } from 'vitest';
import {
  batchLength,
  MAXIMUM_PAYLOAD_BYTES,
  msUntilBatchIsDue,
} from '../../../lib/local/event-sources/batch-readiness.ts';

describe('msUntilBatchIsDue', () => {
  const limits = { batchSize: 10, batchingWindowMs: 5000 };
  const gathered = { count: 3, bytes: 300, sinceMs: 100_000, complete: false };

  it.each([
    ['waits out the window', gathered, 101_000, 4000],
    ['is due when the window is over', gathered, 105_000, 0],
    ['is due long after the window', gathered, 200_000, 0],
    ['is due when full', { ...gathered, count: 10 }, 100_000, 0],
    ['is due at 6 MB', { ...gathered, bytes: MAXIMUM_PAYLOAD_BYTES }, 100_000, 0],
    ['waits just below 6 MB', { ...gathered, bytes: MAXIMUM_PAYLOAD_BYTES - 1 }, 100_000, 5000],
    ['is due when nothing can follow', { ...gathered, complete: true }, 100_000, 0],
  ])('%s', (_, batch, nowMs, expected) => {
    expect(msUntilBatchIsDue(batch, limits, nowMs)).toBe(expected);
  });
});

describe('batchLength', () => {
  const half = MAXIMUM_PAYLOAD_BYTES / 2;
  it.each([
    ['takes all that fit', [1, 1, 1], 10, 3],
    ['stops at the batch size', [1, 1, 1], 2, 2],
    ['fills the payload exactly', [half, half, 1], 10, 2],
    ['stops before the payload limit', [half, half + 1], 10, 1],
    ['takes one record however large it is', [MAXIMUM_PAYLOAD_BYTES + 1, 1], 10, 1],
    ['takes nothing of nothing', [], 10, 0],
  ])('%s', (_, sizes, batchSize, expected) => {
    const records = sizes.map((bytes) => ({ bytes }));
    expect(batchLength(records, batchSize)).toBe(expected);
  });
});
