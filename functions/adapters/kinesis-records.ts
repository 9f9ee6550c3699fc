import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { KinesisWriteError } from './errors.ts';

export interface KinesisEntry {
  readonly data: Uint8Array;
  readonly partitionKey: string;
  readonly explicitHashKey?: string;
}

/** PutRecords takes 500 records; its bytes are limited too, and are kept well below that. */
const REQUEST_RECORDS = 500;
const REQUEST_BYTES = 4 * 1024 * 1024;

interface Attempt {
  readonly failed: number[];
  readonly cause: unknown;
}

/** Positions of the entries in request-sized runs. */
function* requests(
  entries: readonly KinesisEntry[],
  positions: readonly number[],
): Generator<number[]> {
  let run: number[] = [];
  let bytes = 0;
  for (const position of positions) {
    const size = (entries[position]?.data.byteLength ?? 0) + 256;
    if (run.length > 0 && (run.length === REQUEST_RECORDS || bytes + size > REQUEST_BYTES)) {
      yield run;
      run = [];
      bytes = 0;
    }
    run.push(position);
    bytes += size;
  }
  if (run.length > 0) yield run;
}

async function putOnce(
  client: KinesisClient,
  streamName: string,
  entries: readonly KinesisEntry[],
  run: readonly number[],
): Promise<Attempt> {
  const records = run.flatMap((position) => {
    const entry = entries[position];
    if (entry === undefined) return [];
    return {
      Data: entry.data,
      PartitionKey: entry.partitionKey,
      ...(entry.explicitHashKey === undefined ? {} : { ExplicitHashKey: entry.explicitHashKey }),
    };
  });
  try {
    const answer = await client.send(
      new PutRecordsCommand({ StreamName: streamName, Records: records }),
    );
    const failed = run.filter((_, i) => answer.Records?.[i]?.ErrorCode !== undefined);
    const first = answer.Records?.find((record) => record.ErrorCode !== undefined);
    return { failed, cause: first === undefined ? undefined : new Error(first.ErrorCode) };
  } catch (cause) {
    return { failed: [...run], cause };
  }
}

/**
 * Writes records to a stream, however many; what Kinesis refuses (PutRecords fails in part, by design) is
 * tried again with a growing, jittered pause.
 *
 * @throws KinesisWriteError naming the positions that were refused at every attempt
 */
export async function putRecords(
  client: KinesisClient,
  streamName: string,
  entries: readonly KinesisEntry[],
  patience: Patience = DEFAULT_PATIENCE,
): Promise<void> {
  let waiting = entries.map((_, position) => position);
  let cause: unknown;
  for (let attempt = 0; waiting.length > 0; attempt++) {
    if (attempt === patience.attempts) throw new KinesisWriteError(waiting, { cause });
    if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
    const failed: number[] = [];
    for (const run of requests(entries, waiting)) {
      const outcome = await putOnce(client, streamName, entries, run);
      failed.push(...outcome.failed);
      cause = outcome.cause ?? cause;
    }
    if (failed.length > 0 && isPermanent(cause)) throw new KinesisWriteError(failed, { cause });
    waiting = failed;
  }
}

const PERMANENT: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'ExpiredTokenException',
  'ResourceNotFoundException',
  'UnrecognizedClientException',
  'ValidationException',
]);

/** Whether trying again cannot help: no such stream, no permission, no valid credentials. */
function isPermanent(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    (PERMANENT.has(cause.name) ||
      /Credentials|Region is missing/.test(`${cause.name} ${cause.message}`))
  );
}
