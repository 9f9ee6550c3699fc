import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { type CallRow, packRows, rowOfLeg } from '../../lib/archive/call-rows.ts';
import { unpackLegs } from '../../lib/wire/frames.ts';
import { ALL_DONE } from '../adapters/stream-batch.ts';

export interface ArchiveCallsPorts {
  /** Hands records on to be kept, all or none of them for good. */
  readonly deliver: (records: readonly Buffer[]) => Promise<void>;
  readonly count: (counts: { readonly rows: number; readonly records: number }) => void;
}

/**
 * One batch of the legs stream: each record of a call becomes a row, once. A batch that comes again gives its rows
 * again, which the nightly compaction makes one.
 */
export async function archiveCalls(
  event: KinesisStreamEvent,
  utcOffsetMinutes: number,
  ports: ArchiveCallsPorts,
): Promise<KinesisStreamBatchResponse> {
  const rows: CallRow[] = [];
  for (const { kinesis } of event.Records) {
    for (const leg of unpackLegs(Buffer.from(kinesis.data, 'base64'))) {
      const row = rowOfLeg(leg, utcOffsetMinutes);
      if (row !== undefined) rows.push(row);
    }
  }
  const records = packRows(rows);
  await ports.deliver(records);
  ports.count({ rows: rows.length, records: records.length });
  return ALL_DONE;
}
