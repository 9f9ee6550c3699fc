import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { type AuditEntry, GENESIS, sealEntry } from '../../lib/domain/audit/audit-chain.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { TableError } from './errors.ts';
import { decodeCursor, encodeCursor } from './page-cursor.ts';
import { transact } from './transact.ts';

/** What is to be kept for ever, or for as long as the retention rule says. */
export type AuditAct = Omit<AuditEntry, 'sequence' | 'previous' | 'hash'>;

export interface AuditPage {
  readonly entries: AuditEntry[];
  readonly next?: string;
}

/** Where an act stands in the chain, and when it was first kept (epoch ms). */
export type AuditPlace = Pick<AuditEntry, 'sequence' | 'at'>;

/** Who looked at which number: entries are added and read, and nothing else. */
export interface AuditTrail {
  /**
   * Adds an entry to the end of the chain.
   *
   * @param key names the act: the same again adds nothing
   * @returns its place; of the same again, the place and time of the first
   */
  append(act: AuditAct, key: string): Promise<AuditPlace>;
  /** Oldest first. */
  list(page: { readonly limit?: number; readonly next?: string }): Promise<AuditPage>;
}

/**
 * All entries of a stage are one chain. The key of an act stands beside it, in a partition of its own and at the one
 * place that is no entry's, with the place of its entry.
 */
const CHAIN = 'audit';
const KEY_PREFIX = 'key#';
const NO_ENTRY = 0;
const DEFAULT_PAGE = 100;

type Item = Record<string, AttributeValue>;

const entryOf = ({ entry }: Item) => JSON.parse(entry?.S ?? '') as AuditEntry;

export interface AuditOptions {
  /** After which an entry expires. */
  readonly keptSeconds: number;
  /** Told of every new entry, to note its hash down elsewhere: whoever writes the table anew cannot do so there. */
  readonly noted?: (entry: AuditEntry) => void;
  readonly patience?: Patience;
}

export function createAuditTable(
  client: DynamoDBClient,
  table: string,
  { keptSeconds, noted, patience = DEFAULT_PATIENCE }: AuditOptions,
): AuditTrail {
  async function query(
    chain: string,
    options: Partial<ConstructorParameters<typeof QueryCommand>[0]>,
  ) {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'chain = :chain',
        ExpressionAttributeValues: { ':chain': { S: chain } },
        ...options,
      }),
    );
    return { items: Items, last: LastEvaluatedKey };
  }

  const newest = async () => {
    const { items } = await query(CHAIN, { ScanIndexForward: false, Limit: 1 });
    return items[0] === undefined ? undefined : entryOf(items[0]);
  };

  /** The place of an act that was kept before. */
  async function placeOf(key: string): Promise<AuditPlace | undefined> {
    const { items } = await query(KEY_PREFIX + key, { Limit: 1 });
    const { at, place } = items[0] ?? {};
    return place === undefined ? undefined : { sequence: Number(place.N), at: Number(at?.N) };
  }

  /** @returns false when another entry took the place, or the act was kept before */
  async function put(entry: AuditEntry, key: string): Promise<boolean> {
    const sequence = { N: String(entry.sequence) };
    const expiresAt = { N: String(Math.floor(entry.at / 1000) + keptSeconds) };
    const isNew = { TableName: table, ConditionExpression: 'attribute_not_exists(chain)' };
    const lost = await transact(client, [
      {
        Put: {
          ...isNew,
          Item: { chain: { S: CHAIN }, sequence, entry: { S: JSON.stringify(entry) }, expiresAt },
        },
      },
      {
        Put: {
          ...isNew,
          Item: {
            chain: { S: KEY_PREFIX + key },
            sequence: { N: String(NO_ENTRY) },
            place: sequence,
            at: { N: String(entry.at) },
            expiresAt,
          },
        },
      },
    ]);
    return lost.length === 0;
  }

  return {
    async append(act, key) {
      for (let attempt = 0; attempt < patience.attempts; attempt++) {
        const kept = await placeOf(key);
        if (kept !== undefined) return kept;
        const last = await newest();
        const entry = sealEntry({
          ...act,
          sequence: (last?.sequence ?? 0) + 1,
          previous: last?.hash ?? GENESIS,
        });
        if (await put(entry, key)) {
          noted?.(entry);
          return { sequence: entry.sequence, at: entry.at };
        }
        await patience.delay(backoffMs(attempt, patience.random));
      }
      throw new TableError('the end of the audit kept moving');
    },
    async list({ limit = DEFAULT_PAGE, next }) {
      const after = decodeCursor<number>(next, Number.isSafeInteger);
      const { items, last } = await query(CHAIN, {
        Limit: limit,
        ...(after !== undefined && {
          ExclusiveStartKey: { chain: { S: CHAIN }, sequence: { N: String(after) } },
        }),
      });
      const place = last?.sequence?.N;
      return {
        entries: items.map(entryOf),
        ...(place !== undefined && { next: encodeCursor(Number(place)) }),
      };
    },
  };
}
