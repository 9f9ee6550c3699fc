import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'aws-lambda';

/** A batch that is read from a shard in order: nothing behind it is worked on while it waits. */
interface ShardEvent {
  readonly Records: readonly { readonly eventSource?: string | undefined }[];
}

type Work<Event, Result> = (event: Event, context: Context) => Promise<Result>;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** What a function is to have left of its time after the pause. */
const RESERVE_MS = 3_000;

/** What our adapters throw when a service refused something at every attempt. */
const REFUSED_TO_THE_END: ReadonlySet<unknown> = new Set([
  'TABLE_FAILED',
  'KINESIS_WRITE_FAILED',
  'DELIVERY_FAILED',
]);
const NOT_REACHED: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'TimeoutError',
]);
const THROTTLED = /throttl|throughput|limitexceeded|slowdown|toomanyrequests/i;

/** Whether an error says that a service is not there, and nothing against the batch. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, $fault: fault } = error as { code?: unknown; $fault?: unknown };
  return (
    fault === 'server' ||
    REFUSED_TO_THE_END.has(code) ||
    NOT_REACHED.has(code) ||
    NOT_REACHED.has(error.name) ||
    THROTTLED.test(error.name) ||
    isOutage(error.cause)
  );
}

function isOfShard(event: object): event is ShardEvent {
  const { Records: [first] = [] } = event as Partial<ShardEvent>;
  return first?.eventSource === 'aws:kinesis' || first?.eventSource === 'aws:dynamodb';
}

function hasFailures(result: unknown): boolean {
  const { batchItemFailures } = (result ?? {}) as { batchItemFailures?: readonly unknown[] };
  return batchItemFailures !== undefined && batchItemFailures.length > 0;
}

/**
 * Lets a function that reads a stream wait before it reports that a service failed it, longer each time in a row.
 * Lambda's own pauses between the retries of a batch are short and promised nowhere, so the retries that a source
 * allows would be over while a table is down for some minutes, and healthy records be given up. Failures of other
 * kinds are reported at once: a record that breaks the function is to be found and set aside soon.
 */
export function pausingInOutage<Event extends object, Result>(
  work: Work<Event, Result>,
  pause: (ms: number) => Promise<unknown> = sleep,
): Work<Event, Result> {
  let failuresInRow = 0;
  const wait = async (context: Context): Promise<void> => {
    const step = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failuresInRow, 10));
    failuresInRow++;
    const left = context.getRemainingTimeInMillis() - RESERVE_MS;
    if (left > 0) await pause(Math.min(step, left));
  };
  return async (event, context) => {
    try {
      const result = await work(event, context);
      // What a function names for a retry, a service failed it in.
      if (hasFailures(result) && isOfShard(event)) await wait(context);
      else failuresInRow = 0;
      return result;
    } catch (error) {
      if (isOfShard(event) && isOutage(error)) await wait(context);
      throw error;
    }
  };
}
