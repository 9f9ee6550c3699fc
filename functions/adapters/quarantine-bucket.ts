import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { RejectReason } from '../../lib/domain/call-record.ts';

/** A piece of a Kinesis record that was not accepted. */
export interface QuarantineEntry {
  /** A stable code; docs/records.md lists them. */
  readonly reason: RejectReason;
  /** The field at fault, if one is. */
  readonly field?: string;
  readonly detail: string;
  /** Where it stood in the Kinesis record; both count from 1. */
  readonly position: { readonly subRecord?: number; readonly line?: number };
  /** What was pushed, so that it can be mended and replayed. */
  readonly raw: string;
  /** How `raw` holds the bytes. */
  readonly encoding: 'utf8' | 'base64';
}

/** Everything that was not accepted of one Kinesis record. */
export interface QuarantineObject {
  readonly sequenceNumber: string;
  readonly shardId: string;
  readonly partitionKey: string;
  /** When Kinesis took the record, epoch milliseconds. */
  readonly arrivedAt: number;
  readonly entries: readonly QuarantineEntry[];
}

const PREFIX = 'quarantine/';

/**
 * The object's key: `quarantine/<yyyy-mm-dd>/<shardId>-<sequenceNumber>.json`, the day in UTC. A record
 * that is delivered again gets the same key, so that nothing lies in quarantine twice.
 */
export function quarantineKey(object: QuarantineObject): string {
  const day = new Date(object.arrivedAt).toISOString().slice(0, 10);
  return `${PREFIX}${day}/${object.shardId}-${object.sequenceNumber}.json`;
}

/** Writes the object; the bucket's own settings encrypt it and let it expire. */
export async function putQuarantine(
  client: S3Client,
  bucket: string,
  object: QuarantineObject,
): Promise<void> {
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: quarantineKey(object),
      Body: JSON.stringify(object),
      ContentType: 'application/json',
    }),
  );
}

/** The keys of one day (`yyyy-mm-dd`, UTC) or of all days, oldest day first. */
export async function* listQuarantineKeys(
  client: S3Client,
  bucket: string,
  day?: string,
): AsyncGenerator<string> {
  const Prefix = day === undefined ? PREFIX : `${PREFIX}${day}/`;
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix })) {
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
  }
}

/** Reads one object; undefined when there is none of that key (any more). */
export async function getQuarantine(
  client: S3Client,
  bucket: string,
  key: string,
): Promise<QuarantineObject | undefined> {
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const text = await Body?.transformToString('utf-8');
    return text === undefined ? undefined : (JSON.parse(text) as QuarantineObject);
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
}

/** Removes one object. */
export async function deleteQuarantine(
  client: S3Client,
  bucket: string,
  key: string,
): Promise<void> {
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
}
