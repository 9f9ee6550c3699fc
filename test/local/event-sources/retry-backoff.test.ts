import { expect, it } from 'vitest';
import { retryBackoffMs } from '../../../lib/local/event-sources/retry-backoff.ts';

it('doubles from 50 ms up to a second', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 1000].map(retryBackoffMs)).toEqual([
    50, 100, 200, 400, 800, 1000, 1000, 1000,
  ]);
});
