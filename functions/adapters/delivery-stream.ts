import { type FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { DeliveryError } from './errors.ts';
import { type Attempt, writeInParts } from './partial-writes.ts';

/** PutRecordBatch takes 500 records and 4 MB. */
const MOST = { records: 500, bytes: 4_000_000 };

async function putOnce(
  client: FirehoseClient,
  streamName: string,
  records: readonly Uint8Array[],
  run: readonly number[],
): Promise<Attempt> {
  try {
    const answer = await client.send(
      new PutRecordBatchCommand({
        DeliveryStreamName: streamName,
        Records: run.map((position) => ({ Data: records[position] })),
      }),
    );
    const failed = run.filter((_, i) => answer.RequestResponses?.[i]?.ErrorCode !== undefined);
    const first = answer.RequestResponses?.find(({ ErrorCode }) => ErrorCode !== undefined);
    return { failed, cause: first === undefined ? undefined : new Error(first.ErrorCode) };
  } catch (cause) {
    return { failed: run, cause };
  }
}

/**
 * Hands records to a delivery stream, however many; what Firehose refuses (PutRecordBatch fails in part, by design) is
 * tried again.
 *
 * @throws DeliveryError when records were refused at every attempt
 */
export function deliver(
  client: FirehoseClient,
  streamName: string,
  records: readonly Uint8Array[],
  patience: Patience = DEFAULT_PATIENCE,
): Promise<void> {
  return writeInParts(
    records.length,
    {
      most: MOST,
      bytesOf: (position) => records[position]?.byteLength ?? 0,
      put: (run) => putOnce(client, streamName, records, run),
      giveUp: (positions, cause) => new DeliveryError(positions.length, { cause }),
    },
    patience,
  );
}
