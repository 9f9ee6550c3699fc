import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { type Standing, UNKNOWN_STANDING } from '../../lib/domain/campaign/eligibility.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { SubjectState } from '../../lib/domain/subject/subject-state.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { lastNoticeKey } from './campaign-keys.ts';
import { TableError } from './errors.ts';
import { careKey } from './registers-table.ts';
import { CASE_PREFIX, isOpenItem, keyOf, OPT_OUT_ITEM, STATE_ITEM } from './subjects-table.ts';

type Item = Record<string, AttributeValue>;

interface Wanted {
  readonly table: string;
  readonly key: Item;
}

/** DynamoDB reads so many items a request. */
const MOST_KEYS = 100;
/** Opt-out, state, last notice and care group. */
const KEYS_A_PERSON = 4;
/** People whose standing is read in one request. */
export const PEOPLE_A_READ = MOST_KEYS / KEYS_A_PERSON;
/** People whose state alone is read in one request. */
export const STATES_A_READ = MOST_KEYS;

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
  /** What is remembered of risky calls. @param people at most {@link STATES_A_READ} */
  states(people: readonly NumberToken[]): Promise<Map<NumberToken, SubjectState>>;
}

const nameOf = ({ key, table }: Wanted): string => JSON.stringify([table, Object.values(key)]);

function stateOf(item: Item | undefined): SubjectState | undefined {
  return item?.state?.S === undefined ? undefined : (JSON.parse(item.state.S) as SubjectState);
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
  async function readOnce(
    wanted: readonly Wanted[],
    consistent: boolean,
    into: Map<string, Item>,
    names: ReadonlyMap<string, readonly string[]>,
  ): Promise<Wanted[]> {
    const byTable = Map.groupBy(wanted, ({ table }) => table);
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: Object.fromEntries(
          [...byTable].map(([table, some]) => [
            table,
            { Keys: some.map(({ key }) => key), ConsistentRead: consistent },
          ]),
        ),
      }),
    );
    for (const [table, items] of Object.entries(Responses ?? {})) {
      for (const item of items) {
        const key = Object.fromEntries(
          (names.get(table) ?? []).map((name) => [name, item[name] as AttributeValue]),
        );
        into.set(nameOf({ table, key }), item);
      }
    }
    return Object.entries(UnprocessedKeys ?? {}).flatMap(([table, { Keys = [] }]) =>
      Keys.map((key) => ({ table, key })),
    );
  }

  /** Reads items by what they are called with {@link nameOf}. */
  async function read(wanted: readonly Wanted[], consistent: boolean): Promise<Map<string, Item>> {
    const found = new Map<string, Item>();
    const names = new Map(wanted.map(({ key, table }) => [table, Object.keys(key)]));
    let left = wanted.slice();
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt === patience.attempts) {
        throw new TableError(`${left.length} items about people could not be read`);
      }
      if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
      left = await readOnce(left, consistent, found, names);
    }
    return found;
  }

  const stateAt = (person: NumberToken): Wanted => ({
    table: tables.subjects,
    key: keyOf(person, STATE_ITEM),
  });
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
          stateAt(person),
          lastAt(person),
          careAt(person),
        ]),
        consistent,
      );
      const itemAt = (wanted: Wanted) => found.get(nameOf(wanted));
      const states = new Map(
        people.flatMap((person): [NumberToken, SubjectState][] => {
          const state = stateOf(itemAt(stateAt(person)));
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
    async states(listed) {
      const people = [...new Set(listed)];
      const found = await read(people.map(stateAt), false);
      return new Map(
        people.flatMap((person): [NumberToken, SubjectState][] => {
          const state = stateOf(found.get(nameOf(stateAt(person))));
          return state === undefined ? [] : [[person, state]];
        }),
      );
    },
  };
}
