import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Standing, UNKNOWN_STANDING } from '../../lib/domain/campaign/eligibility.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { SubjectState } from '../../lib/domain/subject/subject-state.ts';
import { DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { lastNoticeKey } from './campaign-keys.ts';
import { createItemReader, MOST_KEYS, nameOf, type Wanted } from './read-items.ts';
import { careKey } from './registers-table.ts';
import { createStateReader, type StateReader, stateAt, stateOf } from './subject-states.ts';
import { CASE_PREFIX, isOpenItem, keyOf, OPT_OUT_ITEM } from './subjects-table.ts';

/** Opt-out, state, last notice and care group. */
const KEYS_A_PERSON = 4;
/** People whose standing is read in one request. */
export const PEOPLE_A_READ = MOST_KEYS / KEYS_A_PERSON;

/** What the pipeline knows of people, as campaigns ask it. */
export interface StandingReader {
  /**
   * @param people at most {@link PEOPLE_A_READ}
   * @param now epoch ms
   * @param consistent what is true at this moment, for twice the price
   */
  standings(
    people: readonly NumberToken[],
    now: number,
    consistent: boolean,
  ): Promise<Map<NumberToken, Standing>>;
  readonly states: StateReader;
}

/** The cases of a person that may have been open lately. */
function casesOf(state: SubjectState | undefined): string[] {
  return [state?.episode?.caseId, state?.formerCase?.id].filter((id) => id !== undefined);
}

export function createStandingReader(
  client: DynamoDBClient,
  tables: {
    readonly subjects: string;
    readonly registers: string;
    readonly campaigns: string;
  },
  patience: Patience = DEFAULT_PATIENCE,
): StandingReader {
  const read = createItemReader(client, patience);
  const states = createStateReader(read, tables.subjects);

  const optOutAt = (person: NumberToken): Wanted => ({
    table: tables.subjects,
    key: keyOf(person, OPT_OUT_ITEM),
  });
  const lastAt = (person: NumberToken): Wanted => ({
    table: tables.campaigns,
    key: lastNoticeKey(person),
  });
  const careAt = (person: NumberToken): Wanted => ({
    table: tables.registers,
    key: careKey(person),
  });
  const caseAt = (person: NumberToken, id: string): Wanted => ({
    table: tables.subjects,
    key: keyOf(person, CASE_PREFIX + id),
  });

  /** When each person who has or had a case was last in somebody's hands. */
  async function contacts(
    states: ReadonlyMap<NumberToken, SubjectState>,
    now: number,
    consistent: boolean,
  ): Promise<Map<NumberToken, number>> {
    const asked = [...states].flatMap(([person, state]) =>
      [...new Set(casesOf(state))].map((id) => ({ person, at: caseAt(person, id) })),
    );
    const found = await read(
      asked.map(({ at }) => at),
      consistent,
    );
    const contacted = new Map<NumberToken, number>();
    for (const { at, person } of asked) {
      const item = found.get(nameOf(at));
      if (item === undefined) continue;
      const last = isOpenItem(item) ? now : Number(item.closedAt?.N ?? 0);
      contacted.set(person, Math.max(last, contacted.get(person) ?? 0));
    }
    return contacted;
  }

  return {
    async standings(listed, now, consistent) {
      // DynamoDB refuses to read an item twice in one request.
      const people = [...new Set(listed)];
      const found = await read(
        people.flatMap((person) => [
          optOutAt(person),
          stateAt(tables.subjects, person),
          lastAt(person),
          careAt(person),
        ]),
        consistent,
      );
      const itemAt = (wanted: Wanted) => found.get(nameOf(wanted));
      const states = new Map(
        people.flatMap((person): [NumberToken, SubjectState][] => {
          const state = stateOf(itemAt(stateAt(tables.subjects, person)));
          return state === undefined ? [] : [[person, state]];
        }),
      );
      const contacted = await contacts(states, now, consistent);
      return new Map(
        people.map((person): [NumberToken, Standing] => {
          const warned = states.get(person)?.warnings.map(({ at }) => at * 1000) ?? [];
          const noticedAt = itemAt(lastAt(person))?.noticedAt?.N;
          const care = itemAt(careAt(person))?.value?.S;
          const contactedAt = contacted.get(person);
          return [
            person,
            {
              ...UNKNOWN_STANDING,
              textsOptedOut: itemAt(optOutAt(person)) !== undefined,
              ...(warned.length > 0 && { warnedAt: Math.max(...warned) }),
              ...(contactedAt !== undefined && { contactedAt }),
              ...(noticedAt !== undefined && { noticedAt: Number(noticedAt) }),
              ...(care !== undefined && { careGroup: JSON.parse(care) as string }),
            },
          ];
        }),
      );
    },
    states,
  };
}
