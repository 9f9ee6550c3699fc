import type { StreamRecord } from '../../../lib/local/event-sources/stream-record.ts';

/** A part of a stream that keeps the order of its records: those whose key's hash, 0 to 1, is in its range. */
export interface Shard {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly parents: readonly string[];
  closed: boolean;
  readonly records: StreamRecord[];
}

/** A record's place, by which its event is made. */
export interface Place {
  readonly shardId: string;
  readonly sequenceNumber: string;
  readonly arrivalMs: number;
}

/** A Kinesis stream, or the stream of a table. */
export class Stream {
  readonly name: string;
  readonly shards: Shard[] = [];
  /** Told of every new record, and of every new shard. */
  wake: () => void = () => {};
  #sequence: number;

  /** @param firstSequence sequence numbers grow by a digit now and then, as real ones do */
  constructor(name: string, shards: number, firstSequence: number) {
    this.name = name;
    this.#sequence = firstSequence;
    for (let i = 0; i < shards; i++) this.#open(i / shards, (i + 1) / shards, []);
  }

  put(
    partitionKey: string,
    hash: number,
    arrivalMs: number,
    eventAt: (place: Place) => unknown,
  ): Place {
    const shard = this.#openShardOf(hash);
    const place = { shardId: shard.id, sequenceNumber: String(this.#sequence++), arrivalMs };
    shard.records.push({
      sequenceNumber: place.sequenceNumber,
      partitionKey,
      arrivalMs,
      bytes: 0,
      event: eventAt(place),
    });
    this.wake();
    return place;
  }

  /** Splits the shard of a hash in two, or merges it with its neighbour when there are many. */
  reshard(hash: number): string {
    const shard = this.#openShardOf(hash);
    const neighbour = this.shards.find((one) => !one.closed && one.from === shard.to);
    shard.closed = true;
    if (neighbour !== undefined && this.shards.filter(({ closed }) => !closed).length >= 3) {
      neighbour.closed = true;
      this.#open(shard.from, neighbour.to, [shard.id, neighbour.id]);
      return `${shard.id} and ${neighbour.id} became one`;
    }
    const middle = (shard.from + shard.to) / 2;
    this.#open(shard.from, middle, [shard.id]);
    this.#open(middle, shard.to, [shard.id]);
    return `${shard.id} was split`;
  }

  #open(from: number, to: number, parents: readonly string[]): void {
    const id = `shardId-${String(this.shards.length).padStart(12, '0')}`;
    this.shards.push({ id, from, to, parents, closed: false, records: [] });
    this.wake();
  }

  #openShardOf(hash: number): Shard {
    const found = this.shards.find(({ closed, from, to }) => !closed && from <= hash && hash < to);
    if (found === undefined) throw new RangeError(`no open shard for ${hash}`);
    return found;
  }
}
