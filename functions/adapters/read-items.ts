import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { TableError } from './errors.ts';

export type Item = Record<string, AttributeValue>;

/** An item that is asked for. */
export interface Wanted {
  readonly table: string;
  readonly key: Item;
}

/** DynamoDB reads so many items a request. */
export const MOST_KEYS = 100;

/** What an item is called among those that were read. */
export const nameOf = ({ key, table }: Wanted): string =>
  JSON.stringify([table, Object.values(key)]);

/**
 * Reads items of any tables at once, by what they are called with {@link nameOf}; what is not there is left out.
 *
 * @param wanted at most {@link MOST_KEYS}, each once: DynamoDB refuses to read an item twice in one request
 * @param consistent what is true at this moment, for twice the price
 * @throws {TableError} when DynamoDB leaves some unread again and again
 */
export type ReadItems = (
  wanted: readonly Wanted[],
  consistent: boolean,
) => Promise<Map<string, Item>>;

export function createItemReader(
  client: DynamoDBClient,
  patience: Patience = DEFAULT_PATIENCE,
): ReadItems {
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

  return async (wanted, consistent) => {
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
  };
}
