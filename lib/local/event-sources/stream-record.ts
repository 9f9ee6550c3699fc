/** One record of a shard on its way to the function. */
export interface StreamRecord {
  sequenceNumber: string;
  /** Records with the same key stay in order when a shard is read in parallel. */
  partitionKey: string;
  /** When the record came into the stream, epoch milliseconds. */
  arrivalMs: number;
  /** Length of the record in the event, bytes of JSON. */
  bytes: number;
  /** The record as the function sees it, one of the event's `Records`. */
  event: unknown;
}
