import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { CaseNumberAdded } from '../../lib/api/schemas.ts';
import { dayAfter } from '../../lib/archive/archived-call.ts';
import { type CallsOfNumberValues, callsOfNumber } from '../../lib/archive/calls-of-number.ts';
import type { ListEntry } from '../../lib/domain/listing/list-entry.ts';
import { ContactSearchError } from './errors.ts';

/** What the workflow is started with: what the archive is asked, and for which entry. */
export interface ContactSearch
  extends Pick<ListEntry, 'id' | 'version'>,
    Omit<CallsOfNumberValues, 'mostCalls'> {
  /** The first of the days whose calls may be on their way into the archive yet: these are asked for again. */
  readonly recentDay: string;
}

/**
 * Begins to search the archive for everybody who was in touch with a number that is on the list of case numbers now. It
 * never fails: an entry that is on the list stays there.
 *
 * @param at epoch seconds from which the entry holds
 * @param days that it looks back
 */
export type SearchContacts = (
  entry: Pick<ListEntry, 'id' | 'number' | 'version'>,
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

/** Starts the workflow, which bears the name of the entry and of the version that made it: a second start is no start. */
export function createSearchContacts(
  client: Pick<SFNClient, 'send'>,
  { onFailure, stateMachineArn, utcOffsetMinutes }: SearchContactsOptions,
): SearchContacts {
  return async ({ id, number, version }, at, days) => {
    const { mostCalls: _mostCalls, ...values } = callsOfNumber(number, at, days, utcOffsetMinutes);
    const recentDay = dayAfter(values.lastDay, -RECENT_DAYS);
    const search: ContactSearch = { id, version, ...values, recentDay };
    try {
      await client.send(
        new StartExecutionCommand({
          stateMachineArn,
          name: `${id}-${version}`,
          input: JSON.stringify(search),
        }),
      );
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return 'under-way';
      onFailure(new ContactSearchError(id, { cause: error }));
      return 'not-started';
    }
    return 'under-way';
  };
}
