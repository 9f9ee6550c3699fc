/** Lambda's limit on the payload of a synchronous invocation: 6 MB. */
export const MAXIMUM_PAYLOAD_BYTES = 6 * 1024 * 1024;

export interface GatheredRecords {
  count: number;
  bytes: number;
  /** When the oldest of them was gathered, epoch milliseconds. */
  sinceMs: number;
  /** True when no more can follow. */
  complete: boolean;
}

export interface BatchLimits {
  batchSize: number;
  batchingWindowMs: number;
}

/**
 * Tells how long a batch must still wait for more records. By AWS's batching behaviour it is due
 * when it is full, its window is over, or its payload reaches 6 MB, whichever comes first.
 *
 * @returns milliseconds, 0 when it is due now
 */
export function msUntilBatchIsDue(
  gathered: GatheredRecords,
  limits: BatchLimits,
  nowMs: number,
): number {
  const full =
    gathered.complete ||
    gathered.count >= limits.batchSize ||
    gathered.bytes >= MAXIMUM_PAYLOAD_BYTES;
  if (full) return 0;
  return Math.max(0, gathered.sinceMs + limits.batchingWindowMs - nowMs);
}

/**
 * Counts how many of the first records go into one batch: as many as batch size and payload limit
 * let in, but at least one.
 *
 * @param records with the bytes that each takes in the event, in order
 */
export function batchLength(records: Iterable<{ bytes: number }>, batchSize: number): number {
  let count = 0;
  let bytes = 0;
  for (const record of records) {
    bytes += record.bytes;
    if (count === batchSize || (count > 0 && bytes > MAXIMUM_PAYLOAD_BYTES)) break;
    count++;
  }
  return count;
}
