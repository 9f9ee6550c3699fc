import type { StreamSettings } from './event-source-settings.ts';
import { compareSequenceNumbers } from './sequence-number.ts';
import type { StreamRecord } from './stream-record.ts';

/** Records of one shard that go to the function together, with their history. */
export interface StreamBatch {
  records: readonly StreamRecord[];
  /** Retries that count against `MaximumRetryAttempts`. */
  retries: number;
  /** Invocations with these records. */
  invocations: number;
  /** The kind of the last function error, for the on-failure document. */
  functionError?: string;
}

/** What became of one invocation with a batch. */
export type StreamInvocationOutcome =
  | { type: 'success' }
  /** Throttled or unable to start: the function never saw the batch. */
  | { type: 'not-invoked' }
  | { type: 'failure'; functionError?: string }
  | { type: 'partial'; failed: ReadonlySet<string> };

/** What to do after an invocation. */
export interface NextSteps {
  acknowledged: readonly StreamRecord[];
  /** Batches to process next, in this order, before anything newer of their lane. */
  retry: readonly StreamBatch[];
  /** The batch that is given up. */
  discarded?: StreamBatch;
  /** Whether the retry must back off first. */
  backOff: boolean;
}

/** Why records are given up, in the words of the on-failure document. */
export type DiscardCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** A batch that no function has seen. */
export function newBatch(records: readonly StreamRecord[]): StreamBatch {
  return { records, retries: 0, invocations: 0 };
}

/**
 * Decides what follows an invocation, by the Lambda developer guide's error handling for streams:
 * - an invocation that did not reach the function is repeated, and uses up no retry;
 * - a failed batch is split in two if `BisectBatchOnFunctionError` says so; splitting uses up no retry;
 * - else it is retried until `MaximumRetryAttempts`, then discarded;
 * - of a partly failed batch all from the lowest failed sequence number on is retried. With bisecting
 *   on, that is a split at this number (if something is before it), else it uses up a retry.
 */
export function stepsAfterInvocation(
  batch: StreamBatch,
  outcome: StreamInvocationOutcome,
  settings: Pick<StreamSettings, 'bisectBatchOnFunctionError' | 'maximumRetryAttempts'>,
): NextSteps {
  if (outcome.type === 'not-invoked') {
    return { acknowledged: [], retry: [batch], backOff: true };
  }
  if (outcome.type === 'success') {
    return { acknowledged: batch.records, retry: [], backOff: false };
  }
  const tried: StreamBatch = { ...batch, invocations: batch.invocations + 1 };
  const bisect = settings.bisectBatchOnFunctionError;
  if (outcome.type === 'partial') {
    const first = firstFailed(batch.records, outcome.failed);
    const rest = { ...tried, records: batch.records.slice(first) };
    const acknowledged = batch.records.slice(0, first);
    if (bisect && first > 0) return { acknowledged, retry: [rest], backOff: false };
    return { ...retryOrDiscard(rest, settings.maximumRetryAttempts), acknowledged };
  }
  if (outcome.functionError !== undefined) tried.functionError = outcome.functionError;
  if (bisect && batch.records.length > 1) {
    const middle = Math.floor(batch.records.length / 2);
    return {
      acknowledged: [],
      retry: [
        { ...tried, records: batch.records.slice(0, middle) },
        { ...tried, records: batch.records.slice(middle) },
      ],
      backOff: false,
    };
  }
  return retryOrDiscard(tried, settings.maximumRetryAttempts);
}

/**
 * Takes the records out of a batch that are older than `MaximumRecordAgeInSeconds`.
 *
 * @returns the batch itself when none is
 */
export function splitByAge(
  batch: StreamBatch,
  maximumAgeMs: number,
  nowMs: number,
): { expired?: StreamBatch; fresh: StreamBatch } {
  const isExpired = (record: StreamRecord) => nowMs - record.arrivalMs > maximumAgeMs;
  if (maximumAgeMs === Number.POSITIVE_INFINITY || !batch.records.some(isExpired)) {
    return { fresh: batch };
  }
  return {
    expired: { ...batch, records: batch.records.filter(isExpired) },
    fresh: { ...batch, records: batch.records.filter((record) => !isExpired(record)) },
  };
}

function retryOrDiscard(batch: StreamBatch, maximumRetryAttempts: number): NextSteps {
  if (batch.retries >= maximumRetryAttempts) {
    return { acknowledged: [], retry: [], discarded: batch, backOff: false };
  }
  return {
    acknowledged: [],
    retry: [{ ...batch, retries: batch.retries + 1 }],
    backOff: true,
  };
}

/** Index of the record with the lowest failed sequence number; the records are in order. */
function firstFailed(records: readonly StreamRecord[], failed: ReadonlySet<string>): number {
  const [lowest] = [...failed].sort(compareSequenceNumbers);
  return records.findIndex((record) => record.sequenceNumber === lowest);
}
