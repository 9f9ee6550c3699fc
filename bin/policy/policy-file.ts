import { readFile } from 'node:fs/promises';
import { jsonFault } from '../../lib/domain/plain-text.ts';
import { type Policy, PolicyError } from '../../lib/domain/policy.ts';
import { checkPolicy } from '../../lib/domain/published-policy.ts';
import { UsageError } from '../exit-codes.ts';

/**
 * Reads a policy of the user's, and checks it as the pipeline does.
 *
 * @throws {UsageError} when it cannot be read or used, naming every problem
 */
export async function readPolicyFile(file: string): Promise<Policy> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${file} is not JSON: ${jsonFault(cause)}`, { cause });
  }
  try {
    return checkPolicy(value);
  } catch (cause) {
    if (!(cause instanceof PolicyError)) throw cause;
    const problems = cause.problems.map((problem) => `  ${problem}`).join('\n');
    throw new UsageError(`${file} is no policy that could be used; mend this:\n${problems}`, {
      cause,
    });
  }
}
