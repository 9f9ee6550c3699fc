import { describe, expect, it } from 'vitest';
import {
  newBatch,
  type StreamBatch,
  type StreamInvocationOutcome,
  splitByAge,
  stepsAfterInvocation,
} from '../../../lib/local/event-sources/stream-batch.ts';
import type { StreamRecord } from '../../../lib/local/event-sources/stream-record.ts';

const record = (sequenceNumber: string, arrivalMs = 0): StreamRecord => ({
  sequenceNumber,
  partitionKey: 'k',
  arrivalMs,
  bytes: 1,
  event: {},
});
const batch = (...numbers: string[]): StreamBatch => newBatch(numbers.map((n) => record(n)));
const numbers = (records: readonly StreamRecord[]) => records.map((r) => r.sequenceNumber);

const failure: StreamInvocationOutcome = { type: 'failure', functionError: 'Unhandled' };
const partial = (...failed: string[]): StreamInvocationOutcome => ({
  type: 'partial',
  failed: new Set(failed),
});

function steps(
  given: StreamBatch,
  outcome: StreamInvocationOutcome,
  settings: { bisect?: boolean; retries?: number } = {},
) {
  const next = stepsAfterInvocation(given, outcome, {
    bisectBatchOnFunctionError: settings.bisect ?? false,
    maximumRetryAttempts: settings.retries ?? Number.POSITIVE_INFINITY,
  });
  return {
    acknowledged: numbers(next.acknowledged),
    retry: next.retry.map((b) => ({ numbers: numbers(b.records), retries: b.retries })),
    discarded: next.discarded && numbers(next.discarded.records),
    backOff: next.backOff,
  };
}

describe('stepsAfterInvocation', () => {
  it('acknowledges a successful batch', () => {
    expect(steps(batch('1', '2'), { type: 'success' })).toEqual({
      acknowledged: ['1', '2'],
      retry: [],
      discarded: undefined,
      backOff: false,
    });
  });

  it('repeats an invocation that did not reach the function, whatever the retry limit', () => {
    expect(steps(batch('1', '2'), { type: 'not-invoked' }, { retries: 0, bisect: true })).toEqual({
      acknowledged: [],
      retry: [{ numbers: ['1', '2'], retries: 0 }],
      discarded: undefined,
      backOff: true,
    });
  });

  it('retries a failed batch as a whole', () => {
    expect(steps(batch('1', '2'), failure, { retries: 1 })).toMatchObject({
      acknowledged: [],
      retry: [{ numbers: ['1', '2'], retries: 1 }],
      backOff: true,
    });
  });

  it('discards it when the retries are used up', () => {
    expect(steps({ ...batch('1', '2'), retries: 1 }, failure, { retries: 1 })).toMatchObject({
      acknowledged: [],
      retry: [],
      discarded: ['1', '2'],
    });
  });

  it('does not retry at all with a limit of 0', () => {
    expect(steps(batch('1'), failure, { retries: 0 })).toMatchObject({ discarded: ['1'] });
  });

  it('bisects without using up a retry, the older half first', () => {
    expect(
      steps({ ...batch('1', '2', '3'), retries: 2 }, failure, { retries: 2, bisect: true }),
    ).toEqual({
      acknowledged: [],
      retry: [
        { numbers: ['1'], retries: 2 },
        { numbers: ['2', '3'], retries: 2 },
      ],
      discarded: undefined,
      backOff: false,
    });
  });

  it('retries a single record that cannot be bisected', () => {
    expect(steps(batch('1'), failure, { retries: 1, bisect: true })).toMatchObject({
      retry: [{ numbers: ['1'], retries: 1 }],
      backOff: true,
    });
  });

  it('resumes a partly failed batch at its lowest failed sequence number', () => {
    expect(steps(batch('8', '9', '10', '11'), partial('10', '9'), { retries: 1 })).toEqual({
      acknowledged: ['8'],
      retry: [{ numbers: ['9', '10', '11'], retries: 1 }],
      discarded: undefined,
      backOff: true,
    });
  });

  it('splits at that number without using up a retry when bisecting is on', () => {
    expect(steps(batch('8', '9', '10'), partial('9'), { retries: 0, bisect: true })).toEqual({
      acknowledged: ['8'],
      retry: [{ numbers: ['9', '10'], retries: 0 }],
      discarded: undefined,
      backOff: false,
    });
  });

  it('uses up a retry when the first record failed, so that this ends', () => {
    const settings = { retries: 1, bisect: true };
    expect(steps(batch('8', '9'), partial('8'), settings)).toMatchObject({
      retry: [{ numbers: ['8', '9'], retries: 1 }],
      backOff: true,
    });
    expect(steps({ ...batch('8', '9'), retries: 1 }, partial('8'), settings)).toMatchObject({
      retry: [],
      discarded: ['8', '9'],
    });
  });

  it('acknowledges what went well even when the rest is discarded', () => {
    expect(steps(batch('1', '2', '3'), partial('2'), { retries: 0 })).toMatchObject({
      acknowledged: ['1'],
      discarded: ['2', '3'],
    });
  });

  it('counts invocations and keeps the last function error for the on-failure document', () => {
    const settings = { bisectBatchOnFunctionError: false, maximumRetryAttempts: 0 };
    const { discarded } = stepsAfterInvocation(batch('1'), failure, settings);
    expect(discarded).toMatchObject({ invocations: 1, functionError: 'Unhandled' });
  });
});

describe('splitByAge', () => {
  const young = record('2', 100_000);
  const old = record('1', 39_999);

  it('takes out what is older than the limit', () => {
    const given = newBatch([old, young]);
    const { expired, fresh } = splitByAge(given, 60_000, 100_000);
    expect(numbers(expired?.records ?? [])).toEqual(['1']);
    expect(numbers(fresh.records)).toEqual(['2']);
  });

  it('lets a record pass that is just as old as the limit', () => {
    const given = newBatch([record('1', 40_000)]);
    expect(splitByAge(given, 60_000, 100_000)).toEqual({ fresh: given });
  });

  it('keeps everything without a limit', () => {
    const given = newBatch([old]);
    expect(splitByAge(given, Number.POSITIVE_INFINITY, 1e15)).toEqual({ fresh: given });
  });
});
