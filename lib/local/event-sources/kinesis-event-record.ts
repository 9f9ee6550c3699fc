import type { EventOrigin } from './event-origin.ts';
import type { StreamRecord } from './stream-record.ts';

/** A record of the Kinesis API, as far as the event shows it. */
export interface KinesisRecord {
  SequenceNumber: string;
  PartitionKey: string;
  Data: Uint8Array;
  ApproximateArrivalTimestamp: Date;
}

/** A record of a Lambda event from Kinesis. */
export interface KinesisEventRecord {
  kinesis: {
    kinesisSchemaVersion: '1.0';
    partitionKey: string;
    sequenceNumber: string;
    /** Base64. */
    data: string;
    /** Epoch seconds with a fraction. */
    approximateArrivalTimestamp: number;
  };
  eventSource: 'aws:kinesis';
  eventVersion: '1.0';
  /** Shard id and sequence number. */
  eventID: string;
  eventName: 'aws:kinesis:record';
  invokeIdentityArn: string;
  awsRegion: string;
  eventSourceARN: string;
}

/** JSON punctuation and names around the values of an event record, rounded up. */
const FRAME_BYTES = 320;

/** Turns a Kinesis record into the one that the function sees (Lambda developer guide, Kinesis). */
export function kinesisStreamRecord(
  record: KinesisRecord,
  shardId: string,
  origin: EventOrigin,
): StreamRecord {
  const { Data: bytes } = record;
  // A view, not a copy, of the SDK's bytes.
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  const arrivalMs = record.ApproximateArrivalTimestamp.getTime();
  const event: KinesisEventRecord = {
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.PartitionKey,
      sequenceNumber: record.SequenceNumber,
      data,
      approximateArrivalTimestamp: arrivalMs / 1000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${record.SequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: origin.invokeIdentityArn,
    awsRegion: origin.region,
    eventSourceARN: origin.eventSourceArn,
  };
  const bytesOfEvent =
    FRAME_BYTES +
    data.length +
    // The sequence number comes twice; a key may be up to three bytes per character.
    2 * record.SequenceNumber.length +
    3 * record.PartitionKey.length +
    origin.invokeIdentityArn.length +
    origin.eventSourceArn.length;
  return {
    sequenceNumber: record.SequenceNumber,
    partitionKey: record.PartitionKey,
    arrivalMs,
    bytes: bytesOfEvent,
    event,
  };
}
