import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { ListEntry, ListVersion, OfficerList } from '../../lib/domain/listing/list-entry.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { executeStatements } from './batch-requests.ts';
import { TableError } from './errors.ts';
import { type PageRequest, readListPage } from './list-page.ts';
import { transact } from './transact.ts';

export interface ListPage<T> {
  readonly items: readonly T[];
  /** Version of the list as it stands. */
  readonly version: number;
  readonly next?: string;
}

/** The lists that officers keep, and every change of them. */
export interface ListStore {
  /** Puts an entry on a list. @returns undefined where the number is on it already */
  add(
    list: OfficerList,
    entry: Omit<ListEntry, 'version' | 'followedUp'>,
  ): Promise<ListEntry | undefined>;
  /** Takes an entry off. @returns what stood there, and the version that the list has now; undefined for no such entry */
  remove(
    list: OfficerList,
    id: string,
    change: Pick<ListVersion, 'by' | 'at' | 'reason'>,
  ): Promise<{ readonly entry: ListEntry; readonly version: number } | undefined>;
  read(list: OfficerList, id: string): Promise<ListEntry | undefined>;
  /** Notes that all was done that follows from entries: without it, who puts them there again begins it again. */
  followedUp(
    list: OfficerList,
    entries: readonly Pick<ListEntry, 'id' | 'version'>[],
  ): Promise<void>;
  /** What is on a list, in no particular order. */
  entries(list: OfficerList, page: PageRequest): Promise<ListPage<ListEntry>>;
  /** Every change, the oldest first. */
  versions(list: OfficerList, page: PageRequest): Promise<ListPage<ListVersion>>;
}

/** Changes of a list are a partition of their own, by version: nothing is ever written over there. */
const VERSIONS = '/versions';
const VERSION_DIGITS = 12;

type Item = Record<string, AttributeValue>;

function entryOf({ entry, followedUp }: Item): ListEntry {
  const kept = JSON.parse(entry?.S ?? '') as ListEntry;
  return followedUp?.BOOL === true ? { ...kept, followedUp: true } : kept;
}
const versionOf = ({ change }: Item) => JSON.parse(change?.S ?? '') as ListVersion;

/**
 * @param keptSeconds after which a change is forgotten
 */
export function createListsTable(
  client: DynamoDBClient,
  table: string,
  keptSeconds: number,
  patience: Patience = DEFAULT_PATIENCE,
): ListStore {
  const keyOf = (list: string, item: string): Item => ({ list: { S: list }, item: { S: item } });

  async function newestVersion(list: OfficerList): Promise<number> {
    const { Items: [newest] = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: '#list = :list',
        ExpressionAttributeNames: { '#list': 'list' },
        ExpressionAttributeValues: { ':list': { S: list + VERSIONS } },
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    return newest === undefined ? 0 : versionOf(newest).version;
  }

  const versionPut = (list: OfficerList, change: ListVersion) => ({
    Put: {
      TableName: table,
      Item: {
        ...keyOf(list + VERSIONS, String(change.version).padStart(VERSION_DIGITS, '0')),
        change: { S: JSON.stringify(change) },
        expiresAt: { N: String(Math.floor(change.at / 1000) + keptSeconds) },
      },
      ConditionExpression: 'attribute_not_exists(#item)',
      ExpressionAttributeNames: { '#item': 'item' },
    },
  });

  async function read(list: OfficerList, id: string): Promise<ListEntry | undefined> {
    const { Item: item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(list, id), ConsistentRead: true }),
    );
    return item === undefined ? undefined : entryOf(item);
  }

  /** @returns undefined when `write` has nothing to do */
  async function asNextVersion<T>(
    list: OfficerList,
    write: (version: number) => Promise<T | undefined | 'lost'>,
  ): Promise<T | undefined> {
    for (let attempt = 0; attempt < patience.attempts; attempt++) {
      if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
      const written = await write((await newestVersion(list)) + 1);
      if (written !== 'lost') return written;
    }
    throw new TableError(`the list of ${list} kept changing under us`);
  }

  const page = <T>(list: string, of: (item: Item) => T, request: PageRequest) =>
    readListPage({ client, table, list }, of, request, { consistent: true });

  return {
    read,
    add: (list, added) =>
      asNextVersion(list, async (version) => {
        const known = await read(list, added.id);
        // Time to live is slow: what has ended is no entry, though it still stands there.
        if (known !== undefined && known.until * 1000 > added.at) return undefined;
        const entry = { ...added, version };
        const { id, number, kind, reason, reference, by, at, until } = entry;
        const change: ListVersion = {
          version,
          act: 'added',
          id,
          number,
          ...(kind !== undefined && { kind }),
          reason,
          reference,
          by,
          at,
          until,
        };
        const lost = await transact(client, [
          {
            Put: {
              TableName: table,
              Item: {
                ...keyOf(list, id),
                entry: { S: JSON.stringify(entry) },
                version: { N: String(version) },
                expiresAt: { N: String(until) },
              },
              ConditionExpression:
                known === undefined ? 'attribute_not_exists(#item)' : 'version = :known',
              ...(known === undefined
                ? { ExpressionAttributeNames: { '#item': 'item' } }
                : { ExpressionAttributeValues: { ':known': { N: String(known.version) } } }),
            },
          },
          versionPut(list, change),
        ]);
        return lost.length === 0 ? entry : 'lost';
      }),
    remove: (list, id, { at, by, reason }) =>
      asNextVersion(list, async (version) => {
        const entry = await read(list, id);
        if (entry === undefined) return undefined;
        const { number, kind, reference } = entry;
        const lost = await transact(client, [
          {
            Delete: {
              TableName: table,
              Key: keyOf(list, id),
              ConditionExpression: 'version = :known',
              ExpressionAttributeValues: { ':known': { N: String(entry.version) } },
            },
          },
          versionPut(list, {
            version,
            act: 'removed',
            id,
            number,
            ...(kind !== undefined && { kind }),
            reason,
            reference,
            by,
            at,
          }),
        ]);
        return lost.length === 0 ? { entry, version } : 'lost';
      }),
    async followedUp(list, entries) {
      await executeStatements(
        client,
        entries.map(({ id, version }) => ({
          Statement: `UPDATE "${table}" SET "followedUp" = ? WHERE "list" = ? AND "item" = ? AND "version" = ?`,
          Parameters: [{ BOOL: true }, { S: list }, { S: id }, { N: String(version) }],
        })),
        patience,
      );
    },
    async entries(list, request) {
      const [found, version] = await Promise.all([
        page(list, entryOf, request),
        newestVersion(list),
      ]);
      return { ...found, version };
    },
    async versions(list, request) {
      const [found, version] = await Promise.all([
        page(list + VERSIONS, versionOf, request),
        newestVersion(list),
      ]);
      return { ...found, version };
    },
  };
}
