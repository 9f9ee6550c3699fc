import { describe, expect, it } from 'vitest';
import type { InvocationResult } from '../../../lib/local/event-sources/event-source.ts';
import type { QueueSettings } from '../../../lib/local/event-sources/event-source-settings.ts';
import { QueueEventSource } from '../../../lib/local/event-sources/queue-event-source.ts';
import type { QueueReader } from '../../../lib/local/event-sources/queue-reader.ts';
import {
  type SqsEventRecord,
  sqsEventRecord,
} from '../../../lib/local/event-sources/sqs-event-record.ts';
import { FUNCTION_ERROR, failedItems, SUCCESS } from './stream-event-source-factory.ts';
import { VirtualTime } from './virtual-time.ts';

const VISIBILITY_TIMEOUT_MS = 30_000;

/** A queue in memory, with a visibility timeout. */
class InMemoryQueue implements QueueReader {
  readonly #time: VirtualTime;
  readonly messages: { record: SqsEventRecord; visibleAtMs: number }[] = [];
  readonly receiveErrors: Error[] = [];

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  send(body: string, delayMs = 0): void {
    const message = { MessageId: `id-${body}`, ReceiptHandle: `handle-${body}`, Body: body };
    const origin = { eventSourceArn: 'arn', region: 'us-east-1' };
    this.messages.push({
      record: sqsEventRecord(message, origin),
      visibleAtMs: this.#time.now() + delayMs,
    });
  }

  async receive(limit: number): Promise<SqsEventRecord[]> {
    const error = this.receiveErrors.shift();
    if (error) throw error;
    const visible = this.messages
      .filter((message) => message.visibleAtMs <= this.#time.now())
      .slice(0, limit);
    for (const message of visible) message.visibleAtMs = this.#time.now() + VISIBILITY_TIMEOUT_MS;
    return visible.map((message) => message.record);
  }

  async delete(records: readonly SqsEventRecord[]): Promise<void> {
    for (const record of records) {
      const index = this.messages.findIndex((message) => message.record === record);
      if (index >= 0) this.messages.splice(index, 1);
    }
  }

  bodies(): string[] {
    return this.messages.map((message) => message.record.body);
  }
}

function queueEventSourceFactory(
  settings: Partial<QueueSettings>,
  invoke: (bodies: string[]) => InvocationResult | Promise<InvocationResult>,
  isWanted: (record: SqsEventRecord) => boolean = () => true,
) {
  const time = new VirtualTime();
  const queue = new InMemoryQueue(time);
  const batches: string[][] = [];
  const source = new QueueEventSource({
    reader: queue,
    settings: {
      batchSize: 10,
      batchingWindowMs: 0,
      maximumConcurrency: 5,
      reportBatchItemFailures: false,
      ...settings,
    },
    isWanted,
    invoke: async (payload) => {
      const bodies = (payload as { Records: SqsEventRecord[] }).Records.map(({ body }) => body);
      batches.push(bodies);
      return invoke(bodies);
    },
    delay: time.delay,
    now: time.now,
    log: () => undefined,
  });
  return { time, queue, source, batches };
}

describe('batching', () => {
  it('invokes with what one receive gives and deletes it after success', async () => {
    const { time, queue, source, batches } = queueEventSourceFactory({}, () => SUCCESS);
    for (let body = 0; body < 12; body++) queue.send(String(body));
    source.start();
    await time.until(() => queue.messages.length === 0);

    expect(batches.map((batch) => batch.length)).toEqual([10, 2]);
    await source.stop();
  });

  it('gathers a large batch over its window', async () => {
    const { time, queue, source, batches } = queueEventSourceFactory(
      { batchSize: 25, batchingWindowMs: 2000 },
      () => SUCCESS,
    );
    for (let body = 0; body < 30; body++) queue.send(String(body));
    source.start();
    await time.until(() => queue.messages.length === 0);

    expect(batches.map((batch) => batch.length)).toEqual([25, 5]);
    await source.stop();
  });

  it('waits for the window before it sends a batch that is not full', async () => {
    const { time, queue, source, batches } = queueEventSourceFactory(
      { batchSize: 25, batchingWindowMs: 2000 },
      () => SUCCESS,
    );
    queue.send('a');
    source.start();
    await time.pass(1500);
    expect(batches).toEqual([]);
    expect(source.activity().inFlight).toBe(1);
    queue.send('b');
    await time.pass(1000);

    expect(batches).toEqual([['a', 'b']]);
    await source.stop();
  });

  it('runs no more batches at a time than allowed', async () => {
    let running = 0;
    let most = 0;
    const { time, queue, source } = queueEventSourceFactory(
      { batchSize: 1, maximumConcurrency: 3 },
      async () => {
        most = Math.max(most, ++running);
        await time.sleep(100);
        running--;
        return SUCCESS;
      },
    );
    for (let body = 0; body < 20; body++) queue.send(String(body));
    source.start();
    await time.until(() => queue.messages.length === 0);

    expect(most).toBe(3);
    await source.stop();
  });

  it('deletes messages that the filter does not want', async () => {
    const { time, queue, source, batches } = queueEventSourceFactory(
      {},
      () => SUCCESS,
      (record) => record.body !== 'unwanted',
    );
    for (const body of ['a', 'unwanted', 'b']) queue.send(body);
    source.start();
    await time.until(() => queue.messages.length === 0);

    expect(batches).toEqual([['a', 'b']]);
    await source.stop();
  });
});

describe('errors', () => {
  it('leaves a failed batch in the queue, to come back after the visibility timeout', async () => {
    let failures = 1;
    const { time, queue, source, batches } = queueEventSourceFactory({}, () =>
      failures-- > 0 ? FUNCTION_ERROR : SUCCESS,
    );
    queue.send('a');
    source.start();
    await time.pass(VISIBILITY_TIMEOUT_MS - 1000);
    expect(batches).toHaveLength(1);
    expect(source.activity()).toMatchObject({ inFlight: 0, batches: 1 });

    await time.until(() => queue.messages.length === 0);

    expect(batches).toEqual([['a'], ['a']]);
    await source.stop();
  });

  it('leaves the batch in the queue when the function cannot be invoked', async () => {
    const { time, queue, source, batches } = queueEventSourceFactory({}, () => {
      throw new Error('throttled');
    });
    queue.send('a');
    source.start();
    await time.until(() => batches.length === 2);

    expect(queue.bodies()).toEqual(['a']);
    await source.stop();
  });

  it.each<[string, InvocationResult, string[]]>([
    ['the reported messages', failedItems('id-b'), ['b']],
    ['nothing without failures', failedItems(), []],
    ['everything on an empty identifier', failedItems(''), ['a', 'b', 'c']],
    ['everything on an unknown identifier', failedItems('id-z'), ['a', 'b', 'c']],
  ])('keeps %s', async (_, answer, kept) => {
    const { time, queue, source, batches } = queueEventSourceFactory(
      { reportBatchItemFailures: true },
      () => answer,
    );
    for (const body of ['a', 'b', 'c']) queue.send(body);
    source.start();
    await time.until(() => batches.length === 1);
    await time.pass(100);

    expect(queue.bodies()).toEqual(kept);
    await source.stop();
  });

  it('survives a queue that cannot be reached', async () => {
    const { time, queue, source, batches } = queueEventSourceFactory({}, () => SUCCESS);
    queue.receiveErrors.push(new Error('not there yet'));
    queue.send('a');
    source.start();
    await time.until(() => batches.length === 1);

    expect(batches).toEqual([['a']]);
    await source.stop();
  });
});

describe('activity', () => {
  it('receives at once when woken', async () => {
    const { time, queue, source, batches } = queueEventSourceFactory({}, () => SUCCESS);
    source.start();
    await time.until(() => source.activity().emptyPasses === 1);
    queue.send('a');
    const wokenAt = time.now();
    source.wake();
    await time.until(() => batches.length === 1);

    expect(time.now()).toBe(wokenAt);
    await source.stop();
  });

  it('finds a delayed message by itself, and counts it as in flight only then', async () => {
    const { time, queue, source } = queueEventSourceFactory({}, () => SUCCESS);
    queue.send('a', 10_000);
    source.start();
    await time.pass(5000);
    expect(source.activity()).toMatchObject({ inFlight: 0, batches: 0 });
    expect(source.activity().emptyPasses).toBeGreaterThan(5);
    await time.pass(6000);

    expect(source.activity()).toMatchObject({ inFlight: 0, batches: 1 });
    await source.stop();
  });

  it('waits for running batches on stop', async () => {
    const { time, queue, source } = queueEventSourceFactory({}, async () => {
      await time.sleep(1000);
      return SUCCESS;
    });
    queue.send('a');
    source.start();
    await time.until(() => source.activity().inFlight === 1);
    const stopped = source.stop();
    await time.pass(1100);
    await stopped;

    expect(queue.bodies()).toEqual([]);
  });
});
