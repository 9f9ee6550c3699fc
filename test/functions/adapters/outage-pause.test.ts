import type { Context } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { KinesisWriteError, TableError } from '../../../functions/adapters/errors.ts';
import { isOutage, pausingInOutage } from '../../../functions/adapters/outage-pause.ts';

const SHARD = { Records: [{ eventSource: 'aws:kinesis' }] };
const QUEUE = { Records: [{ eventSource: 'aws:sqs' }] };

const withLeft = (ms: number) => ({ getRemainingTimeInMillis: () => ms }) as Context;

/** A function whose calls end one after the other as given, and the pauses that it made. */
function pausing(outcomes: readonly unknown[]) {
  const pauses: number[] = [];
  const left = [...outcomes];
  const work = pausingInOutage(
    async (_event: object) => {
      const outcome = left.shift();
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    async (ms) => pauses.push(ms),
  );
  return { pauses, work };
}

const serverError = (name: string) => Object.assign(new Error(name), { name, $fault: 'server' });

describe('a function whose service is down', () => {
  test('waits longer each time in a row before it says so, and little again after a success', async () => {
    const down = new TableError('down');
    const outcomes = [down, down, down, ...Array(6).fill(down), { batchItemFailures: [] }, down];
    const { pauses, work } = pausing(outcomes);
    for (const outcome of outcomes) {
      const ended = work(SHARD, withLeft(60_000));
      if (outcome instanceof Error) await expect(ended).rejects.toBe(down);
      else await ended;
    }
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000, 250]);
  });

  test('waits when it names records for a retry, and answers with them', async () => {
    const named = { batchItemFailures: [{ itemIdentifier: '7' }] };
    const { pauses, work } = pausing([named]);
    expect(await work(SHARD, withLeft(60_000))).toBe(named);
    expect(pauses).toEqual([250]);
  });

  test('ends before its time is over', async () => {
    const { pauses, work } = pausing([new TableError('down'), new TableError('down')]);
    await expect(work(SHARD, withLeft(3_100))).rejects.toThrow('down');
    await expect(work(SHARD, withLeft(2_000))).rejects.toThrow('down');
    expect(pauses).toEqual([100]);
  });

  test('does not keep a queue waiting, nor a record that breaks it from being found', async () => {
    const { pauses, work } = pausing([new TableError('down'), new TypeError('poison')]);
    await expect(work(QUEUE, withLeft(60_000))).rejects.toThrow('down');
    await expect(work(SHARD, withLeft(60_000))).rejects.toThrow('poison');
    expect(pauses).toEqual([]);
  });

  test.each([
    [serverError('InternalServerError'), true],
    [Object.assign(new Error(), { name: 'ProvisionedThroughputExceededException' }), true],
    [Object.assign(new Error(), { name: 'ThrottlingException', $fault: 'client' }), true],
    [Object.assign(new Error(), { code: 'ECONNREFUSED' }), true],
    [new KinesisWriteError([1]), true],
    [new Error('wrapped', { cause: serverError('ServiceUnavailable') }), true],
    [Object.assign(new Error(), { name: 'ValidationException', $fault: 'client' }), false],
    [Object.assign(new Error(), { name: 'ConditionalCheckFailedException' }), false],
    [new RangeError('a bug'), false],
    ['a text', false],
  ])('knows an outage from what the batch is to blame for: %s', (error, expected) => {
    expect(isOutage(error)).toBe(expected);
  });
});
