import type { NumberToken } from '../../lib/domain/leg.ts';
import type { SubjectState } from '../../lib/domain/subject/subject-state.ts';
import { type Item, MOST_KEYS, nameOf, type ReadItems, type Wanted } from './read-items.ts';
import { keyOf, STATE_ITEM } from './subjects-table.ts';

/** People whose state alone is read in one request. */
export const STATES_A_READ = MOST_KEYS;

/**
 * What is remembered of risky calls; people of whom nothing is are left out.
 *
 * @param people at most {@link STATES_A_READ}
 */
export type StateReader = (
  people: readonly NumberToken[],
) => Promise<Map<NumberToken, SubjectState>>;

/** Where a person's state is. */
export function stateAt(table: string, person: NumberToken): Wanted {
  return { table, key: keyOf(person, STATE_ITEM) };
}

/** The state in its item. */
export function stateOf(item: Item | undefined): SubjectState | undefined {
  return item?.state?.S === undefined ? undefined : (JSON.parse(item.state.S) as SubjectState);
}

/** @param table of the subjects */
export function createStateReader(read: ReadItems, table: string): StateReader {
  return async (listed) => {
    const people = [...new Set(listed)];
    const found = await read(
      people.map((person) => stateAt(table, person)),
      false,
    );
    return new Map(
      people.flatMap((person): [NumberToken, SubjectState][] => {
        const state = stateOf(found.get(nameOf(stateAt(table, person))));
        return state === undefined ? [] : [[person, state]];
      }),
    );
  };
}
