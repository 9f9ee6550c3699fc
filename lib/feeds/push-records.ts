import type { FeedTimer } from './rate-limit.ts';

/** One call record on its way to the stream. */
export interface PushLine {
  /** Line in the feed; grows from call to call. */
  readonly line: number;
  /** Calls with the same key keep their order: the caller's number. */
  readonly key: string;
  readonly json: string;
}

/** One Kinesis record to be. */
export interface PackedRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** Puts records into the stream, and tries again what the stream refuses; rejects when it gives up. */
export type SendRecords = (records: readonly PackedRecord[]) => Promise<void>;

export interface PushOptions {
  readonly send: SendRecords;
  readonly timer: FeedTimer;
  /** A call waits at most this long for others to share its record; default 200 ms. */
  readonly lingerMs?: number;
  /** Requests under way at once; default 4. */
  readonly maxInFlight?: number;
  /** Bytes held back before `push` asks the reader to wait; default 8 MiB. */
  readonly maxPendingBytes?: number;
  /** Told whenever calls have arrived in the stream. */
  readonly onArrived?: (calls: number) => void;
}

/**
 * Kinesis bills each started 25 KB of a record as one PUT payload unit. So calls share records of up
 * to that size: 120 calls for the price of one. https://aws.amazon.com/kinesis/data-streams/pricing/
 */
const PACKED_BYTES = 25_000;
/**
 * Which calls may share a record is told by a hash of the caller's number. One bucket is one partition
 * key, hence one shard, and has at most one record under way: a caller's calls stay in order even when
 * records are refused and tried again. 64 buckets spread over some ten shards; they hold 1.6 MB.
 */
const BUCKETS = 64;

const LINE_FEED_BYTES = 1;

interface Sealed extends PackedRecord {
  readonly calls: number;
  readonly firstLine: number;
}

interface Bucket {
  readonly partitionKey: string;
  texts: string[];
  bytes: number;
  firstLine: number;
  openedAt: number;
  readonly sealed: Sealed[];
  /** The record under way. */
  underWay: Sealed | undefined;
}

/**
 * Packs call records into Kinesis records and sends them, several requests at a time.
 *
 * @example
 * const pusher = new RecordPusher({ send, timer: systemTimer });
 * for (const call of calls) await pusher.push(call);
 * await pusher.flush();
 */
export class RecordPusher {
  readonly #send: SendRecords;
  readonly #timer: FeedTimer;
  readonly #lingerMs: number;
  readonly #maxInFlight: number;
  readonly #maxPendingBytes: number;
  readonly #onArrived: (calls: number) => void;
  readonly #buckets: readonly Bucket[];
  #requests = 0;
  #pendingBytes = 0;
  #lastLine = 0;
  #failure: unknown;
  #failed = false;
  #cancelLinger: (() => void) | undefined;
  #waiting: (() => void)[] = [];

  constructor(options: PushOptions) {
    this.#send = options.send;
    this.#timer = options.timer;
    this.#lingerMs = options.lingerMs ?? 200;
    this.#maxInFlight = options.maxInFlight ?? 4;
    this.#maxPendingBytes = options.maxPendingBytes ?? 8 * 1024 * 1024;
    this.#onArrived = options.onArrived ?? (() => undefined);
    this.#buckets = Array.from({ length: BUCKETS }, (_, index) => ({
      partitionKey: `bucket-${String(index).padStart(2, '0')}`,
      texts: [],
      bytes: 0,
      firstLine: 0,
      openedAt: 0,
      sealed: [],
      underWay: undefined,
    }));
  }

  /**
   * Takes one call. Returns undefined when the next may follow at once, else a promise to wait for:
   * memory stays bounded only if it is waited for.
   *
   * @throws whatever `send` rejected with, once it has
   */
  push({ line, key, json }: PushLine): Promise<void> | undefined {
    if (this.#failed) throw this.#failure;
    const bucket = this.#bucketOf(key);
    const bytes = Buffer.byteLength(json) + LINE_FEED_BYTES;
    if (bucket.bytes + bytes > PACKED_BYTES) this.#seal(bucket);
    if (bucket.texts.length === 0) {
      bucket.firstLine = line;
      bucket.openedAt = this.#timer.now();
      this.#cancelLinger ??= this.#timer.schedule(this.#lingerMs, () => this.#sealLingering());
    }
    bucket.texts.push(json);
    bucket.bytes += bytes;
    this.#pendingBytes += bytes;
    this.#lastLine = line;
    return this.#pendingBytes > this.#maxPendingBytes ? this.#waitUntilBelow() : undefined;
  }

  /** Notes a line that is not pushed, so that resuming does not come back to it. */
  pass(line: number): void {
    this.#lastLine = line;
  }

  /**
   * Sends everything and waits until it has arrived.
   *
   * @throws whatever `send` rejected with
   */
  async flush(): Promise<void> {
    for (const bucket of this.#buckets) this.#seal(bucket);
    while (this.#pendingBytes > 0 && !this.#failed) await this.#nextArrival();
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    if (this.#failed) throw this.#failure;
  }

  /** Every call up to this line has arrived; some after it may have, too. */
  get arrivedUpTo(): number {
    let oldest = this.#lastLine + 1;
    for (const { texts, firstLine, sealed, underWay } of this.#buckets) {
      const first = underWay ?? sealed[0];
      if (first !== undefined) oldest = Math.min(oldest, first.firstLine);
      else if (texts.length > 0) oldest = Math.min(oldest, firstLine);
    }
    return oldest - 1;
  }

  #bucketOf(key: string): Bucket {
    // FNV-1a: cheap, and spreads neighbouring numbers.
    let hash = 0x811c9dc5;
    for (let index = 0; index < key.length; index++) {
      hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
    }
    return this.#buckets[(hash >>> 0) % BUCKETS] as Bucket;
  }

  #seal(bucket: Bucket): void {
    if (bucket.texts.length === 0) return;
    bucket.sealed.push({
      partitionKey: bucket.partitionKey,
      data: Buffer.from(`${bucket.texts.join('\n')}\n`),
      calls: bucket.texts.length,
      firstLine: bucket.firstLine,
    });
    bucket.texts = [];
    bucket.bytes = 0;
    this.#dispatch();
  }

  #sealLingering(): void {
    this.#cancelLinger = undefined;
    const now = this.#timer.now();
    let earliest = Number.POSITIVE_INFINITY;
    for (const bucket of this.#buckets) {
      if (bucket.texts.length === 0) continue;
      if (bucket.openedAt + this.#lingerMs <= now) this.#seal(bucket);
      else earliest = Math.min(earliest, bucket.openedAt);
    }
    if (earliest === Number.POSITIVE_INFINITY) return;
    const wait = earliest + this.#lingerMs - now;
    this.#cancelLinger = this.#timer.schedule(wait, () => this.#sealLingering());
  }

  #dispatch(): void {
    while (this.#requests < this.#maxInFlight && !this.#failed) {
      const ready = this.#buckets.filter(
        ({ underWay, sealed }) => underWay === undefined && sealed.length > 0,
      );
      if (ready.length === 0) return;
      void this.#request(ready);
    }
  }

  async #request(buckets: readonly Bucket[]): Promise<void> {
    this.#requests++;
    const records = buckets.flatMap((bucket) => {
      bucket.underWay = bucket.sealed.shift();
      return bucket.underWay ?? [];
    });
    try {
      await this.#send(records);
      for (const bucket of buckets) bucket.underWay = undefined;
      for (const { data } of records) this.#pendingBytes -= data.byteLength;
      this.#onArrived(records.reduce((calls, record) => calls + record.calls, 0));
    } catch (error) {
      // What failed stays under way, so that arrivedUpTo stays before it.
      this.#failure = this.#failed ? this.#failure : error;
      this.#failed = true;
    } finally {
      this.#requests--;
      for (const wake of this.#waiting.splice(0)) wake();
    }
    this.#dispatch();
  }

  async #waitUntilBelow(): Promise<void> {
    while (this.#pendingBytes > this.#maxPendingBytes && !this.#failed) await this.#nextArrival();
  }

  #nextArrival(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
