import { batchLength, msUntilBatchIsDue } from './batch-readiness.ts';
import { readBatchResponse } from './batch-response.ts';
import type { Delay } from './delay.ts';
import type { EventSource, EventSourceActivity, InvocationResult } from './event-source.ts';
import type { QueueSettings } from './event-source-settings.ts';
import { type QueueReader, SQS_BATCH } from './queue-reader.ts';
import { retryBackoffMs } from './retry-backoff.ts';
import type { SqsEventRecord } from './sqs-event-record.ts';
import { WakeSignal } from './wake-signal.ts';

export interface QueueEventSourceContext {
  reader: QueueReader;
  settings: QueueSettings;
  /** Tells whether the function wants a message; others are deleted. */
  isWanted(record: SqsEventRecord): boolean;
  invoke(payload: unknown): Promise<InvocationResult>;
  delay: Delay;
  now(): number;
  log(line: string): void;
}

/** Without a wake, how soon an empty queue is asked again; delayed messages appear by themselves. */
const IDLE_RECEIVE_MS = 500;

interface GatheredMessage {
  record: SqsEventRecord;
  bytes: number;
}

/**
 * The event source of a queue: gathers messages into batches and runs several batches at a time.
 * Messages of a failed batch are left alone, so that they come back after the queue's visibility
 * timeout, and to its dead-letter queue after its number of receives.
 */
export class QueueEventSource implements EventSource {
  readonly #context: QueueEventSourceContext;
  readonly #stop = new AbortController();
  readonly #wake: WakeSignal;
  readonly #finished: WakeSignal;
  readonly #running = new Set<Promise<void>>();
  readonly #gathered: GatheredMessage[] = [];
  #gatheredBytes = 0;
  #gatheredSinceMs = 0;
  #loop: Promise<void> | undefined;
  #emptyPasses = 0;
  #batches = 0;

  constructor(context: QueueEventSourceContext) {
    this.#context = context;
    this.#wake = new WakeSignal(context.delay);
    this.#finished = new WakeSignal(context.delay);
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake.wake();
    this.#finished.wake();
    await this.#loop;
    await Promise.all(this.#running);
  }

  wake(): void {
    this.#wake.wake();
  }

  /** Messages that are delayed, or invisible after a failure, do not count: they are the queue's. */
  activity(): EventSourceActivity {
    const gathering = this.#gathered.length > 0 ? 1 : 0;
    return {
      inFlight: this.#running.size + gathering,
      emptyPasses: this.#emptyPasses,
      batches: this.#batches,
    };
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      if (this.#running.size >= this.#context.settings.maximumConcurrency) {
        await this.#finished.wait();
        continue;
      }
      try {
        const received = await this.#receive();
        failures = 0;
        const waitMs = this.#startDueBatches(received === 0);
        if (received === 0) await this.#wake.wait(Math.min(waitMs, IDLE_RECEIVE_MS));
      } catch (error) {
        this.#context.log(`could not receive messages: ${String(error)}`);
        await this.#context.delay(retryBackoffMs(++failures), this.#stop.signal);
      }
    }
  }

  /** @returns how many messages came, wanted or not */
  async #receive(): Promise<number> {
    const { reader, settings, isWanted, now } = this.#context;
    const room = settings.batchSize - this.#gathered.length;
    const records = await reader.receive(Math.min(SQS_BATCH, Math.max(1, room)));
    const unwanted = records.filter((record) => !isWanted(record));
    if (unwanted.length > 0) await reader.delete(unwanted);
    for (const record of records) {
      if (unwanted.includes(record)) continue;
      if (this.#gathered.length === 0) this.#gatheredSinceMs = now();
      const bytes = Buffer.byteLength(JSON.stringify(record));
      this.#gathered.push({ record, bytes });
      this.#gatheredBytes += bytes;
    }
    if (records.length === 0) this.#emptyPasses++;
    return records.length;
  }

  /** @returns milliseconds until the next batch is due */
  #startDueBatches(queueIsEmpty: boolean): number {
    const { settings, now } = this.#context;
    while (this.#gathered.length > 0) {
      const waitMs = msUntilBatchIsDue(
        {
          count: this.#gathered.length,
          bytes: this.#gatheredBytes,
          sinceMs: this.#gatheredSinceMs,
          // Without a window Lambda invokes with what one receive gave.
          complete: settings.batchingWindowMs === 0,
        },
        settings,
        now(),
      );
      if (waitMs > 0) return queueIsEmpty ? waitMs : 0;
      this.#startBatch();
    }
    return Number.POSITIVE_INFINITY;
  }

  #startBatch(): void {
    const count = batchLength(this.#gathered, this.#context.settings.batchSize);
    const messages = this.#gathered.splice(0, count);
    for (const message of messages) this.#gatheredBytes -= message.bytes;
    this.#gatheredSinceMs = this.#context.now();
    const running = this.#process(messages.map((message) => message.record)).finally(() => {
      this.#running.delete(running);
      this.#finished.wake();
      this.#wake.wake();
    });
    this.#running.add(running);
  }

  async #process(records: readonly SqsEventRecord[]): Promise<void> {
    const { reader, settings, invoke, log } = this.#context;
    try {
      const result = await invoke({ Records: records });
      if (result.functionError !== undefined) return;
      const done = settings.reportBatchItemFailures ? succeeded(records, result.payload) : records;
      await reader.delete(done);
    } catch (error) {
      // The messages become visible again by themselves.
      log(`a batch of ${records.length} messages stays in its queue: ${String(error)}`);
    } finally {
      this.#batches++;
    }
  }
}

function succeeded(
  records: readonly SqsEventRecord[],
  payload: unknown,
): readonly SqsEventRecord[] {
  const ids = new Set(records.map((record) => record.messageId));
  const response = readBatchResponse(payload, (identifier) => ids.has(identifier));
  switch (response.type) {
    case 'success':
      return records;
    case 'failure':
      return [];
    case 'partial':
      return records.filter((record) => !response.failed.has(record.messageId));
  }
}
