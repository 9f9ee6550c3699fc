import { ENDPOINTS } from '../../lib/api/endpoints.ts';
import { type OfficersClient, RefusedError } from '../../lib/api/officers-client.ts';
import { ApiUnreachableError } from './errors.ts';

/** What waiting needs. */
export interface Patience {
  /** @param ms how long */
  readonly delay: (ms: number) => Promise<unknown>;
  /** 0 to 1. */
  readonly random: () => number;
  /** Names a write. */
  readonly newKey: () => string;
}

const RETRY_AFTER_MS = 500;
const BUSY_AFTER_MS = 1_000;
const MOST_BUSY_WAITS = 5;

/**
 * Tries once more when the API fails, is busy or cannot be reached. A write keeps its key, so that it is done once; where
 * its first try is still being worked on, waits for that.
 */
export function patientClient(
  call: OfficersClient,
  { delay, newKey, random }: Patience,
): OfficersClient {
  return async (name, parts = {}) => {
    const isWrite = ENDPOINTS[name].method === 'POST';
    const again = isWrite ? { ...parts, key: parts.key ?? newKey() } : parts;
    let failures = 0;
    let busy = 0;
    for (;;) {
      try {
        return await call(name, again);
      } catch (error) {
        if (isInProgress(error) && busy < MOST_BUSY_WAITS) {
          busy++;
          await delay(BUSY_AFTER_MS);
        } else if (isPassing(error) && failures === 0) {
          failures++;
          await delay(RETRY_AFTER_MS * (1 + random()));
        } else throw error;
      }
    }
  };
}

function isInProgress(error: unknown): boolean {
  return error instanceof RefusedError && error.problem.type === 'urn:forewarn:problem:in-progress';
}

/** Whether the same may do well in a moment. */
export function isPassing(error: unknown): boolean {
  if (error instanceof ApiUnreachableError) return true;
  return (
    error instanceof RefusedError && (error.problem.status === 429 || error.problem.status >= 500)
  );
}
