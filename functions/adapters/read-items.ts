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
  return async (wanted, consistent) => {
    const keys = new Map(
      [...Map.groupBy(wanted, ({ table }) => table)].map(([table, some]) => [
        table,
        some.map(({ key }) => key),
      ]),
    );
    const read = await readToTheEnd(client, keys, consistent, patience);
    return new Map(
      [...read].flatMap(([table, items]) => {
        const names = Object.keys(keys.get(table)?.[0] ?? {});
        return items.map((item) => {
          const key = Object.fromEntries(names.map((name) => [name, item[name] as AttributeValue]));
          return [nameOf({ table, key }), item] as const;
        });
      }),
    );
  };
}

/**
 * One BatchGetItem, until nothing of it is left unprocessed.
 *
 * @param keys by table, at most {@link MOST_KEYS} in all
 * @returns items by table
 * @throws {TableError} when DynamoDB leaves some unread again and again
 */
export async function readToTheEnd(
  client: DynamoDBClient,
  keys: ReadonlyMap<string, readonly Item[]>,
  consistent: boolean,
  patience: Patience,
): Promise<Map<string, Item[]>> {
  const found = new Map<string, Item[]>();
  let left = [...keys].filter(([, some]) => some.length > 0);
  for (let attempt = 0; left.length > 0; attempt++) {
    if (attempt === patience.attempts) {
      const unread = left.map(([table, some]) => `${some.length} items of ${table}`).join(', ');
      throw new TableError(`${unread} could not be read`);
    }
    if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
    const { Responses = {}, UnprocessedKeys = {} } = await client.send(
      new BatchGetItemCommand({
        RequestItems: Object.fromEntries(
          left.map(([table, some]) => [table, { Keys: [...some], ConsistentRead: consistent }]),
        ),
      }),
    );
    for (const [table, items] of Object.entries(Responses)) {
      found.set(table, [...(found.get(table) ?? []), ...items]);
    }
    left = Object.entries(UnprocessedKeys).flatMap(([table, { Keys = [] }]) =>
      Keys.length === 0 ? [] : [[table, Keys] as [string, Item[]]],
    );
  }
  return found;
}
