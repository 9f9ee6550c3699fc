import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arrivalOf,
  compareSequenceNumbers,
  retryFrom,
  shardOf,
} from '../../../functions/adapters/stream-batch.ts';
import { kinesisRecord } from '../../support/in-memory-pipeline.ts';

describe('sequence numbers', () => {
  test('are ordered as the numbers that they are, up to 129 digits', () => {
    const sequenceNumber = fc.bigInt({ min: 0n, max: 10n ** 129n - 1n });
    const near = fc.tuple(sequenceNumber, fc.bigInt({ min: -20n, max: 20n }));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.tuple(sequenceNumber, sequenceNumber),
          near.map(([a, by]): [bigint, bigint] => [a, a + by < 0n ? 0n : a + by]),
        ),
        ([a, b]) => {
          const order = Math.sign(compareSequenceNumbers(String(a), String(b)));
          expect(order).toBe(a < b ? -1 : a > b ? 1 : 0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a record of a stream', () => {
  test('tells its shard and when it arrived', () => {
    const record = kinesisRecord('x', '42', 1_795_000_000_123);
    expect(shardOf(record)).toBe('shardId-000000000000');
    expect(arrivalOf(record)).toBe(1_795_000_000_123);
  });

  test('is named when the batch is wanted again from it on', () => {
    expect(retryFrom('42')).toEqual({ batchItemFailures: [{ itemIdentifier: '42' }] });
  });
});
