import type {
  KinesisStreamBatchResponse,
  KinesisStreamEvent,
  KinesisStreamRecord,
} from 'aws-lambda';
import type { CallRecordContext, RejectReason } from '../../lib/domain/call-record.ts';
import { type Frame, packLegs } from '../../lib/wire/frames.ts';
import { KinesisWriteError } from '../adapters/errors.ts';
import type { QuarantineObject } from '../adapters/quarantine-bucket.ts';
import type { Sealer } from '../adapters/sealing.ts';
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

/** Position of the first record with a leg in a frame that was not written. */
function firstUnwritten(
  records: readonly KinesisStreamRecord[],
  result: IntakeResult,
  frames: readonly Frame[],
  failed: readonly number[],
): number {
  let first = records.length - 1;
  for (const frame of failed) {
    for (const item of frames[frame]?.items ?? []) {
      first = Math.min(first, result.recordOfLeg[item] ?? first);
    }
  }
  return first;
}

function countTaken(result: IntakeResult, count: IntakePorts['count']): void {
  const rejected = [...result.rejected.values()].reduce((sum, each) => sum + each, 0);
  count({
    received: result.accepted + rejected,
    accepted: result.accepted,
    legs: result.legs.length,
    rejected: result.rejected,
  });
}

/**
 * One batch of the calls stream: bad pieces to quarantine, good ones as legs to the next stream. What could
 * not be written is asked for again from its first record on; a leg written twice is dropped by its number's
 * profile.
 */
export async function processCalls(
  event: KinesisStreamEvent,
  context: CallRecordContext,
  sealer: Sealer,
  ports: IntakePorts,
): Promise<KinesisStreamBatchResponse> {
  const result = takeIn(event.Records, context, sealer);
  const frames = packLegs(result.legs);
  await Promise.all(result.quarantine.map(ports.putQuarantine));
  try {
    await ports.putLegs(frames);
  } catch (error) {
    if (!(error instanceof KinesisWriteError)) throw error;
    ports.onFailure('legs were not taken; the batch is retried from the first of them', error);
    const first = firstUnwritten(event.Records, result, frames, error.failed);
    // The records before it do not come again, so they are counted now.
    countTaken(takeIn(event.Records.slice(0, first), context, sealer), ports.count);
    return retryFrom(event.Records[first]?.kinesis.sequenceNumber ?? '');
  }
  countTaken(result, ports.count);
  return ALL_DONE;
}
