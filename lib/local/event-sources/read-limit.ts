/** GetRecords returns at most 10,000 records or 10 MB; not every emulator heeds the bytes. */
const MAXIMUM_READ_RECORDS = 10_000;
const MAXIMUM_READ_BYTES = 10 * 1024 * 1024;
const SMALLEST_READ_RECORDS = 100;

/**
 * Chooses how many records to ask for: about what the lanes can take at once, and no more than 10 MB
 * by the size of the records read so far.
 *
 * @param averageBytes of a record so far, 0 when nothing is known
 */
export function readLimit(batchSize: number, lanes: number, averageBytes: number): number {
  const wanted = Math.max(SMALLEST_READ_RECORDS, batchSize * lanes);
  const affordable =
    averageBytes === 0
      ? MAXIMUM_READ_RECORDS
      : Math.max(SMALLEST_READ_RECORDS, Math.floor(MAXIMUM_READ_BYTES / averageBytes));
  return Math.min(MAXIMUM_READ_RECORDS, wanted, affordable);
}
