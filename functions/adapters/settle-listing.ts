import type { NumberToken } from '../../lib/domain/leg.ts';
import { listingOfFindings } from '../../lib/domain/listing/study-finding.ts';
import { TableError } from './errors.ts';
import type { ListingStore } from './listings-table.ts';
import type { StudyFindingStore } from './study-findings-table.ts';

export interface SettleListingPorts {
  readonly findings: Pick<StudyFindingStore, 'ofNumber'>;
  readonly listings: Pick<ListingStore, 'change'>;
}

/** Each lost one means that somebody else decided about the number in that moment. */
const MOST_TRIES = 5;

/**
 * Makes a number's listing say what its findings do: put on, prolonged or taken off. Done after each change of a finding,
 * and again where it was cut short; once more changes nothing.
 *
 * @param now epoch seconds
 */
export async function settleListing(
  { findings, listings }: SettleListingPorts,
  number: NumberToken,
  now: number,
): Promise<void> {
  let known = await findings.ofNumber(number);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const read = known;
    await listings.change(number, (listing) => listingOfFindings(read, listing, now), now);
    // Whoever decided in between may have settled before this write, which then put back what he took off.
    known = await findings.ofNumber(number);
    if (JSON.stringify(known) === JSON.stringify(read)) return;
  }
  throw new TableError('the findings of a number kept changing under us');
}
