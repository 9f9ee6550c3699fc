import { backoffMs, type Patience } from './backoff.ts';

/** What came of one request. */
export interface Attempt {
  /** Positions of the entries that were refused. */
  readonly failed: readonly number[];
  readonly cause: unknown;
}

/** How entries are written that a service takes many of at once, and refuses some of. */
export interface PartialWrites {
  /** What one request may hold. */
  readonly most: { readonly records: number; readonly bytes: number };
  readonly bytesOf: (position: number) => number;
  readonly put: (positions: readonly number[]) => Promise<Attempt>;
  /** The error for entries that were refused to the end. */
  readonly giveUp: (positions: readonly number[], cause: unknown) => Error;
}

/** Positions in request-sized runs. */
function* requests(
  { bytesOf, most }: PartialWrites,
  positions: readonly number[],
): Generator<number[]> {
  let run: number[] = [];
  let bytes = 0;
  for (const position of positions) {
    const size = bytesOf(position);
    if (run.length > 0 && (run.length === most.records || bytes + size > most.bytes)) {
      yield run;
      run = [];
      bytes = 0;
    }
    run.push(position);
    bytes += size;
  }
  if (run.length > 0) yield run;
}

/**
 * Writes entries, however many; what is refused is tried again with a growing, jittered pause.
 *
 * @param count how many entries there are
 * @throws what `giveUp` makes, when entries were refused at every attempt
 */
export async function writeInParts(
  count: number,
  writes: PartialWrites,
  patience: Patience,
): Promise<void> {
  let waiting = Array.from({ length: count }, (_, position) => position);
  let cause: unknown;
  for (let attempt = 0; waiting.length > 0; attempt++) {
    if (attempt === patience.attempts) throw writes.giveUp(waiting, cause);
    if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
    const failed: number[] = [];
    for (const run of requests(writes, waiting)) {
      const outcome = await writes.put(run);
      failed.push(...outcome.failed);
      cause = outcome.cause ?? cause;
    }
    if (failed.length > 0 && isPermanent(cause)) throw writes.giveUp(failed, cause);
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

/** Whether trying again cannot help: nothing of that name, no permission, no valid credentials. */
function isPermanent(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    (PERMANENT.has(cause.name) ||
      /Credentials|Region is missing/.test(`${cause.name} ${cause.message}`))
  );
}
