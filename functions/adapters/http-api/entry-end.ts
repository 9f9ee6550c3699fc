import { ProblemError } from '../../../lib/api/problem.ts';

const DAY_MS = 86_400_000;

/**
 * When an entry of a list is to end, in epoch seconds.
 *
 * @param now epoch ms
 * @throws {ProblemError} for a time that is past, or too far
 */
export function entryEnd(until: string, now: number, mostDays: number): number {
  const end = Date.parse(until);
  if (end > now && end <= now + mostDays * DAY_MS) return Math.floor(end / 1000);
  throw new ProblemError(
    'bad-request',
    'The entry must end in the future, and not too far in it.',
    [`until: must be after now and at most ${mostDays} days from now`],
  );
}
