import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FeedError } from '../feeds/read-feed.ts';
import { DEFAULT_PAYLOAD_LIMITS } from '../wire/record-payload.ts';
import { PADDING } from './quick-line.ts';

/** Whole lines of a history, one after the other in a block of bytes. */
export interface LineBlock {
  /** Lines, each ended by a line feed, then zeros. Overwritten once the next block is asked for. */
  readonly bytes: Uint8Array;
  /** Where the lines end. */
  readonly end: number;
}

/** Bytes that have been read of the input, as it is stored. */
export interface ReadingProgress {
  bytesRead: number;
}

const LINE_FEED = 0x0a;
const GUNZIP_BLOCK = 256 * 1024;
const FIRST_ROOM = 1024 * 1024;

/** Memory that gunzip has filled to its end: it writes nothing more there, and goes on in new memory. */
const filled = new WeakSet<ArrayBufferLike>();

/**
 * Frees the memory of a block that was copied. Otherwise only the garbage collector does, and for every 32 MB or so it
 * walks over the whole heap.
 */
function giveBack({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && filled.has(buffer)) buffer.transfer(0);
}

/**
 * The bytes of a history, inflated if they are gzip (told by the first two bytes). Inflating runs on a thread of
 * zlib's own.
 *
 * @throws {FeedError} when the gzip is damaged or the input cannot be read on
 */
export async function* inflatedBytes(
  input: Readable,
  progress: ReadingProgress,
): AsyncGenerator<Uint8Array> {
  try {
    const counted = countBytes(input, progress);
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < 2) {
      const next = await counted.next();
      if (next.done === true) break;
      head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    }
    const all = prepend(head, counted);
    if (head[0] !== 0x1f || head[1] !== 0x8b) {
      yield* all;
      return;
    }
    const gunzip = createGunzip({ chunkSize: GUNZIP_BLOCK });
    // The error, if any, reaches whoever iterates over gunzip: pipeline destroys it with it.
    pipeline(Readable.from(all, { objectMode: false }), gunzip, () => undefined);
    for await (const chunk of gunzip as AsyncIterable<Buffer<ArrayBuffer>>) {
      const { buffer, byteLength, byteOffset } = chunk;
      const isFull = byteOffset + byteLength === GUNZIP_BLOCK;
      if (isFull && buffer.byteLength === GUNZIP_BLOCK) filled.add(buffer);
      yield chunk;
    }
  } catch (cause) {
    throw new FeedError(`It cannot be read on: ${(cause as Error).message}`, { cause });
  } finally {
    input.destroy();
  }
}

async function* countBytes(input: Readable, progress: ReadingProgress): AsyncGenerator<Uint8Array> {
  for await (const chunk of input as AsyncIterable<Buffer>) {
    progress.bytesRead += chunk.length;
    yield chunk;
  }
}

/** Puts what was read ahead back before the rest. */
export async function* prepend<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

/**
 * Cuts bytes into blocks of whole lines. A line that is longer than any record may be is cut in two, which
 * are both refused.
 */
export async function* lineBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<LineBlock> {
  let bytes = new Uint8Array(FIRST_ROOM);
  let held = 0;
  for await (const chunk of chunks) {
    if (held + chunk.length + PADDING > bytes.length) {
      const larger = new Uint8Array(2 * (held + chunk.length + PADDING));
      larger.set(bytes.subarray(0, held));
      bytes = larger;
    }
    const end = held + chunk.length;
    bytes.set(chunk, held);
    giveBack(chunk);
    const last = bytes.lastIndexOf(LINE_FEED, end - 1);
    if (last < held) {
      held = end;
      if (held <= DEFAULT_PAYLOAD_LIMITS.maxLineLength * 4) continue;
      yield closeBlock(bytes, held);
      held = 0;
      continue;
    }
    // The first bytes of the next line would follow the block: names are compared past their ends.
    const rest = bytes.slice(last + 1, end);
    bytes.fill(0, last + 1, last + 1 + PADDING);
    yield { bytes, end: last + 1 };
    bytes.set(rest);
    held = rest.length;
  }
  if (held > 0) yield closeBlock(bytes, held);
}

/** Ends the last line, which may have no line feed of its own. */
function closeBlock(bytes: Uint8Array, held: number): LineBlock {
  bytes[held] = LINE_FEED;
  bytes.fill(0, held + 1, held + 1 + PADDING);
  return { bytes, end: held + 1 };
}
