import {
  type AttributeValue,
  type BatchStatementRequest,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';
import {
  changeListing,
  endOfListing,
  type Listing,
  type ListingChange,
  listingText,
  readListing,
} from '../../lib/domain/listing/listing.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { executeStatements, readItems } from './batch-requests.ts';
import { TableError } from './errors.ts';
import { BEFORE_ALL } from './profiles-table.ts';

/** A number's listing after a change, and its profile as it was in that moment. */
export interface ListedNumber {
  readonly listing: Listing | undefined;
  /** Undefined where the number was in no call that is remembered. */
  readonly profile: Uint8Array | undefined;
}

/** What the lists say of numbers. It stands with their profiles, so that whoever scores a number reads it for free. */
export interface ListingStore {
  read(number: NumberToken): Promise<ListedNumber>;
  /**
   * Changes one entry of a number's listing. From then on no call of the number is folded without it: who had read
   * the number before folds it again.
   *
   * @param changeOf the change, by the listing as it is; undefined leaves it. Asked again when another was quicker
   * @param now epoch seconds
   */
  change(
    number: NumberToken,
    changeOf: (listing: Listing | undefined) => ListingChange | undefined,
    now: number,
  ): Promise<ListedNumber>;
  /** Changes one entry of each number's listing, like {@link change}, in few requests. @param now epoch seconds */
  changeEach(changes: ReadonlyMap<NumberToken, ListingChange>, now: number): Promise<void>;
}

type Item = Record<string, AttributeValue>;

function numberOfItem(item: Item | undefined): ListedNumber {
  const text = item?.listing?.S;
  return {
    listing: text === undefined ? undefined : readListing(text),
    profile: item?.profile?.B,
  };
}

/** Listings in the table of profiles. */
export function createListingsTable(
  client: DynamoDBClient,
  table: string,
  patience: Patience = DEFAULT_PATIENCE,
): ListingStore {
  async function itemOf(number: NumberToken): Promise<Item | undefined> {
    const key = { number: { S: number } };
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }),
    );
    return Item;
  }

  const endAfter = (item: Item | undefined, after: Listing | undefined): number => {
    const kept = Number(item?.expiresAt?.N ?? 0);
    return after === undefined ? kept : Math.max(kept, endOfListing(after));
  };

  /** The same as `write`, as a statement among many. */
  function statementOf(
    number: NumberToken,
    before: Item | undefined,
    after: Listing | undefined,
  ): BatchStatementRequest {
    const end = { N: String(endAfter(before, after)) };
    const listing = after === undefined ? [] : [{ S: listingText(after) }];
    if (before?.seq === undefined) {
      const given = after === undefined ? '' : `, 'listing': ?`;
      return {
        Statement: `INSERT INTO "${table}" VALUE {'number': ?, 'seq': ?, 'expiresAt': ?${given}}`,
        Parameters: [{ S: number }, { S: BEFORE_ALL }, end, ...listing],
      };
    }
    const change = after === undefined ? ' REMOVE "listing"' : ', "listing" = ?';
    const same = before.listing === undefined ? '"listing" IS MISSING' : '"listing" = ?';
    return {
      Statement: `UPDATE "${table}" SET "expiresAt" = ?${change} WHERE "number" = ? AND "seq" = ? AND ${same}`,
      Parameters: [
        end,
        ...listing,
        { S: number },
        before.seq,
        ...(before.listing === undefined ? [] : [before.listing]),
      ],
    };
  }

  /** @returns undefined when the item changed since it was read */
  async function write(
    number: NumberToken,
    before: Item | undefined,
    after: Listing | undefined,
  ): Promise<ListedNumber | undefined> {
    const read = before?.listing;
    const end = endAfter(before, after);
    const set = 'SET seq = if_not_exists(seq, :none), expiresAt = :end';
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { number: { S: number } },
          UpdateExpression:
            after === undefined ? `${set} REMOVE listing` : `${set}, listing = :listing`,
          // Its end must not move under us either: whoever folds a call moves it.
          ConditionExpression: [
            read === undefined ? 'attribute_not_exists(listing)' : 'listing = :read',
            before?.seq === undefined ? 'attribute_not_exists(seq)' : 'seq = :seq',
          ].join(' AND '),
          ExpressionAttributeValues: {
            ':none': { S: BEFORE_ALL },
            ':end': { N: String(end) },
            ...(after !== undefined && { ':listing': { S: listingText(after) } }),
            ...(read !== undefined && { ':read': read }),
            ...(before?.seq !== undefined && { ':seq': before.seq }),
          },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return numberOfItem(Attributes);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  }

  return {
    async read(number) {
      return numberOfItem(await itemOf(number));
    },
    async change(number, changeOf, now) {
      for (let attempt = 0; attempt < patience.attempts; attempt++) {
        if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
        const item = await itemOf(number);
        const before = numberOfItem(item);
        const change = changeOf(before.listing);
        if (change === undefined) return before;
        const after = changeListing(before.listing, change, now);
        if (item?.listing === undefined && after === undefined) return before;
        const written = await write(number, item, after);
        if (written !== undefined) return written;
      }
      throw new TableError('a number kept changing under us');
    },
    async changeEach(changes, now) {
      let waiting = [...changes];
      for (let attempt = 0; waiting.length > 0; attempt++) {
        if (attempt === patience.attempts) throw new TableError('numbers kept changing under us');
        if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
        const keys = waiting.map(([number]) => ({ number: { S: number } }));
        const read = await readItems(client, table, keys, patience);
        const items = new Map(read.map((item) => [item.number?.S, item]));
        const written = waiting.flatMap(([number, change]) => {
          const item = items.get(number);
          const after = changeListing(numberOfItem(item).listing, change, now);
          const isSame = item?.listing === undefined && after === undefined;
          const statement = statementOf(number, item, after);
          return isSame ? [] : [{ entry: [number, change] as const, statement }];
        });
        const statements = written.map(({ statement }) => statement);
        const moved = new Set(await executeStatements(client, statements, patience));
        waiting = written.flatMap(({ entry }, i) =>
          moved.has(i) ? [[...entry] as (typeof waiting)[number]] : [],
        );
      }
    },
  };
}
