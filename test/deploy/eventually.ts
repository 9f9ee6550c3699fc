import { setTimeout as sleep } from 'node:timers/promises';
import { DeployProofError } from './deploy-proof-error.ts';

const BETWEEN_MS = 500;

/**
 * Asks again and again until there is an answer.
 *
 * @param what is waited for, for the message when it does not come
 * @param ask answers undefined while there is nothing yet
 * @throws {DeployProofError} after the deadline
 */
export async function eventually<T>(
  what: string,
  deadlineMs: number,
  signal: AbortSignal,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    signal.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) {
      throw new DeployProofError('not-proven', `After ${deadlineMs / 1000} s still no ${what}`);
    }
    await sleep(BETWEEN_MS, undefined, { signal });
  }
}
