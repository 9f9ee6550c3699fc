import { readCallsOfNumber } from '../../lib/archive/calls-of-number.ts';
import type { AnswerRow } from '../../lib/archive/duckdb-archive.ts';
import { exposuresOfEntry } from '../../lib/domain/listing/exposures-of-entry.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { findingOfCaseNumber } from '../../lib/domain/profile/fold-legs.ts';
import { type Frame, packExposures } from '../../lib/wire/frames.ts';
import type { ListingStore } from '../adapters/listings-table.ts';
import type { ContactSearch } from '../adapters/search-contacts.ts';

/** A search whose question was answered. */
export interface AnsweredSearch extends Pick<ContactSearch, 'number'> {
  readonly asked: { readonly id: string };
}

export interface ExposeContactsPorts {
  readonly listings: Pick<ListingStore, 'read'>;
  readonly policy: () => Promise<Policy>;
  readonly readAnswer: (executionId: string) => Promise<readonly AnswerRow[]>;
  readonly putExposures: (frames: readonly Frame[]) => Promise<void>;
  /** Epoch ms. */
  readonly now: () => number;
}

/** What a search came to. */
export interface ContactsExposed {
  /** False where the number was taken off the list meanwhile: then nobody is exposed. */
  readonly onList: boolean;
  readonly calls: number;
  readonly people: number;
  /** Calls that the answer had no room for. */
  readonly leftOut: number;
}

/**
 * Exposes everybody whom the archive found in touch with a number that is still on the list of case numbers. Doing it
 * again exposes nobody twice: a person's state knows its calls.
 */
export async function exposeContacts(
  { asked, number }: AnsweredSearch,
  { listings, now, policy, putExposures, readAnswer }: ExposeContactsPorts,
): Promise<ContactsExposed> {
  const { listing } = await listings.read(number);
  const finding = findingOfCaseNumber(listing ?? {}, await policy());
  const at = now();
  if (finding === undefined || finding.until * 1000 <= at) {
    return { onList: false, calls: 0, people: 0, leftOut: 0 };
  }
  const { calls, leftOut } = readCallsOfNumber(await readAnswer(asked.id));
  await putExposures(packExposures(exposuresOfEntry(number, finding, calls, at)));
  const people = new Set(calls.map(({ subject }) => subject)).size;
  return { onList: true, calls: calls.length, people, leftOut };
}
