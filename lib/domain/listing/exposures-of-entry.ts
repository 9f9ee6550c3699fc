import type { Exposure, Finding } from '../exposure.ts';
import type { NumberToken } from '../leg.ts';
import type { RememberedCall } from '../profile/remembered-calls.ts';

/**
 * What calls of the past come to, of a number that is on the list of case numbers now.
 *
 * @param arrivedAt epoch ms at which they came to light
 */
export function exposuresOfEntry(
  number: NumberToken,
  finding: Finding,
  calls: readonly RememberedCall[],
  arrivedAt: number,
): Exposure[] {
  return calls.map((call) => ({
    ...call,
    caller: number,
    track: 'live',
    side: 'list',
    finding,
    arrivedAt,
  }));
}
