import { AwsError } from '../gateway/aws-error.ts';

/** What an iterator says, besides when it was given out. */
export interface IteratorPosition {
  streamName: string;
  shardIndex: number;
  /** The place of the next record to read. */
  place: number;
}

/** Kinesis's own limit. */
const lifetimeMs = 300_000;

export function encodeIterator(position: IteratorPosition, nowMs: number): string {
  const { streamName, shardIndex, place } = position;
  return Buffer.from([streamName, shardIndex, place, nowMs].join(' ')).toString('base64');
}

/** @returns undefined for what is not an iterator. */
export function readIterator(
  iterator: unknown,
): (IteratorPosition & { givenAtMs: number }) | undefined {
  if (typeof iterator !== 'string') return undefined;
  const [streamName, ...numbers] = Buffer.from(iterator, 'base64').toString().split(' ');
  const [shardIndex, place, givenAtMs, ...more] = numbers.map(Number);
  if (streamName === undefined || givenAtMs === undefined || more.length > 0) return undefined;
  if (![shardIndex, place, givenAtMs].every(Number.isSafeInteger)) return undefined;
  return { streamName, shardIndex: shardIndex ?? 0, place: place ?? 0, givenAtMs };
}

/** @throws AwsError for something else than an iterator, or one that is too old. */
export function decodeIterator(iterator: unknown, nowMs: number): IteratorPosition {
  const read = readIterator(iterator);
  if (read === undefined) throw new AwsError('InvalidArgumentException', 'Invalid ShardIterator.');
  if (nowMs - read.givenAtMs > lifetimeMs) {
    throw new AwsError('ExpiredIteratorException', 'Iterator expired.');
  }
  return read;
}
