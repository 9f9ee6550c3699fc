import {
  BatchExecuteStatementCommand,
  BatchGetItemCommand,
  type BatchStatementRequest,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { type Listing, readListing } from '../../lib/domain/listing/listing.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { TableError } from './errors.ts';

/** What is kept of a number: its profile, with the last legs record applied to it, and what the lists say of it. */
export interface StoredProfile {
  readonly sequenceNumber: string;
  /** Undefined for a number that is on a list and was in no call yet. */
  readonly profile: Uint8Array | undefined;
  readonly listing?: StoredListing;
}

/** The number's listing, and the text of it that a writer compares. */
export interface StoredListing {
  readonly listing: Listing;
  readonly text: string;
}

/** The watermark of a number that was in no call yet: before every other. */
export const BEFORE_ALL = '0';

export interface ProfileWrite {
  readonly number: NumberToken;
  /** The watermark that was read: the write holds only while it still stands. Undefined for a new number. */
  readonly readAt: string | undefined;
  /** The text of the listing that was read: what the fold relied on must still hold, too. */
  readonly listingRead?: string;
  readonly sequenceNumber: string;
  readonly profile: Uint8Array;
  /** Epoch seconds. */
  readonly expiresAt: number;
}

/** Where profiles are kept. */
export interface ProfileStore {
  read(numbers: readonly NumberToken[]): Promise<Map<NumberToken, StoredProfile>>;
  /** Writes each on its condition; returns the numbers whose watermark or listing had moved. */
  write(writes: readonly ProfileWrite[]): Promise<NumberToken[]>;
}

const MOST_KEYS = 100;
/** BatchExecuteStatement: 25 independent statements a request. */
const MOST_STATEMENTS = 25;
/** Requests under way at once. */
const CONCURRENCY = 4;
/** What BatchExecuteStatement reports of a condition that did not hold, for an update and an insert. */
const CONDITION_FAILED: ReadonlySet<string> = new Set(['ConditionalCheckFailed', 'DuplicateItem']);

function chunk<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}

async function eachConcurrently<T>(
  list: readonly T[],
  run: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let item = list[next++]; item !== undefined; item = list[next++]) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, list.length) }, worker));
}

function statementOf(table: string, write: ProfileWrite): BatchStatementRequest {
  const { number, readAt, sequenceNumber, profile, expiresAt, listingRead } = write;
  const values = [{ S: sequenceNumber }, { B: profile }, { N: String(expiresAt) }];
  if (readAt === undefined) {
    return {
      Statement: `INSERT INTO "${table}" VALUE {'number': ?, 'seq': ?, 'profile': ?, 'expiresAt': ?}`,
      Parameters: [{ S: number }, ...values],
    };
  }
  const same = listingRead === undefined ? '"listing" IS MISSING' : '"listing" = ?';
  return {
    Statement: `UPDATE "${table}" SET "seq" = ?, "profile" = ?, "expiresAt" = ? WHERE "number" = ? AND "seq" = ? AND ${same}`,
    Parameters: [
      ...values,
      { S: number },
      { S: readAt },
      ...(listingRead === undefined ? [] : [{ S: listingRead }]),
    ],
  };
}

/** Profiles in DynamoDB: reads of 100, conditional writes of 25 a request. */
export function createProfilesTable(
  client: DynamoDBClient,
  table: string,
  patience: Patience = DEFAULT_PATIENCE,
): ProfileStore {
  async function readChunk(
    numbers: readonly NumberToken[],
    into: Map<NumberToken, StoredProfile>,
  ): Promise<void> {
    let keys = numbers.map((number) => ({ number: { S: number } }));
    for (let attempt = 0; keys.length > 0; attempt++) {
      if (attempt === patience.attempts)
        throw new TableError(`${keys.length} profiles could not be read`);
      if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
      const answer = await client.send(
        new BatchGetItemCommand({
          RequestItems: { [table]: { Keys: keys, ConsistentRead: true } },
        }),
      );
      for (const item of answer.Responses?.[table] ?? []) {
        const { number, seq, profile, listing } = item;
        if (number?.S === undefined || seq?.S === undefined) continue;
        into.set(number.S, {
          sequenceNumber: seq.S,
          profile: profile?.B,
          ...(listing?.S !== undefined && {
            listing: { listing: readListing(listing.S), text: listing.S },
          }),
        });
      }
      keys = (answer.UnprocessedKeys?.[table]?.Keys ?? []) as typeof keys;
    }
  }

  async function writeChunk(writes: readonly ProfileWrite[], moved: NumberToken[]): Promise<void> {
    let waiting = writes;
    let code = '';
    for (let attempt = 0; waiting.length > 0; attempt++) {
      if (attempt === patience.attempts) {
        throw new TableError(`${waiting.length} profiles could not be written (${code})`);
      }
      if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
      const { Responses: responses } = await client.send(
        new BatchExecuteStatementCommand({
          Statements: waiting.map((write) => statementOf(table, write)),
        }),
      );
      if (responses?.length !== waiting.length)
        throw new TableError('DynamoDB left statements unanswered');
      const again: ProfileWrite[] = [];
      waiting.forEach((write, i) => {
        const failure = responses[i]?.Error?.Code;
        if (failure === undefined) return;
        if (CONDITION_FAILED.has(failure)) {
          moved.push(write.number);
          return;
        }
        code = failure;
        again.push(write);
      });
      waiting = again;
    }
  }

  return {
    async read(numbers) {
      const found = new Map<NumberToken, StoredProfile>();
      await eachConcurrently(chunk(numbers, MOST_KEYS), (keys) => readChunk(keys, found));
      return found;
    },
    async write(writes) {
      const moved: NumberToken[] = [];
      await eachConcurrently(chunk(writes, MOST_STATEMENTS), (some) => writeChunk(some, moved));
      return moved;
    },
  };
}
