import type { InvocationResult } from '../../../lib/local/event-sources/event-source.ts';
import type { StreamSettings } from '../../../lib/local/event-sources/event-source-settings.ts';
import type {
  DiscardCondition,
  StreamBatch,
} from '../../../lib/local/event-sources/stream-batch.ts';
import {
  StreamEventSource,
  type StreamEventSourceContext,
} from '../../../lib/local/event-sources/stream-event-source.ts';
import { InMemoryStream, type TestRecord } from './in-memory-stream.ts';
import { VirtualTime } from './virtual-time.ts';

/** An event as the tests' functions get it. */
export interface TestEvent {
  Records: TestRecord[];
  state?: unknown;
  window?: { start: string; end: string };
  isFinalInvokeForWindow?: boolean;
  isWindowTerminatedEarly?: boolean;
}

/** An invocation that succeeds and says nothing. */
export const SUCCESS: InvocationResult = { payload: null };
/** An invocation that throws. */
export const FUNCTION_ERROR: InvocationResult = {
  payload: { errorType: 'Error' },
  functionError: 'Unhandled',
};

/** An answer with partial failures. */
export function failedItems(...identifiers: unknown[]): InvocationResult {
  return {
    payload: { batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) },
  };
}

const STANDARD_SETTINGS: StreamSettings = {
  batchSize: 100,
  batchingWindowMs: 0,
  startingPosition: 'TRIM_HORIZON',
  startingTimestampMs: 0,
  parallelizationFactor: 1,
  bisectBatchOnFunctionError: false,
  maximumRetryAttempts: Number.POSITIVE_INFINITY,
  maximumRecordAgeMs: Number.POSITIVE_INFINITY,
  reportBatchItemFailures: false,
  tumblingWindowMs: 0,
};

interface Discarded {
  condition: DiscardCondition;
  values: string[];
  invocations: number;
  shardId: string;
}

/** An event source over a stream in memory, in virtual time, with what happened to it. */
export function streamEventSourceFactory(
  settings: Partial<StreamSettings>,
  invoke: (event: TestEvent) => InvocationResult | Promise<InvocationResult>,
  overrides: Partial<StreamEventSourceContext> = {},
) {
  const time = new VirtualTime();
  const stream = new InMemoryStream('shard-0');
  const events: TestEvent[] = [];
  const discarded: Discarded[] = [];
  const logs: string[] = [];
  const source = new StreamEventSource({
    settings: { ...STANDARD_SETTINGS, ...settings },
    eventSourceArn: 'arn:aws:kinesis:us-east-1:123456789012:stream/test',
    reader: stream,
    isWanted: () => true,
    invoke: async (payload) => {
      const event = payload as TestEvent;
      events.push(structuredClone(event));
      return invoke(event);
    },
    discard: async (batch: StreamBatch, condition, shardId) => {
      discarded.push({
        condition,
        shardId,
        values: valuesOf(batch.records.map((record) => record.event as TestRecord)),
        invocations: batch.invocations,
      });
    },
    delay: time.delay,
    now: time.now,
    log: (line) => logs.push(line),
    ...overrides,
  });
  /** Lets time pass until everything was read twice over and is done. */
  const settled = async () => {
    source.wake();
    const { emptyPasses } = source.activity();
    await time.until(
      () => source.activity().emptyPasses >= emptyPasses + 2 && source.activity().inFlight === 0,
    );
  };
  return { time, stream, source, events, discarded, logs, settled };
}

/** The values of records, in order. */
export function valuesOf(records: readonly TestRecord[]): string[] {
  return records.map((record) => record.value);
}
