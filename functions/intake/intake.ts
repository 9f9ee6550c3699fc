import type { KinesisStreamRecord } from 'aws-lambda';
import {
  type Call,
  type CallRecordContext,
  parseCallLine,
  type Rejection,
  type RejectReason,
} from '../../lib/domain/call-record.ts';
import type { Leg } from '../../lib/domain/leg.ts';
import { legsOfCall } from '../../lib/domain/legs-of-call.ts';
import {
  DEFAULT_PAYLOAD_LIMITS,
  type PayloadPiece,
  type RejectedPiece,
  splitPayload,
} from '../../lib/wire/record-payload.ts';
import type { QuarantineEntry, QuarantineObject } from '../adapters/quarantine-bucket.ts';
import type { Sealer } from '../adapters/sealing.ts';
import { arrivalOf, shardOf } from '../adapters/stream-batch.ts';

/** What one batch of call records becomes. */
export interface IntakeResult {
  readonly legs: readonly Leg[];
  /** For each leg, the position in the batch of the record that it came from. */
  readonly recordOfLeg: readonly number[];
  readonly quarantine: readonly QuarantineObject[];
  readonly accepted: number;
  readonly rejected: ReadonlyMap<RejectReason, number>;
}

type Rejected = Pick<Rejection, 'reason' | 'field' | 'detail'>;

function entryOfLine(
  piece: { position: PayloadPiece['position']; text: string },
  rejected: Rejected,
): QuarantineEntry {
  return {
    reason: rejected.reason,
    ...(rejected.field === undefined ? {} : { field: rejected.field }),
    detail: rejected.detail,
    position: piece.position,
    raw: piece.text,
    encoding: 'utf8',
  };
}

function entryOfPiece(piece: RejectedPiece): QuarantineEntry {
  return {
    reason: piece.reason,
    detail: piece.detail,
    position: piece.position,
    raw: Buffer.from(piece.raw).toString('base64'),
    encoding: 'base64',
  };
}

/**
 * Decodes, checks and seals a batch. Pure: no I/O, no clock.
 *
 * @param records as Lambda hands them over, in order
 */
export function takeIn(
  records: readonly KinesisStreamRecord[],
  context: CallRecordContext,
  sealer: Sealer,
): IntakeResult {
  const legs: Leg[] = [];
  const recordOfLeg: number[] = [];
  const quarantine: QuarantineObject[] = [];
  const rejected: Map<RejectReason, number> = new Map();
  let accepted = 0;
  records.forEach((record, position) => {
    const arrivedAt = arrivalOf(record);
    const entries: QuarantineEntry[] = [];
    const calls: Call[] = [];
    for (const piece of splitPayload(
      Buffer.from(record.kinesis.data, 'base64'),
      DEFAULT_PAYLOAD_LIMITS,
    )) {
      if (!('text' in piece)) {
        entries.push(entryOfPiece(piece));
        continue;
      }
      const parsed = parseCallLine(piece.text, context);
      if (!parsed.ok) {
        entries.push(entryOfLine(piece, parsed));
        continue;
      }
      calls.push(parsed.call);
    }
    accepted += calls.length;
    sealer.seal(calls).forEach((sealed, i) => {
      const call = calls[i];
      if (call === undefined) return;
      for (const leg of legsOfCall(call, sealed, arrivedAt)) {
        legs.push(leg);
        recordOfLeg.push(position);
      }
    });
    if (entries.length === 0) return;
    for (const { reason } of entries) rejected.set(reason, (rejected.get(reason) ?? 0) + 1);
    quarantine.push({
      sequenceNumber: record.kinesis.sequenceNumber,
      shardId: shardOf(record),
      partitionKey: record.kinesis.partitionKey,
      arrivedAt,
      entries,
    });
  });
  return { legs, recordOfLeg, quarantine, accepted, rejected };
}
