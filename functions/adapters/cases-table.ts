import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  TransactionCanceledException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { CaseEvent, DissuasionCase } from '../../lib/domain/ladder/dissuasion-case.ts';
import { TableError } from './errors.ts';

/**
 * A case and its timeline share a partition: `CASE`, and `EVENT#<epoch ms>#<order>` in order of time, and of the
 * changes within a millisecond. A change of the case and what its timeline says of it are one transaction.
 */
const CASE_ITEM = 'CASE';
const EVENT_PREFIX = 'EVENT#';
/** Digits of an epoch in ms until the year 2286. */
const MS_DIGITS = 13;
const CONDITION_FAILED = 'ConditionalCheckFailed';
const RACES: ReadonlySet<string> = new Set([CONDITION_FAILED, 'TransactionConflict']);
/** Tries per change; each lost one means that another writer won. */
const MOST_TRIES = 8;

type Item = Record<string, AttributeValue>;

/** A case as it stands in the table. */
export interface StoredCase {
  readonly current: DissuasionCase;
  /** Counts the changes. */
  readonly version: number;
  /** Step Functions' token, while the workflow waits for news of a watched case. */
  readonly newsToken?: string;
}

/** What a change makes of a case; undefined leaves it as it is. */
export interface CaseUpdate {
  readonly changed: DissuasionCase;
  readonly events: readonly CaseEvent[];
  /** A new token; null forgets the one there is; absent keeps it. */
  readonly newsToken?: string | null;
}

export interface CaseStore {
  read(caseId: string): Promise<StoredCase | undefined>;
  /**
   * Changes a case, anew on what another writer left if that came between.
   *
   * @param change pure: it may be asked more than once
   * @returns the case as it stands after it
   * @throws {TableError} when the case kept changing under us
   */
  change(
    caseId: string,
    change: (stored: StoredCase | undefined) => CaseUpdate | undefined,
  ): Promise<StoredCase | undefined>;
  timeline(caseId: string): Promise<CaseEvent[]>;
}

const keyOf = (caseId: string, item: string): Item => ({
  caseId: { S: caseId },
  item: { S: item },
});

function eventItem(caseId: string, event: CaseEvent, order: string, expiresAt: number): Item {
  const at = String(event.at).padStart(MS_DIGITS, '0');
  return {
    ...keyOf(caseId, `${EVENT_PREFIX}${at}#${order}`),
    event: { S: JSON.stringify(event) },
    expiresAt: { N: String(expiresAt) },
  };
}

/** Of an event among those of its millisecond. */
function orderOf(version: number, position: number): string {
  return `${String(version).padStart(6, '0')}-${String(position).padStart(2, '0')}`;
}

function caseItem({ current, version, newsToken }: StoredCase, expiresAt: number): Item {
  return {
    ...keyOf(current.caseId, CASE_ITEM),
    case: { S: JSON.stringify(current) },
    version: { N: String(version) },
    state: { S: current.state },
    tier: { S: current.tier },
    openedAt: { N: String(current.openedAt) },
    ...(newsToken !== undefined && { newsToken: { S: newsToken } }),
    expiresAt: { N: String(expiresAt) },
  };
}

function storedOf(item: Item | undefined): StoredCase | undefined {
  if (item?.case?.S === undefined) return undefined;
  const current = JSON.parse(item.case.S) as DissuasionCase;
  const version = Number(item.version?.N ?? 0);
  const newsToken = item.newsToken?.S;
  return { current, version, ...(newsToken !== undefined && { newsToken }) };
}

function tokenAfter(stored: StoredCase | undefined, { newsToken }: CaseUpdate): string | undefined {
  if (newsToken === null) return undefined;
  return newsToken ?? stored?.newsToken;
}

/** @param keptSeconds how long a case and its timeline outlive the last change */
export function createCasesTable(
  client: DynamoDBClient,
  table: string,
  keptSeconds: number,
  now: () => number = Date.now,
): CaseStore {
  const expiry = () => Math.floor(now() / 1000) + keptSeconds;

  async function read(caseId: string): Promise<StoredCase | undefined> {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: keyOf(caseId, CASE_ITEM),
        ConsistentRead: true,
      }),
    );
    return storedOf(Item);
  }

  /** @returns false when the case changed since it was read */
  async function write(
    before: StoredCase | undefined,
    after: StoredCase,
    events: readonly CaseEvent[],
  ): Promise<boolean> {
    const expiresAt = expiry();
    const { caseId } = after.current;
    try {
      await client.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            {
              Put: {
                TableName: table,
                Item: caseItem(after, expiresAt),
                ...(before === undefined
                  ? { ConditionExpression: 'attribute_not_exists(caseId)' }
                  : {
                      ConditionExpression: 'version = :read',
                      ExpressionAttributeValues: { ':read': { N: String(before.version) } },
                    }),
              },
            },
            ...events.map((event, i) => ({
              Put: {
                TableName: table,
                Item: eventItem(caseId, event, orderOf(after.version, i), expiresAt),
              },
            })),
          ],
        }),
      );
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const codes = (error.CancellationReasons ?? []).map(({ Code }) => Code ?? '');
      if (codes.some((code) => RACES.has(code))) return false;
      throw error;
    }
  }

  return {
    read,
    async change(caseId, change) {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const stored = await read(caseId);
        const update = change(stored);
        if (update === undefined) return stored;
        const newsToken = tokenAfter(stored, update);
        const after: StoredCase = {
          current: update.changed,
          version: (stored?.version ?? 0) + 1,
          ...(newsToken !== undefined && { newsToken }),
        };
        if (await write(stored, after, update.events)) return after;
      }
      throw new TableError('a case kept changing under us');
    },
    async timeline(caseId) {
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'caseId = :case AND begins_with(#item, :event)',
          ExpressionAttributeNames: { '#item': 'item' },
          ExpressionAttributeValues: { ':case': { S: caseId }, ':event': { S: EVENT_PREFIX } },
        },
      );
      const events: CaseEvent[] = [];
      for await (const page of pages) {
        for (const { event } of page.Items ?? [])
          events.push(JSON.parse(event?.S ?? '') as CaseEvent);
      }
      return events;
    },
  };
}
