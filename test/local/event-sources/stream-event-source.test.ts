import { describe, expect, it } from 'vitest';
import { MAXIMUM_PAYLOAD_BYTES } from '../../../lib/local/event-sources/batch-readiness.ts';
import { InMemoryStream } from './in-memory-stream.ts';
import {
  FUNCTION_ERROR,
  failedItems,
  SUCCESS,
  streamEventSourceFactory,
  type TestEvent,
  valuesOf,
} from './stream-event-source-factory.ts';

const batches = (events: readonly TestEvent[]) => events.map((event) => valuesOf(event.Records));

describe('batching', () => {
  it('invokes with what is there when there is no window', async () => {
    const { stream, source, events, settled } = streamEventSourceFactory({}, () => SUCCESS);
    for (const value of ['a', 'b', 'c']) stream.put('shard-0', 'k', value);

    source.start();
    await settled();

    expect(batches(events)).toEqual([['a', 'b', 'c']]);
    await source.stop();
  });

  it('never exceeds the batch size and keeps the order', async () => {
    const { stream, source, events, settled } = streamEventSourceFactory(
      { batchSize: 2 },
      () => SUCCESS,
    );
    for (const value of ['a', 'b', 'c', 'd', 'e']) stream.put('shard-0', 'k', value);

    source.start();
    await settled();

    expect(batches(events)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    await source.stop();
  });

  it('gathers over reads until the window is over', async () => {
    const { stream, source, events, time } = streamEventSourceFactory(
      { batchingWindowMs: 5000 },
      () => SUCCESS,
    );
    source.start();
    stream.put('shard-0', 'k', 'a');
    source.wake();
    await time.pass(2000);
    stream.put('shard-0', 'k', 'b');
    source.wake();
    await time.pass(2000);
    expect(events).toEqual([]);
    expect(source.activity().inFlight).toBe(1);

    await time.pass(2000);

    expect(batches(events)).toEqual([['a', 'b']]);
    await source.stop();
  });

  it('does not wait for the window when the batch is full', async () => {
    const { stream, source, events, time } = streamEventSourceFactory(
      { batchingWindowMs: 300_000, batchSize: 2 },
      () => SUCCESS,
    );
    for (const value of ['a', 'b', 'c']) stream.put('shard-0', 'k', value);

    source.start();
    await time.pass(2000);

    expect(batches(events)).toEqual([['a', 'b']]);
    await source.stop();
  });

  it('does not wait for the window when the payload reaches 6 MB, and stays below it', async () => {
    const { stream, source, events, time } = streamEventSourceFactory(
      { batchingWindowMs: 300_000 },
      () => SUCCESS,
    );
    for (const value of ['a', 'b', 'c']) {
      stream.put('shard-0', 'k', value, 0, MAXIMUM_PAYLOAD_BYTES * 0.4);
    }

    source.start();
    await time.pass(2000);

    expect(batches(events)).toEqual([['a', 'b']]);
    await source.stop();
  });

  it('reads at once when woken, and by itself when idle', async () => {
    const { stream, source, events, time } = streamEventSourceFactory({}, () => SUCCESS);
    source.start();
    await time.pass(2000);
    stream.put('shard-0', 'k', 'a');
    const wokenAt = time.now();
    source.wake();
    await time.until(() => events.length === 1);
    expect(time.now()).toBe(wokenAt);

    stream.put('shard-0', 'k', 'b');
    await time.until(() => events.length === 2, 1000);

    expect(batches(events)).toEqual([['a'], ['b']]);
    await source.stop();
  });

  it('polls an idle shard a few times a second only', async () => {
    const { stream, source, time } = streamEventSourceFactory({}, () => SUCCESS);
    source.start();
    await time.pass(10_000);
    expect(stream.reads).toBeLessThanOrEqual(50);
    await source.stop();
  });

  it('passes over records that the filter does not want', async () => {
    const { stream, source, events, settled } = streamEventSourceFactory({}, () => SUCCESS, {
      isWanted: (record) => record.partitionKey === 'wanted',
    });
    stream.put('shard-0', 'other', 'a');
    stream.put('shard-0', 'wanted', 'b');
    stream.put('shard-0', 'other', 'c');

    source.start();
    await settled();

    expect(batches(events)).toEqual([['b']]);
    await source.stop();
  });
});

describe('errors', () => {
  it('holds the shard back while it retries a failed batch', async () => {
    let failures = 2;
    const { stream, source, events, settled } = streamEventSourceFactory({ batchSize: 2 }, () =>
      failures-- > 0 ? FUNCTION_ERROR : SUCCESS,
    );
    for (const value of ['a', 'b', 'c']) stream.put('shard-0', 'k', value);

    source.start();
    await settled();

    expect(batches(events)).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
    await source.stop();
  });

  it('backs off between retries', async () => {
    const { stream, source, events, time } = streamEventSourceFactory({}, () => FUNCTION_ERROR);
    stream.put('shard-0', 'k', 'a');
    source.start();

    await time.pass(10_000);

    expect(source.activity().inFlight).toBe(1);
    expect(events.length).toBeLessThanOrEqual(15);
    await source.stop();
  });

  it('discards the batch after the last retry and goes on', async () => {
    const { stream, source, events, discarded, settled } = streamEventSourceFactory(
      { batchSize: 2, maximumRetryAttempts: 2 },
      (event) => (valuesOf(event.Records).includes('poison') ? FUNCTION_ERROR : SUCCESS),
    );
    for (const value of ['a', 'poison', 'c']) stream.put('shard-0', 'k', value);

    source.start();
    await settled();

    expect(batches(events)).toEqual([['a', 'poison'], ['a', 'poison'], ['a', 'poison'], ['c']]);
    expect(discarded).toEqual([
      {
        condition: 'RetryAttemptsExhausted',
        shardId: 'shard-0',
        values: ['a', 'poison'],
        invocations: 3,
      },
    ]);
    await source.stop();
  });

  it('isolates a poison record by bisecting, with all retries left for it', async () => {
    const { stream, source, discarded, events, settled } = streamEventSourceFactory(
      { maximumRetryAttempts: 1, bisectBatchOnFunctionError: true },
      (event) => (valuesOf(event.Records).includes('poison') ? FUNCTION_ERROR : SUCCESS),
    );
    for (const value of ['a', 'b', 'c', 'poison', 'e']) stream.put('shard-0', 'k', value);

    source.start();
    await settled();

    expect(discarded.map(({ values }) => values)).toEqual([['poison']]);
    expect(batches(events)).toEqual([
      ['a', 'b', 'c', 'poison', 'e'],
      ['a', 'b'],
      ['c', 'poison', 'e'],
      ['c'],
      ['poison', 'e'],
      ['poison'],
      ['poison'],
      ['e'],
    ]);
    await source.stop();
  });

  it('resumes from the lowest failed sequence number, by number and not by text', async () => {
    // The fake stream's sequence numbers here are 7, 8, 9, 10 and 11.
    let reported = false;
    const { stream, source, events, settled } = streamEventSourceFactory(
      { reportBatchItemFailures: true },
      () => {
        if (reported) return SUCCESS;
        reported = true;
        return failedItems('10', '9');
      },
    );
    for (const value of ['7', '8', '9', '10', '11']) stream.put('shard-0', 'k', value);

    source.start();
    await settled();

    expect(batches(events)).toEqual([
      ['7', '8', '9', '10', '11'],
      ['9', '10', '11'],
    ]);
    await source.stop();
  });

  it('ignores reported failures when the mapping does not ask for them', async () => {
    const { stream, source, events, settled } = streamEventSourceFactory({}, () =>
      failedItems('7'),
    );
    stream.put('shard-0', 'k', 'a');

    source.start();
    await settled();

    expect(events).toHaveLength(1);
    await source.stop();
  });

  it('keeps trying without using up retries while the function cannot be invoked', async () => {
    let throttles = 5;
    const { stream, source, discarded, events, settled } = streamEventSourceFactory(
      { maximumRetryAttempts: 0 },
      () => {
        if (throttles-- > 0) throw new Error('throttled');
        return SUCCESS;
      },
    );
    stream.put('shard-0', 'k', 'a');

    source.start();
    await settled();

    expect(discarded).toEqual([]);
    expect(events).toHaveLength(6);
    await source.stop();
  });

  it('discards records that grow too old while they are retried', async () => {
    const { stream, source, discarded, settled, time } = streamEventSourceFactory(
      { maximumRecordAgeMs: 60_000 },
      (event) => (valuesOf(event.Records).includes('poison') ? FUNCTION_ERROR : SUCCESS),
    );
    stream.put('shard-0', 'k', 'poison', time.now());

    source.start();
    await settled();

    expect(discarded).toEqual([
      expect.objectContaining({ condition: 'RecordAgeExceeded', values: ['poison'] }),
    ]);
    await source.stop();
  });

  it('never invokes with records that were too old to begin with', async () => {
    const { stream, source, discarded, events, settled, time } = streamEventSourceFactory(
      { maximumRecordAgeMs: 60_000 },
      () => SUCCESS,
    );
    stream.put('shard-0', 'k', 'old', time.now() - 61_000);
    stream.put('shard-0', 'k', 'new', time.now());

    source.start();
    await settled();

    expect(batches(events)).toEqual([['new']]);
    expect(discarded).toEqual([
      { condition: 'RecordAgeExceeded', shardId: 'shard-0', values: ['old'], invocations: 0 },
    ]);
    await source.stop();
  });

  it('offers a discarded batch again when the destination refuses it', async () => {
    let refusals = 2;
    const taken: number[] = [];
    const { stream, source, settled } = streamEventSourceFactory(
      { maximumRetryAttempts: 0 },
      () => FUNCTION_ERROR,
      {
        discard: async (batch) => {
          if (refusals-- > 0) throw new Error('no such bucket');
          taken.push(batch.records.length);
        },
      },
    );
    stream.put('shard-0', 'k', 'a');

    source.start();
    await settled();

    expect(taken).toEqual([1]);
    await source.stop();
  });

  it('says so when no destination takes a discarded batch', async () => {
    const { stream, source, logs, settled } = streamEventSourceFactory(
      { maximumRetryAttempts: 0 },
      () => FUNCTION_ERROR,
      { discard: () => Promise.reject(new Error('access denied')) },
    );
    stream.put('shard-0', 'k', 'a');

    source.start();
    await settled();

    expect(logs.at(-1)).toBe('lost 1 discarded records: no destination took them');
    await source.stop();
  });
});

describe('shards', () => {
  it('reads a shard again from where it was when its iterator expired', async () => {
    const { stream, source, events, settled } = streamEventSourceFactory({}, () => SUCCESS);
    stream.put('shard-0', 'k', 'a');
    source.start();
    await settled();

    stream.readErrors.push(InMemoryStream.expiredIterator());
    stream.put('shard-0', 'k', 'b');
    await settled();

    expect(batches(events)).toEqual([['a'], ['b']]);
    expect(stream.opened.at(-1)?.position).toEqual({
      type: 'AFTER_SEQUENCE_NUMBER',
      sequenceNumber: '7',
    });
    await source.stop();
  });

  it('survives failing reads and listings', async () => {
    const { stream, source, events, settled } = streamEventSourceFactory({}, () => SUCCESS);
    stream.listErrors.push(new Error('not there yet'), new Error('not there yet'));
    stream.readErrors.push(new Error('throttled'), new Error('throttled'));
    stream.put('shard-0', 'k', 'a');

    source.start();
    await settled();

    expect(batches(events)).toEqual([['a']]);
    await source.stop();
  });

  it('begins at the tip with LATEST, but reads shards that come later from their start', async () => {
    const { stream, source, events, settled } = streamEventSourceFactory(
      { startingPosition: 'LATEST' },
      () => SUCCESS,
    );
    stream.put('shard-0', 'k', 'before');
    source.start();
    await settled();

    stream.put('shard-0', 'k', 'last of parent');
    stream.closeShard('shard-0');
    stream.addShard('shard-1', 'shard-0');
    stream.put('shard-1', 'k', 'first of child');
    await settled();

    expect(batches(events)).toEqual([['last of parent'], ['first of child']]);
    await source.stop();
  });

  it('does not read closed shards at all with LATEST', async () => {
    const { stream, source, events, settled } = streamEventSourceFactory(
      { startingPosition: 'LATEST' },
      () => SUCCESS,
    );
    stream.put('shard-0', 'k', 'old');
    stream.closeShard('shard-0');
    stream.addShard('shard-1', 'shard-0');

    source.start();
    await settled();

    expect(events).toEqual([]);
    expect(stream.opened.map(({ shardId }) => shardId)).toEqual(['shard-1']);
    await source.stop();
  });

  it('starts the children of a split only when the parent is processed', async () => {
    let failures = 3;
    const { stream, source, events, settled } = streamEventSourceFactory({}, (event) =>
      valuesOf(event.Records).includes('parent') && failures-- > 0 ? FUNCTION_ERROR : SUCCESS,
    );
    stream.put('shard-0', 'k', 'parent');
    stream.closeShard('shard-0');
    stream.addShard('shard-1', 'shard-0');
    stream.addShard('shard-2', 'shard-0');
    stream.put('shard-1', 'k', 'child 1');
    stream.put('shard-2', 'l', 'child 2');

    source.start();
    await settled();

    expect(batches(events).flat()).toEqual([
      ...Array.from({ length: 4 }, () => 'parent'),
      'child 1',
      'child 2',
    ]);
    await source.stop();
  });

  it('starts the child of a merge only when both parents are processed', async () => {
    const { stream, source, events, settled } = streamEventSourceFactory({}, () => SUCCESS);
    stream.addShard('shard-1');
    stream.addShard('shard-2', 'shard-0', 'shard-1');
    stream.put('shard-2', 'k', 'child');
    stream.closeShard('shard-0');
    source.start();
    await settled();
    expect(events).toEqual([]);

    stream.put('shard-1', 'k', 'late parent');
    stream.closeShard('shard-1');
    await settled();

    expect(batches(events)).toEqual([['late parent'], ['child']]);
    await source.stop();
  });

  it('runs several batches of a shard at a time with a parallelization factor', async () => {
    let running = 0;
    let most = 0;
    const { stream, source, time, settled } = streamEventSourceFactory(
      { parallelizationFactor: 4, batchSize: 1 },
      async () => {
        most = Math.max(most, ++running);
        await time.sleep(100);
        running--;
        return SUCCESS;
      },
    );
    for (let key = 0; key < 40; key++) stream.put('shard-0', `key-${key}`, 'x');

    source.start();
    await settled();

    expect(most).toBe(4);
    await source.stop();
  });
});

describe('activity', () => {
  it('counts no empty pass while another shard still has news', async () => {
    const { stream, source, time } = streamEventSourceFactory({ batchSize: 1 }, async () => {
      await time.sleep(1000);
      return SUCCESS;
    });
    stream.addShard('shard-1');
    for (let index = 0; index < 5; index++) stream.put('shard-0', 'k', 'x');
    source.start();

    await time.pass(4000);
    expect(source.activity()).toMatchObject({ inFlight: expect.any(Number), batches: 3 });
    expect(source.activity().inFlight).toBeGreaterThan(0);
    await time.pass(4000);

    expect(source.activity()).toMatchObject({ inFlight: 0, batches: 5 });
    await source.stop();
  });

  it('counts a pass only when every shard had nothing since the last news', async () => {
    const { stream, source, time } = streamEventSourceFactory({}, () => SUCCESS);
    stream.addShard('shard-1');
    source.start();
    await time.until(() => source.activity().emptyPasses === 1);
    // Shard 1 fails to be read until shard 0, which was empty, had news.
    stream.failingShards.add('shard-1');
    await time.pass(2000);
    const { emptyPasses } = source.activity();
    stream.put('shard-0', 'k', 'news');
    await time.until(() => source.activity().batches === 1);
    stream.failingShards.clear();
    stream.failingShards.add('shard-0');
    await time.pass(5000);

    expect(source.activity().emptyPasses).toBe(emptyPasses);
    await source.stop();
  });

  it('counts no pass between the end of a shard and the start of its children', async () => {
    const { stream, source, time } = streamEventSourceFactory({}, () => SUCCESS);
    stream.addShard('shard-1');
    source.start();
    await time.until(() => source.activity().emptyPasses > 0);
    stream.listDelay = () => time.sleep(9000);
    stream.addShard('shard-2', 'shard-0');
    stream.closeShard('shard-0');
    await time.pass(1500);
    const { emptyPasses } = source.activity();
    await time.pass(4000);
    expect(source.activity().emptyPasses).toBe(emptyPasses);

    await time.until(() => source.activity().emptyPasses > emptyPasses);
    expect(stream.opened.map(({ shardId }) => shardId)).toContain('shard-2');
    await source.stop();
  });

  it('reads no further ahead than the next batches while the function is busy', async () => {
    const { stream, source, time } = streamEventSourceFactory({ batchSize: 10 }, async () => {
      await time.sleep(60_000);
      return SUCCESS;
    });
    for (let index = 0; index < 5000; index++) stream.put('shard-0', 'k', 'x');
    source.start();
    await time.pass(30_000);

    expect(stream.recordsRead).toBeLessThanOrEqual(300);
    const stopped = source.stop();
    await time.pass(40_000);
    await stopped;
  });

  it('waits for the running invocation on stop, and invokes no more', async () => {
    const { stream, source, events, time } = streamEventSourceFactory(
      { batchSize: 1 },
      async () => {
        await time.sleep(1000);
        return SUCCESS;
      },
    );
    stream.put('shard-0', 'k', 'a');
    stream.put('shard-0', 'k', 'b');
    source.start();
    await time.until(() => events.length === 1);

    let stopped = false;
    const stopping = source.stop().then(() => {
      stopped = true;
    });
    await time.pass(500);
    expect(stopped).toBe(false);
    await time.pass(600);
    await stopping;

    expect(events).toHaveLength(1);
  });
});

describe('tumbling windows', () => {
  const window = { tumblingWindowMs: 60_000 };
  const minute = Date.UTC(2026, 10, 23, 9, 14);

  it('carries the state over the batches of a window and ends it with a last invocation', async () => {
    const { stream, source, events, settled, time } = streamEventSourceFactory(
      { ...window, batchSize: 2 },
      (event) => ({ payload: { state: { count: Number(countOf(event)) + event.Records.length } } }),
    );
    for (const value of ['a', 'b', 'c']) stream.put('shard-0', 'k', value, minute + 1000);
    stream.put('shard-0', 'k', 'd', minute + 61_000);

    source.start();
    await settled();
    await time.pass(120_000);

    const first = { start: '2026-11-23T09:14:00Z', end: '2026-11-23T09:15:00Z' };
    const second = { start: '2026-11-23T09:15:00Z', end: '2026-11-23T09:16:00Z' };
    expect(
      events.map((event) => [
        valuesOf(event.Records).join(''),
        event.window,
        event.state,
        event.isFinalInvokeForWindow,
      ]),
    ).toEqual([
      ['ab', first, {}, false],
      ['c', first, { count: 2 }, false],
      ['', first, { count: 3 }, true],
      ['d', second, {}, false],
      ['', second, { count: 1 }, true],
    ]);
    await source.stop();
  });

  it('counts an answer without state as failed', async () => {
    const { stream, source, discarded, settled } = streamEventSourceFactory(
      { ...window, maximumRetryAttempts: 0 },
      () => SUCCESS,
    );
    stream.put('shard-0', 'k', 'a', minute);

    source.start();
    await settled();

    expect(discarded).toEqual([expect.objectContaining({ condition: 'RetryAttemptsExhausted' })]);
    await source.stop();
  });

  it('suspends the shard until the last invocation of a window succeeds', async () => {
    let failures = 3;
    const { stream, source, events, settled } = streamEventSourceFactory(window, (event) =>
      event.isFinalInvokeForWindow && failures-- > 0 ? FUNCTION_ERROR : { payload: { state: {} } },
    );
    stream.put('shard-0', 'k', 'a', minute);
    stream.put('shard-0', 'k', 'b', minute + 60_000);

    source.start();
    await settled();

    expect(batches(events).slice(0, 6)).toEqual([['a'], [], [], [], [], ['b']]);
    await source.stop();
  });

  it('ends a window early when its state exceeds 1 MB', async () => {
    const { stream, source, events, settled } = streamEventSourceFactory(window, (event) => ({
      payload: { state: event.isFinalInvokeForWindow ? {} : 'x'.repeat(1024 * 1024) },
    }));
    stream.put('shard-0', 'k', 'a', minute);

    source.start();
    await settled();

    expect(events.slice(0, 2).map((event) => event.isWindowTerminatedEarly)).toEqual([false, true]);
    await source.stop();
  });

  it('closes the window when the shard ends', async () => {
    const { stream, source, events, settled } = streamEventSourceFactory(window, () => ({
      payload: { state: 1 },
    }));
    stream.put('shard-0', 'k', 'a', minute + 1_000_000);
    stream.closeShard('shard-0');

    source.start();
    await settled();

    expect(events.map((event) => event.isFinalInvokeForWindow)).toEqual([false, true]);
    await source.stop();
  });
});

function countOf(event: TestEvent): unknown {
  return (event.state as { count?: number }).count ?? 0;
}
