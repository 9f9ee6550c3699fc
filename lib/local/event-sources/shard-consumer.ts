import type { Checkpoints } from '../kept/checkpoints.ts';
import type { Delay } from './delay.ts';
import { IteratorExpiredError } from './event-source-errors.ts';
import { laneOfKey } from './lane-of-key.ts';
import { readLimit } from './read-limit.ts';
import { retryBackoffMs } from './retry-backoff.ts';
import { compareSequenceNumbers } from './sequence-number.ts';
import { type LaneContext, StreamLane } from './stream-lane.ts';
import type { ReadResult, ShardPosition, StreamReader } from './stream-reader.ts';
import type { StreamRecord } from './stream-record.ts';
import { WakeSignal } from './wake-signal.ts';

export interface ShardConsumerContext extends Omit<LaneContext, 'onTaken' | 'onIdle'> {
  reader: StreamReader;
  /** Tells whether the function wants a record; others are passed over. */
  isWanted(record: StreamRecord): boolean;
  /** Called after each read. */
  onRead(found: 'records' | 'nothing'): void;
  delay: Delay;
  /** Told where reading is to go on after a crash. */
  checkpoints?: Checkpoints;
}

/** Without a wake, how soon a shard at its tip is read again. */
const IDLE_READ_MS = 500;
/** After fewer records than asked for: the tip, or all that an emulator would give at once. */
const SHORT_READ_MS = 10;
/** While all lanes are busy there is no hurry: larger reads cost less than many small ones. */
const BUSY_READ_MS = 25;
/** Enough buffered payload for two batches of the largest size. */
const MAXIMUM_BUFFERED_BYTES = 12 * 1024 * 1024;

/** Reads one shard from a position to its end, and feeds its lanes. */
export class ShardConsumer {
  readonly #context: ShardConsumerContext;
  readonly #lanes: StreamLane[];
  readonly #wake: WakeSignal;
  /** Wakes when a buffer has space again. */
  readonly #space: WakeSignal;
  /** Wakes when a lane is done with its batch. */
  readonly #idle: WakeSignal;
  #position: ShardPosition;
  #iterator: string | undefined;
  #recordsRead = 0;
  #bytesRead = 0;
  #kept: string | undefined;

  constructor(context: ShardConsumerContext, position: ShardPosition) {
    this.#context = context;
    this.#position = position;
    this.#wake = new WakeSignal(context.delay);
    this.#space = new WakeSignal(context.delay);
    this.#idle = new WakeSignal(context.delay);
    this.#lanes = Array.from(
      { length: context.settings.parallelizationFactor },
      () =>
        new StreamLane({
          ...context,
          onTaken: () => this.#space.wake(),
          onIdle: () => {
            this.#keepCheckpoint();
            this.#idle.wake();
          },
        }),
    );
    context.stopping.addEventListener(
      'abort',
      () => {
        for (const signal of [this.#wake, this.#space, this.#idle]) signal.wake();
      },
      { once: true },
    );
  }

  /** Reads now instead of at the next idle poll. */
  wake(): void {
    this.#wake.wake();
  }

  /** Batches being processed, held back, or still being gathered. */
  inFlight(): number {
    let batches = 0;
    for (const lane of this.#lanes) {
      if (lane.processing) batches++;
      if (lane.buffered.count > 0) batches++;
    }
    return batches;
  }

  /** Resolves when the shard has ended and all its records are processed, or on stop. */
  async run(): Promise<void> {
    const lanes = Promise.all(this.#lanes.map((lane) => lane.run()));
    await this.#readToEnd();
    for (const lane of this.#lanes) lane.complete();
    await lanes;
  }

  async #readToEnd(): Promise<void> {
    for (let failures = 0; !this.#stopped; ) {
      if (this.#isFull()) {
        await this.#space.wait();
        continue;
      }
      const result = await this.#read();
      if (!result) {
        failures++;
        await this.#context.delay(retryBackoffMs(failures), this.#context.stopping);
        continue;
      }
      failures = 0;
      this.#iterator = result.nextIterator;
      this.#deliver(result.records);
      if (this.#iterator === undefined) return;
      await this.#pauseAfter(result.records.length);
    }
  }

  get #stopped(): boolean {
    return this.#context.stopping.aborted;
  }

  #isFull(): boolean {
    let count = 0;
    let bytes = 0;
    for (const lane of this.#lanes) {
      count += lane.buffered.count;
      bytes += lane.buffered.bytes;
    }
    const { batchSize, parallelizationFactor } = this.#context.settings;
    // So many records fill at least one lane's batch, so many bytes are sent when their window is
    // over at the latest: either way there will be space.
    return bytes >= MAXIMUM_BUFFERED_BYTES || count >= batchSize * parallelizationFactor;
  }

  #limit(): number {
    const { batchSize, parallelizationFactor } = this.#context.settings;
    const averageBytes = this.#recordsRead === 0 ? 0 : this.#bytesRead / this.#recordsRead;
    return readLimit(batchSize, parallelizationFactor, averageBytes);
  }

  /** @returns undefined when the read failed */
  async #read(): Promise<ReadResult | undefined> {
    const { reader, shardId } = this.#context;
    try {
      this.#iterator ??= await reader.open(shardId, this.#position);
      return await reader.read(shardId, this.#iterator, this.#limit());
    } catch (error) {
      if (error instanceof IteratorExpiredError) this.#iterator = undefined;
      this.#context.log(`could not read ${shardId}: ${String(error)}`);
      return undefined;
    }
  }

  #deliver(records: readonly StreamRecord[]): void {
    const last = records.at(-1);
    if (!last) {
      const nowMs = this.#context.now();
      for (const lane of this.#lanes) lane.caughtUp(nowMs);
      this.#context.onRead('nothing');
      return;
    }
    this.#position = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: last.sequenceNumber };
    this.#recordsRead += records.length;
    for (const record of records) {
      this.#bytesRead += record.bytes;
      if (!this.#context.isWanted(record)) continue;
      this.#lanes[laneOfKey(record.partitionKey, this.#lanes.length)]?.add(record);
    }
    this.#keepCheckpoint();
    this.#context.onRead('records');
  }

  /** Everything before the oldest record that a lane still has is done with, and so is what no lane got. */
  #keepCheckpoint(): void {
    if (this.#context.checkpoints === undefined) return;
    const [oldest] = this.#lanes.flatMap((lane) => lane.oldest ?? []).sort(compareSequenceNumbers);
    const position: ShardPosition =
      oldest === undefined
        ? this.#position
        : { type: 'AT_SEQUENCE_NUMBER', sequenceNumber: oldest };
    if (
      !('sequenceNumber' in position) ||
      `${position.type} ${position.sequenceNumber}` === this.#kept
    )
      return;
    this.#kept = `${position.type} ${position.sequenceNumber}`;
    this.#context.checkpoints.write(this.#context.shardId, position);
  }

  async #pauseAfter(recordCount: number): Promise<void> {
    if (recordCount === 0) {
      await this.#wake.wait(IDLE_READ_MS);
      return;
    }
    if (this.#lanes.every((lane) => lane.processing || lane.buffered.count > 0)) {
      this.#idle.reset();
      await this.#idle.wait(BUSY_READ_MS);
    }
    if (recordCount < this.#limit()) await this.#wake.wait(SHORT_READ_MS);
  }
}
