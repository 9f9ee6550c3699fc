import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { UsageError } from './exit-codes.ts';

/** Standard input instead of a file. */
const STANDARD_INPUT = '-';
const BLOCK_BYTES = 256 * 1024;

/** @throws {UsageError} when the file cannot be read */
export async function readText(path: string): Promise<string> {
  return orUsageError(readFile(path, 'utf8'), path);
}

/**
 * Size of an input in bytes, undefined where it cannot be known, as of standard input.
 *
 * @throws {UsageError} when there is no such file
 */
export async function sizeOf(path: string): Promise<number | undefined> {
  if (path === STANDARD_INPUT) return undefined;
  const found = await orUsageError(stat(path), path);
  if (found.isDirectory()) throw new UsageError(`${path} is a directory; name its files.`);
  return found.isFile() ? found.size : undefined;
}

/** Opens a file, or standard input. */
export function openInput(path: string): Readable {
  return path === STANDARD_INPUT
    ? process.stdin
    : createReadStream(path, { highWaterMark: BLOCK_BYTES });
}

/** Turns what the system says of a path into what the user can mend. @throws {UsageError} */
export async function orUsageError<T>(reading: Promise<T>, path: string): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why = code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
    throw new UsageError(`${path}: ${why}`, { cause });
  }
}
