import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { CaseNumberAdded } from '../../lib/api/schemas.ts';
import { dayAfter } from '../../lib/archive/archived-call.ts';
import { type CallsOfNumbersValues, callsOfNumbers } from '../../lib/archive/calls-of-numbers.ts';
import { literal } from '../../lib/archive/question.ts';
import type { ListEntry } from '../../lib/domain/listing/list-entry.ts';
import { decisionName } from './decision-name.ts';
import { ContactSearchError } from './errors.ts';

/** An entry whose number is searched for. */
export type SearchedEntry = Pick<ListEntry, 'id' | 'number' | 'version'>;

/** What the workflow is started with: what the archive is asked, and for which entries. */
export interface ContactSearch extends Omit<CallsOfNumbersValues, 'buckets' | 'mostCalls'> {
  readonly entries: readonly Pick<ListEntry, 'id' | 'version'>[];
  /** What stands in the question for the lists of it. */
  readonly literals: { readonly numbers: string; readonly buckets: string };
  /** The first of the days whose calls may be on their way into the archive yet: these are asked for again. */
  readonly recentDay: string;
}

/**
 * Begins to search the archive for everybody who was in touch with numbers that are on the list of case numbers now. It
 * never fails: an entry that is on the list stays there.
 *
 * @param entries one at least, and {@link MOST_NUMBERS_AT_ONCE} at the most
 * @param at epoch seconds from which the entries hold
 * @param days that it looks back
 */
export type SearchContacts = (
  entries: readonly SearchedEntry[],
  at: number,
  days: number,
) => Promise<CaseNumberAdded['archiveSearch']>;

export interface SearchContactsOptions {
  readonly stateMachineArn: string;
  readonly utcOffsetMinutes: number;
  /** Told of a search that could not be started. */
  readonly onFailure: (error: ContactSearchError) => void;
}

/** The day after it is asked, that day, and the one before. */
const RECENT_DAYS = 2;

/** The same entries, in any order, have one name. */
function nameOf(entries: readonly SearchedEntry[]): string {
  const names = entries.map(({ id, version }) => `${id}-${version}`).sort();
  return names.length === 1 ? names.join() : decisionName(names.join('|'));
}

/** Starts the workflow, which bears the name of the entries and of the versions that made them: a second start is no start. */
export function createSearchContacts(
  client: Pick<SFNClient, 'send'>,
  { onFailure, stateMachineArn, utcOffsetMinutes }: SearchContactsOptions,
): SearchContacts {
  return async (entries, at, days) => {
    const numbers = entries.map(({ number }) => number);
    const asked = callsOfNumbers(numbers, at, days, utcOffsetMinutes);
    const { buckets, mostCalls: _mostCalls, ...values } = asked;
    const name = nameOf(entries);
    const search: ContactSearch = {
      entries: entries.map(({ id, version }) => ({ id, version })),
      ...values,
      literals: { numbers: literal('numbers', numbers), buckets: literal('buckets', buckets) },
      recentDay: dayAfter(values.lastDay, -RECENT_DAYS),
    };
    try {
      await client.send(
        new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(search) }),
      );
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return 'under-way';
      onFailure(new ContactSearchError(name, { cause: error }));
      return 'not-started';
    }
    return 'under-way';
  };
}
