import { readCallsOfNumbers } from '../../lib/archive/calls-of-numbers.ts';
import type { AnswerRow } from '../../lib/archive/duckdb-archive.ts';
import type { Finding } from '../../lib/domain/exposure.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { exposuresOfEntry } from '../../lib/domain/listing/exposures-of-entry.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { findingOfCaseNumber } from '../../lib/domain/profile/fold-legs.ts';
import { type Frame, packExposures } from '../../lib/wire/frames.ts';
import type { ListingStore } from '../adapters/listings-table.ts';
import type { ContactSearch } from '../adapters/search-contacts.ts';

/** A search whose question was answered. */
export interface AnsweredSearch extends Pick<ContactSearch, 'numbers'> {
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
  /** Numbers that are still on the list: nobody is exposed to one that was taken off meanwhile. */
  readonly onList: number;
  readonly calls: number;
  readonly people: number;
  /** Calls that the answer had no room for. */
  readonly leftOut: number;
}

/**
 * Exposes everybody whom the archive found in touch with numbers that are still on the list of case numbers. Doing it
 * again exposes nobody twice: a person's state knows its calls.
 */
export async function exposeContacts(
  { asked, numbers }: AnsweredSearch,
  { listings, now, policy, putExposures, readAnswer }: ExposeContactsPorts,
): Promise<ContactsExposed> {
  const inForce = await policy();
  const at = now();
  const findings = new Map<NumberToken, Finding>();
  for (const number of numbers) {
    const { listing } = await listings.read(number);
    const finding = findingOfCaseNumber(listing ?? {}, inForce);
    if (finding !== undefined && finding.until * 1000 > at) findings.set(number, finding);
  }
  if (findings.size === 0) return { onList: 0, calls: 0, people: 0, leftOut: 0 };
  const { calls, leftOut } = readCallsOfNumbers(await readAnswer(asked.id));
  const exposures = [...findings].flatMap(([number, finding]) =>
    exposuresOfEntry(number, finding, calls.get(number) ?? [], at),
  );
  await putExposures(packExposures(exposures));
  const people = new Set(exposures.map(({ subject }) => subject)).size;
  return { onList: findings.size, calls: exposures.length, people, leftOut };
}
