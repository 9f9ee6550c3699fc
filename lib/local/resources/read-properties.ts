import { createHash } from 'node:crypto';
import { LocalCloudError } from '../errors.ts';
import type { JsonObject } from '../json-value.ts';

export function invalidResource(logicalId: string, what: string): LocalCloudError {
  return new LocalCloudError('resource-invalid', `${logicalId}: ${what}`);
}

/**
 * Refuses properties that the local cloud would leave out of account without saying so.
 *
 * @throws LocalCloudError `resource-invalid`, naming them.
 */
export function refuseOtherProperties(
  logicalId: string,
  properties: JsonObject,
  known: readonly string[],
): void {
  const others = Object.keys(properties).filter((name) => !known.includes(name));
  if (others.length > 0) {
    throw invalidResource(logicalId, `the local cloud does not emulate ${others.join(', ')}`);
  }
}

/** An id such as AWS makes up, but the same for the same resource in every run. */
export function madeUpId(
  stackName: string,
  logicalId: string,
  alphabet: string,
  length: number,
): string {
  const bytes = createHash('sha256').update(`${stackName}/${logicalId}`).digest();
  return Array.from(bytes.subarray(0, length), (byte) =>
    alphabet.charAt(byte % alphabet.length),
  ).join('');
}
