import type { BatchStatementRequest, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { type Listing, readListing } from '../../lib/domain/listing/listing.ts';
import { DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { executeStatements, readItems } from './batch-requests.ts';

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
  return {
    async read(numbers) {
      const keys = numbers.map((number) => ({ number: { S: number } }));
      const found = new Map<NumberToken, StoredProfile>();
      for (const item of await readItems(client, table, keys, patience)) {
        const { number, seq, profile, listing } = item;
        if (number?.S === undefined || seq?.S === undefined) continue;
        found.set(number.S, {
          sequenceNumber: seq.S,
          profile: profile?.B,
          ...(listing?.S !== undefined && {
            listing: { listing: readListing(listing.S), text: listing.S },
          }),
        });
      }
      return found;
    },
    async write(writes) {
      const statements = writes.map((write) => statementOf(table, write));
      const moved = await executeStatements(client, statements, patience);
      return moved.map((position) => (writes[position] as ProfileWrite).number);
    },
  };
}
