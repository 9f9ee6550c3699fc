import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { KinesisWriteError } from './errors.ts';
import { type Attempt, writeInParts } from './partial-writes.ts';

export interface KinesisEntry {
  readonly data: Uint8Array;
  readonly partitionKey: string;
  readonly explicitHashKey?: string;
}

/** PutRecords takes 500 records; its bytes are limited too, and are kept well below that. */
const MOST = { records: 500, bytes: 4 * 1024 * 1024 };
/** A partition key has at most so many bytes. */
const KEY_BYTES = 256;

async function putOnce(
  client: KinesisClient,
  streamName: string,
  entries: readonly KinesisEntry[],
  run: readonly number[],
): Promise<Attempt> {
  const records = run.flatMap((position) => {
    const entry = entries[position];
    if (entry === undefined) return [];
    return {
      Data: entry.data,
      PartitionKey: entry.partitionKey,
      ...(entry.explicitHashKey === undefined ? {} : { ExplicitHashKey: entry.explicitHashKey }),
    };
  });
  try {
    const answer = await client.send(
      new PutRecordsCommand({ StreamName: streamName, Records: records }),
    );
    const failed = run.filter((_, i) => answer.Records?.[i]?.ErrorCode !== undefined);
    const first = answer.Records?.find((record) => record.ErrorCode !== undefined);
    return { failed, cause: first === undefined ? undefined : new Error(first.ErrorCode) };
  } catch (cause) {
    return { failed: run, cause };
  }
}

/**
 * Writes records to a stream, however many; what Kinesis refuses (PutRecords fails in part, by design) is
 * tried again with a growing, jittered pause.
 *
 * @throws KinesisWriteError naming the positions that were refused at every attempt
 */
export function putRecords(
  client: KinesisClient,
  streamName: string,
  entries: readonly KinesisEntry[],
  patience: Patience = DEFAULT_PATIENCE,
): Promise<void> {
  return writeInParts(
    entries.length,
    {
      most: MOST,
      bytesOf: (position) => (entries[position]?.data.byteLength ?? 0) + KEY_BYTES,
      put: (run) => putOnce(client, streamName, entries, run),
      giveUp: (positions, cause) => new KinesisWriteError(positions, { cause }),
    },
    patience,
  );
}
