import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** A long queue, so that lines can be made while zlib's thread packs. */
const PACKING = { level: 1, memLevel: 9, chunkSize: 256 * 1024, highWaterMark: 4 * 1024 * 1024 };

/** Writes pieces of whole lines into a gzip file. */
export async function packLines(
  chunks: Iterable<Buffer> | AsyncIterable<Buffer>,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  await pipeline(
    Readable.from(chunks),
    createGzip(PACKING),
    createWriteStream(path),
    signal === undefined ? {} : { signal },
  );
}
