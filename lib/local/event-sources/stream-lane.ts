import { batchLength, msUntilBatchIsDue } from './batch-readiness.ts';
import { readBatchResponse } from './batch-response.ts';
import type { Delay } from './delay.ts';
import type { InvocationResult } from './event-source.ts';
import type { StreamSettings } from './event-source-settings.ts';
import type { DiscardBatch } from './on-failure-destination.ts';
import { retryBackoffMs } from './retry-backoff.ts';
import {
  type DiscardCondition,
  newBatch,
  type StreamBatch,
  type StreamInvocationOutcome,
  splitByAge,
  stepsAfterInvocation,
} from './stream-batch.ts';
import type { StreamRecord } from './stream-record.ts';
import {
  isStateTooLarge,
  stateOfResponse,
  type TumblingWindow,
  takesRecord,
  tumblingWindowEvent,
  windowOf,
} from './tumbling-window.ts';
import { WakeSignal } from './wake-signal.ts';

/** What a lane needs of the event source around it. */
export interface LaneContext {
  shardId: string;
  eventSourceArn: string;
  settings: StreamSettings;
  invoke(payload: unknown): Promise<InvocationResult>;
  discard: DiscardBatch;
  delay: Delay;
  now(): number;
  log(line: string): void;
  /** Aborted when the event source stops. */
  stopping: AbortSignal;
  /** Called when an invocation ended. */
  onInvoked(): void;
  /** Called when the lane took records out of its buffer. */
  onTaken(): void;
  /** Called when the lane is done with a batch. */
  onIdle(): void;
}

/** How often a discarded batch is offered to its destination before it is lost. */
const DESTINATION_TRIES = 5;

/**
 * Feeds the function with a shard's records, one batch at a time and in order. A shard has one lane,
 * or as many as its `ParallelizationFactor`.
 */
export class StreamLane {
  readonly #context: LaneContext;
  readonly #signal: WakeSignal;
  readonly #buffer: StreamRecord[] = [];
  #bufferedBytes = 0;
  #bufferedSinceMs = 0;
  /** No record follows those in the buffer. */
  #complete = false;
  #processing = false;
  #window: TumblingWindow | undefined;
  /** The first record of the open window: its state is in memory, so a crash takes it back to here. */
  #windowSince: string | undefined;
  /** The first record of what is being worked on. */
  #workingSince: string | undefined;
  /** When the shard was last read without finding anything. */
  #caughtUpAtMs = Number.NEGATIVE_INFINITY;

  constructor(context: LaneContext) {
    this.#context = context;
    this.#signal = new WakeSignal(context.delay);
    context.stopping.addEventListener('abort', () => this.#signal.wake(), { once: true });
  }

  /** True while a batch is with the function or held back for a retry. */
  get processing(): boolean {
    return this.#processing;
  }

  /** Records that wait for their batch. */
  get buffered(): { count: number; bytes: number } {
    return { count: this.#buffer.length, bytes: this.#bufferedBytes };
  }

  /** Sequence number of the first record that is not done with; undefined where all are. */
  get oldest(): string | undefined {
    return this.#windowSince ?? this.#workingSince ?? this.#buffer[0]?.sequenceNumber;
  }

  add(record: StreamRecord): void {
    if (this.#buffer.length === 0) this.#bufferedSinceMs = this.#context.now();
    this.#buffer.push(record);
    this.#bufferedBytes += record.bytes;
    this.#signal.wake();
  }

  /** The shard was read to its present end: a tumbling window whose time is over may close. */
  caughtUp(atMs: number): void {
    this.#caughtUpAtMs = atMs;
    if (this.#window) this.#signal.wake();
  }

  /** The shard has ended: `run` resolves when the buffer is processed. */
  complete(): void {
    this.#complete = true;
    this.#signal.wake();
  }

  /** Works until the shard is complete or the event source stops. */
  async run(): Promise<void> {
    while (!this.#stopped) {
      if (this.#window && this.#isWindowOver(this.#window)) {
        await this.#whileProcessing(this.#closeWindow('last'));
        continue;
      }
      if (this.#buffer.length === 0) {
        if (this.#complete) return;
        await this.#signal.wait(this.#window && this.#msUntilWindowEnds(this.#window));
        continue;
      }
      const available = this.#countAvailable();
      const waitMs = msUntilBatchIsDue(
        {
          count: available,
          bytes: this.#bufferedBytes,
          sinceMs: this.#bufferedSinceMs,
          complete: this.#complete || available < this.#buffer.length,
        },
        this.#context.settings,
        this.#context.now(),
      );
      if (waitMs > 0) await this.#signal.wait(waitMs);
      else await this.#whileProcessing(this.#process(newBatch(this.#takeBatch(available))));
    }
  }

  get #stopped(): boolean {
    return this.#context.stopping.aborted;
  }

  async #whileProcessing(work: Promise<void>): Promise<void> {
    this.#processing = true;
    this.#context.onTaken();
    await work;
    this.#processing = false;
    this.#context.onIdle();
  }

  #takeBatch(available: number): StreamRecord[] {
    const count = batchLength(this.#buffer, Math.min(available, this.#context.settings.batchSize));
    const records = this.#buffer.splice(0, count);
    for (const record of records) this.#bufferedBytes -= record.bytes;
    this.#bufferedSinceMs = this.#context.now();
    if (this.#window) this.#windowSince ??= records[0]?.sequenceNumber;
    return records;
  }

  /** Counts the records that may go together: all, or those of the open tumbling window. */
  #countAvailable(): number {
    const { tumblingWindowMs } = this.#context.settings;
    const [first] = this.#buffer;
    if (tumblingWindowMs === 0 || !first) return this.#buffer.length;
    this.#window ??= windowOf(first.arrivalMs, tumblingWindowMs);
    const window = this.#window;
    const next = this.#buffer.findIndex((record) => !takesRecord(window, record.arrivalMs));
    return next === -1 ? this.#buffer.length : next;
  }

  async #process(batch: StreamBatch): Promise<void> {
    const { settings, now } = this.#context;
    const work = [batch];
    let failuresInRow = 0;
    while (!this.#stopped) {
      this.#workingSince = work[0]?.records[0]?.sequenceNumber;
      const current = work.shift();
      if (!current) return;
      const { expired, fresh } = splitByAge(current, settings.maximumRecordAgeMs, now());
      if (expired) await this.#discard(expired, 'RecordAgeExceeded');
      if (fresh.records.length === 0) continue;
      const steps = stepsAfterInvocation(fresh, await this.#invokeWith(fresh), settings);
      work.unshift(...steps.retry);
      if (steps.discarded) await this.#discard(steps.discarded, 'RetryAttemptsExhausted');
      this.#workingSince = work[0]?.records[0]?.sequenceNumber;
      failuresInRow = steps.backOff ? failuresInRow + 1 : 0;
      if (steps.backOff) await this.#backOff(failuresInRow);
    }
  }

  async #invokeWith(batch: StreamBatch): Promise<StreamInvocationOutcome> {
    const { settings } = this.#context;
    const result = await this.#invoke({
      Records: batch.records.map((record) => record.event),
      ...(this.#window && tumblingWindowEvent(this.#window, this.#context, 'not-last')),
    });
    if (result === undefined) return { type: 'not-invoked' };
    if (result.functionError !== undefined) {
      return { type: 'failure', functionError: result.functionError };
    }
    if (this.#window) {
      const response = stateOfResponse(result.payload);
      if (!response) return { type: 'failure' };
      this.#window.state = response.state;
      if (isStateTooLarge(response.state)) await this.#closeWindow('ended-early');
    }
    if (!settings.reportBatchItemFailures) return { type: 'success' };
    let sequenceNumbers: Set<string> | undefined;
    return readBatchResponse(result.payload, (identifier) => {
      sequenceNumbers ??= new Set(batch.records.map((record) => record.sequenceNumber));
      return sequenceNumbers.has(identifier);
    });
  }

  /** @returns undefined if the function could not be invoked */
  async #invoke(payload: unknown): Promise<InvocationResult | undefined> {
    try {
      return await this.#context.invoke(payload);
    } catch (error) {
      this.#context.log(`could not invoke for ${this.#context.shardId}: ${String(error)}`);
      return undefined;
    } finally {
      this.#context.onInvoked();
    }
  }

  #isWindowOver(window: TumblingWindow): boolean {
    const [first] = this.#buffer;
    if (first) return !takesRecord(window, first.arrivalMs);
    // A record of the window might still be unread until a read after its end found nothing.
    return this.#complete || this.#caughtUpAtMs >= window.endMs;
  }

  #msUntilWindowEnds(window: TumblingWindow): number | undefined {
    const ms = window.endMs - this.#context.now();
    return ms > 0 ? ms : undefined;
  }

  /**
   * Hands the window's state to the function a last time. Processing of the shard is suspended until
   * this succeeds.
   */
  async #closeWindow(last: 'last' | 'ended-early'): Promise<void> {
    const window = this.#window;
    if (!window) return;
    for (let failures = 1; !this.#stopped; failures++) {
      const event = tumblingWindowEvent(window, this.#context, last);
      const result = await this.#invoke({ Records: [], ...event });
      if (result && result.functionError === undefined && stateOfResponse(result.payload)) break;
      await this.#backOff(failures);
    }
    // An early end leaves the rest of the window's time to a fresh state.
    this.#window = last === 'last' ? undefined : { ...window, state: {} };
    if (last === 'last' && !this.#stopped) this.#windowSince = undefined;
  }

  async #discard(batch: StreamBatch, condition: DiscardCondition): Promise<void> {
    for (let tries = 1; tries <= DESTINATION_TRIES; tries++) {
      try {
        await this.#context.discard(batch, condition, this.#context.shardId);
        return;
      } catch (error) {
        this.#context.log(`on-failure destination refused a batch: ${String(error)}`);
        await this.#backOff(tries);
      }
    }
    this.#context.log(`lost ${batch.records.length} discarded records: no destination took them`);
  }

  #backOff(failuresInRow: number): Promise<void> {
    return this.#context.delay(retryBackoffMs(failuresInRow), this.#context.stopping);
  }
}
