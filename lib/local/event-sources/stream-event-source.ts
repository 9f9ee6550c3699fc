import type { Delay } from './delay.ts';
import type { EventSource, EventSourceActivity } from './event-source.ts';
import { retryBackoffMs } from './retry-backoff.ts';
import { ShardConsumer, type ShardConsumerContext } from './shard-consumer.ts';
import { shardsToStart } from './shard-order.ts';
import type { Shard, ShardPosition } from './stream-reader.ts';
import { WakeSignal } from './wake-signal.ts';

/** What a stream's event source is made of. */
export interface StreamEventSourceContext
  extends Omit<ShardConsumerContext, 'shardId' | 'onRead' | 'onInvoked' | 'stopping'> {
  delay: Delay;
}

/** How often the list of shards is refreshed; the end of a shard refreshes it at once. */
const RELIST_MS = 10_000;
/** The same while there is nothing to read at all. */
const RELIST_IDLE_MS = 250;

const TRIM_HORIZON: ShardPosition = { type: 'TRIM_HORIZON' };

/** The event source of a Kinesis stream or a table's stream: a consumer for each shard. */
export class StreamEventSource implements EventSource {
  readonly #context: StreamEventSourceContext;
  readonly #stop = new AbortController();
  readonly #relist: WakeSignal;
  /** The shards being read or drained. */
  readonly #consumers = new Map<string, ShardConsumer>();
  readonly #started = new Set<string>();
  readonly #finished = new Set<string>();
  /** The shards that had nothing at their last read, since the last pass. */
  readonly #empty = new Set<string>();
  readonly #running: Promise<void>[] = [];
  #listed = false;
  /** A shard ended, so its children may be about to start. */
  #resharding = false;
  #emptyPasses = 0;
  #batches = 0;

  constructor(context: StreamEventSourceContext) {
    this.#context = context;
    this.#relist = new WakeSignal(context.delay);
  }

  start(): void {
    if (this.#running.length === 0) this.#running.push(this.#followShards());
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#relist.wake();
    await Promise.all(this.#running);
  }

  wake(): void {
    for (const consumer of this.#consumers.values()) consumer.wake();
    if (this.#consumers.size === 0) this.#relist.wake();
  }

  activity(): EventSourceActivity {
    let inFlight = 0;
    for (const consumer of this.#consumers.values()) inFlight += consumer.inFlight();
    return { inFlight, emptyPasses: this.#emptyPasses, batches: this.#batches };
  }

  async #followShards(): Promise<void> {
    const { reader, delay, log } = this.#context;
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      try {
        this.#startShards(await reader.listShards());
        failures = 0;
        await this.#relist.wait(this.#consumers.size === 0 ? RELIST_IDLE_MS : RELIST_MS);
      } catch (error) {
        log(`could not list shards: ${String(error)}`);
        await delay(retryBackoffMs(++failures), this.#stop.signal);
      }
    }
    await Promise.all(this.#running.slice(1));
  }

  #startShards(shards: readonly Shard[]): void {
    const initial = !this.#listed;
    this.#listed = true;
    this.#resharding = false;
    const { checkpoints, settings } = this.#context;
    const fromLatest =
      initial && settings.startingPosition === 'LATEST' && checkpoints?.any() !== true;
    if (fromLatest) {
      // What is closed already holds nothing newer than now.
      for (const shard of shards) if (shard.closed) this.#finished.add(shard.shardId);
    }
    const beginning: ShardPosition = fromLatest ? { type: 'LATEST' } : TRIM_HORIZON;
    for (const { shardId } of shards) {
      if (checkpoints?.read(shardId)?.type === 'END') this.#finished.add(shardId);
    }
    for (const { shardId } of shardsToStart(shards, this.#started, this.#finished)) {
      this.#started.add(shardId);
      const position = checkpoints?.read(shardId) ?? beginning;
      if (this.#finished.has(shardId) || position.type === 'END') continue;
      this.#running.push(this.#consume(shardId, position));
    }
    if (this.#consumers.size === 0) this.#emptyPasses++;
  }

  async #consume(shardId: string, position: ShardPosition): Promise<void> {
    const consumer = new ShardConsumer(
      {
        ...this.#context,
        shardId,
        stopping: this.#stop.signal,
        onInvoked: () => {
          this.#batches++;
        },
        onRead: (found) => this.#noteRead(shardId, found),
      },
      position,
    );
    this.#consumers.set(shardId, consumer);
    await consumer.run();
    if (this.#stop.signal.aborted) return;
    this.#context.checkpoints?.write(shardId, { type: 'END' });
    this.#finished.add(shardId);
    this.#consumers.delete(shardId);
    this.#empty.delete(shardId);
    this.#resharding = true;
    this.#relist.wake();
  }

  #noteRead(shardId: string, found: 'records' | 'nothing'): void {
    if (found === 'records') {
      this.#empty.clear();
      return;
    }
    this.#empty.add(shardId);
    if (this.#resharding || this.#empty.size < this.#consumers.size) return;
    this.#emptyPasses++;
    this.#empty.clear();
  }
}
