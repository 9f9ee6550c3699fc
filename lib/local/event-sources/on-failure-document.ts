import type { DiscardCondition, StreamBatch } from './stream-batch.ts';

/** Where a discarded batch came from. */
export interface DiscardOrigin {
  functionArn: string;
  kind: 'kinesis' | 'dynamodb';
  shardId: string;
  streamArn: string;
}

/**
 * Describes a discarded batch as Lambda does for on-failure destinations (developer guide, "Retain
 * discarded batch records"). Queues and topics get this document, a bucket the records too.
 *
 * @param batch at least one record
 * @param nowMs epoch milliseconds
 */
export function onFailureDocument(
  batch: StreamBatch,
  condition: DiscardCondition,
  origin: DiscardOrigin,
  requestId: string,
  nowMs: number,
) {
  const first = batch.records[0];
  const last = batch.records.at(-1);
  const batchInfo = {
    shardId: origin.shardId,
    startSequenceNumber: first?.sequenceNumber,
    endSequenceNumber: last?.sequenceNumber,
    approximateArrivalOfFirstRecord: isoTime(first?.arrivalMs),
    approximateArrivalOfLastRecord: isoTime(last?.arrivalMs),
    batchSize: batch.records.length,
    streamArn: origin.streamArn,
  };
  return {
    requestContext: {
      requestId,
      functionArn: origin.functionArn,
      condition,
      approximateInvokeCount: batch.invocations,
    },
    // Nothing was answered if the records were too old before their first invocation.
    responseContext:
      batch.invocations === 0
        ? null
        : {
            statusCode: 200,
            executedVersion: '$LATEST',
            functionError: batch.functionError ?? null,
          },
    version: '1.0',
    timestamp: isoTime(nowMs),
    ...(origin.kind === 'kinesis'
      ? { KinesisBatchInfo: batchInfo }
      : { DDBStreamBatchInfo: batchInfo }),
  };
}

/**
 * Names the object of a discarded batch:
 * `aws/lambda/<mapping's UUID>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<random UUID>`, in UTC.
 */
export function onFailureObjectKey(
  mappingUuid: string,
  shardId: string,
  nowMs: number,
  randomUuid: string,
): string {
  const second = new Date(nowMs).toISOString().slice(0, 19);
  const day = second.slice(0, 10).replaceAll('-', '/');
  return `aws/lambda/${mappingUuid}/${shardId}/${day}/${second.replaceAll(':', '.')}-${randomUuid}`;
}

function isoTime(epochMs: number | undefined): string | undefined {
  return epochMs === undefined ? undefined : new Date(epochMs).toISOString();
}
