import { readBatchResponse } from '../../../lib/local/event-sources/batch-response.ts';
import type { InvocationResult } from '../../../lib/local/event-sources/event-source.ts';
import { laneOfKey } from '../../../lib/local/event-sources/lane-of-key.ts';
import {
  newBatch,
  type StreamBatch,
  type StreamInvocationOutcome,
  splitByAge,
  stepsAfterInvocation,
} from '../../../lib/local/event-sources/stream-batch.ts';
import type { StreamRecord } from '../../../lib/local/event-sources/stream-record.ts';
import type { BatchFaultKind } from '../history.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Shard, Stream } from './stream.ts';

export interface SourceSettings {
  readonly batchSize: number;
  readonly parallelization: number;
  readonly retryAttempts: number;
  readonly maxRecordAgeSeconds: number;
}

export interface StreamConsumerOptions {
  readonly stream: Stream;
  readonly settings: SourceSettings;
  readonly scheduler: Scheduler;
  readonly isWanted: (record: StreamRecord) => boolean;
  /** Rejects when Lambda throttles. */
  readonly invoke: (payload: { readonly Records: readonly unknown[] }) => Promise<InvocationResult>;
  /** Invokes the function beside, for a poller that nobody listens to any more. */
  readonly straggle: (payload: { readonly Records: readonly unknown[] }) => void;
  /** What is to become of the next batch. */
  readonly fault: () => BatchFaultKind | undefined;
  /** Told of what Lambda gave up on. */
  readonly discarded: (records: readonly StreamRecord[], why: string) => void;
}

interface Lane {
  readonly buffer: StreamRecord[];
  busy: boolean;
}

interface Reading {
  readonly shard: Shard;
  next: number;
  readonly lanes: readonly Lane[];
}

/** Between a record's arrival and its batch: what came meanwhile goes with it. */
const POLL_MS = 200;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Lambda's event source of a stream, by the same rules as the local cloud's: a shard after its parents, a lane of keys
 * after the other's batch, retries, bisecting, partial answers.
 */
export class StreamConsumer {
  readonly #options: StreamConsumerOptions;
  readonly #readings: Reading[] = [];
  #isPolling = false;

  constructor(options: StreamConsumerOptions) {
    this.#options = options;
    options.stream.wake = () => this.#wake();
  }

  /** Whether everything that was written is done. */
  get isDone(): boolean {
    return this.#options.stream.shards.every((shard) => {
      const reading = this.#readings.find((one) => one.shard === shard);
      return reading === undefined ? shard.records.length === 0 : isDrained(reading);
    });
  }

  #wake(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    this.#options.scheduler.after(POLL_MS, () => {
      this.#isPolling = false;
      this.#poll();
    });
  }

  #poll(): void {
    const { isWanted, settings, stream } = this.#options;
    for (const shard of stream.shards) this.#begin(shard);
    for (const reading of this.#readings) {
      for (const records = reading.shard.records; reading.next < records.length; ) {
        const record = records[reading.next++] as StreamRecord;
        if (!isWanted(record)) continue;
        reading.lanes[laneOfKey(record.partitionKey, settings.parallelization)]?.buffer.push(
          record,
        );
      }
      for (const lane of reading.lanes) {
        if (!lane.busy && lane.buffer.length > 0) void this.#work(lane);
      }
    }
  }

  /** A shard is read once all before it are done. */
  #begin(shard: Shard): void {
    if (this.#readings.some((reading) => reading.shard === shard)) return;
    const parents = shard.parents.map((id) => this.#readings.find((one) => one.shard.id === id));
    if (!parents.every((parent) => parent !== undefined && isDrained(parent))) return;
    const { parallelization } = this.#options.settings;
    const lanes = Array.from({ length: parallelization }, () => ({ buffer: [], busy: false }));
    this.#readings.push({ shard, next: 0, lanes });
  }

  async #work(lane: Lane): Promise<void> {
    lane.busy = true;
    while (lane.buffer.length > 0) {
      await this.#process(lane.buffer.splice(0, this.#options.settings.batchSize));
    }
    lane.busy = false;
    this.#wake();
  }

  async #process(records: readonly StreamRecord[]): Promise<void> {
    const { discarded, fault, scheduler, settings, straggle } = this.#options;
    const rules = {
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: settings.retryAttempts,
    };
    const work = [newBatch(records)];
    let failures = 0;
    for (let batch = work.shift(); batch !== undefined; batch = work.shift()) {
      const { expired, fresh } = splitByAge(
        batch,
        settings.maxRecordAgeSeconds * 1000,
        scheduler.now,
      );
      if (expired !== undefined) discarded(expired.records, 'too old');
      if (fresh.records.length === 0) continue;
      const kind = fault();
      if (kind === 'straggling') straggle(eventOf(fresh));
      if (kind === 'redelivered') await this.#invoke(fresh);
      const twin = kind === 'overlapping' ? this.#invoke(fresh) : undefined;
      let outcome: StreamInvocationOutcome =
        kind === 'not-invoked' ? { type: 'not-invoked' } : await this.#invoke(fresh);
      await twin;
      if (kind === 'answer-lost') outcome = { type: 'failure' };
      const steps = stepsAfterInvocation(fresh, outcome, rules);
      work.unshift(...steps.retry);
      if (steps.discarded !== undefined) discarded(steps.discarded.records, 'out of retries');
      failures = steps.backOff ? failures + 1 : 0;
      if (steps.backOff) {
        await scheduler.delay(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)));
      }
    }
  }

  async #invoke(batch: StreamBatch): Promise<StreamInvocationOutcome> {
    const result = await this.#options.invoke(eventOf(batch));
    if (result.functionError !== undefined) {
      return { type: 'failure', functionError: result.functionError };
    }
    return readBatchResponse(result.payload, (identifier) =>
      batch.records.some(({ sequenceNumber }) => sequenceNumber === identifier),
    );
  }
}

function eventOf({ records }: StreamBatch): { readonly Records: readonly unknown[] } {
  return { Records: records.map(({ event }) => event) };
}

function isDrained({ lanes, next, shard }: Reading): boolean {
  return (
    next === shard.records.length && lanes.every(({ buffer, busy }) => !busy && buffer.length === 0)
  );
}
