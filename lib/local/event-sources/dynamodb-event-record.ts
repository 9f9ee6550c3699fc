import type { AttributeValue, _Record as DynamoDbRecord } from '@aws-sdk/client-dynamodb-streams';
import type { EventOrigin } from './event-origin.ts';
import type { StreamRecord } from './stream-record.ts';

/**
 * Turns a record of a table's stream into the one that the function sees: the same document, but
 * binary values are base64 text and the creation time is epoch seconds.
 */
export function dynamoDbStreamRecord(record: DynamoDbRecord, origin: EventOrigin): StreamRecord {
  const change = record.dynamodb ?? {};
  const sequenceNumber = change.SequenceNumber ?? '';
  const arrivalMs = change.ApproximateCreationDateTime?.getTime() ?? 0;
  const keys = jsonImage(change.Keys ?? {});
  const event = {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: record.eventVersion ?? '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: origin.region,
    dynamodb: {
      ApproximateCreationDateTime: arrivalMs / 1000,
      Keys: keys,
      ...(change.NewImage && { NewImage: jsonImage(change.NewImage) }),
      ...(change.OldImage && { OldImage: jsonImage(change.OldImage) }),
      SequenceNumber: sequenceNumber,
      SizeBytes: change.SizeBytes,
      StreamViewType: change.StreamViewType,
    },
    ...(record.userIdentity && {
      userIdentity: {
        principalId: record.userIdentity.PrincipalId,
        type: record.userIdentity.Type,
      },
    }),
    eventSourceARN: origin.eventSourceArn,
  };
  return {
    sequenceNumber,
    partitionKey: itemKey(keys),
    arrivalMs,
    bytes: Buffer.byteLength(JSON.stringify(event)),
    event,
  };
}

type JsonImage = Record<string, unknown>;

/** Order is kept per item, so the whole primary key is the key. */
function itemKey(keys: JsonImage): string {
  return JSON.stringify(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function jsonImage(image: Record<string, AttributeValue>): JsonImage {
  return Object.fromEntries(
    Object.entries(image).map(([name, value]) => [name, jsonAttribute(value)]),
  );
}

function jsonAttribute(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.M !== undefined) return { M: jsonImage(value.M) };
  if (value.L !== undefined) return { L: value.L.map(jsonAttribute) };
  return value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
