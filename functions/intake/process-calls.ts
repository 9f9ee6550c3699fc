import type {
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  KinesisStreamRecord,
} from 'aws-lambda';
import type { CallRecordContext, RejectReason } from '../../lib/domain/call-record.ts';
import type { Seal } from '../../lib/domain/legs-of-call.ts';
import { type Frame, packLegs } from '../../lib/wire/frames.ts';
import { KinesisWriteError } from '../adapters/errors.ts';
import type { QuarantineObject } from '../adapters/quarantine-bucket.ts';
import { ALL_DONE, retryFrom } from '../adapters/stream-batch.ts';
import { type IntakeResult, takeIn } from './intake.ts';

export interface IntakePorts {
  /** @throws KinesisWriteError naming the frames that were not taken */
  readonly putLegs: (frames: readonly Frame[]) => Promise<void>;
  readonly putQuarantine: (object: QuarantineObject) => Promise<void>;
  readonly count: (counts: IntakeCounts) => void;
  /** Called with the error behind a partly failed batch. */
  readonly onFailure: (message: string, cause: unknown) => void;
}

export interface IntakeCounts {
  readonly received: number;
  readonly accepted: number;
  readonly legs: number;
  readonly rejected: ReadonlyMap<RejectReason, number>;
}

/** Sequence number of the first record with a leg in a frame that was not written. */
function firstUnwritten(
  records: readonly KinesisStreamRecord[],
  result: IntakeResult,
  frames: readonly Frame[],
  failed: readonly number[],
): string {
  let first = records.length - 1;
  for (const frame of failed) {
    for (const item of frames[frame]?.items ?? []) {
      first = Math.min(first, result.recordOfLeg[item] ?? first);
    }
  }
  return records[first]?.kinesis.sequenceNumber ?? '';
}

/**
 * One batch of the calls stream: bad pieces to quarantine, good ones as legs to the next stream. What could
 * not be written is asked for again from its first record on; a leg written twice is dropped by its number's
 * profile.
 */
export async function processCalls(
  event: KinesisStreamEvent,
  context: CallRecordContext,
  seal: Seal,
  ports: IntakePorts,
): Promise<KinesisStreamBatchResponse> {
  const result = takeIn(event.Records, context, seal);
  const frames = packLegs(result.legs);
  await Promise.all(result.quarantine.map(ports.putQuarantine));
  try {
    await ports.putLegs(frames);
  } catch (error) {
    if (!(error instanceof KinesisWriteError)) throw error;
    ports.onFailure('legs were not taken; the batch is retried from the first of them', error);
    return retryFrom(firstUnwritten(event.Records, result, frames, error.failed));
  }
  const rejectedCount = [...result.rejected.values()].reduce((sum, count) => sum + count, 0);
  ports.count({
    received: result.accepted + rejectedCount,
    accepted: result.accepted,
    legs: result.legs.length,
    rejected: result.rejected,
  });
  return ALL_DONE;
}
