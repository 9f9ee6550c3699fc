import type { NumberToken } from '../../lib/domain/leg.ts';
import { listingOfFindings } from '../../lib/domain/listing/study-finding.ts';
import type { ListingStore } from './listings-table.ts';
import type { StudyFindingStore } from './study-findings-table.ts';

export interface SettleListingPorts {
  readonly findings: Pick<StudyFindingStore, 'ofNumber'>;
  readonly listings: Pick<ListingStore, 'change'>;
}

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
  const known = await findings.ofNumber(number);
  await listings.change(number, (listing) => listingOfFindings(known, listing, now), now);
}
