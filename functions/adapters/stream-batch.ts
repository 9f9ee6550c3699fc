import type { KinesisStreamBatchResponse, KinesisStreamRecord } from 'aws-lambda';

/** All of the batch is done. */
export const ALL_DONE: KinesisStreamBatchResponse = { batchItemFailures: [] };

/** Tells Lambda to come back with the batch from this record on (partial batch response). */
export function retryFrom(sequenceNumber: string): KinesisStreamBatchResponse {
  return { batchItemFailures: [{ itemIdentifier: sequenceNumber }] };
}

/**
 * Order of two sequence numbers: decimals of up to 129 digits without leading zeros, so the longer is the
 * larger, and plain text order holds only between equal lengths.
 */
export function compareSequenceNumbers(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** Epoch ms at which the record reached its stream. */
export function arrivalOf(record: KinesisStreamRecord): number {
  return Math.round(record.kinesis.approximateArrivalTimestamp * 1000);
}

/** The shard that a record came through: the first part of its event id. */
export function shardOf(record: KinesisStreamRecord): string {
  return record.eventID.slice(0, record.eventID.indexOf(':'));
}
