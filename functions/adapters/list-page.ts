import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { decodeCursor, encodeCursor, isText } from './page-cursor.ts';

export interface PageRequest {
  readonly limit?: number;
  readonly next?: string;
}

/** A partition of the table of lists. */
interface ListPlace {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly list: string;
}

interface ListReading {
  /** What was written just now is in it. */
  readonly consistent?: boolean;
  /** Only items of this status: the page may be short then, though there are more. */
  readonly status?: string | undefined;
}

type Item = Record<string, AttributeValue>;

const DEFAULT_PAGE = 100;

/**
 * Reads a page of a partition of the table of lists.
 *
 * @param of what an item stands for
 * @throws {CursorError} when it is to go on where no page ended
 */
export async function readListPage<T>(
  { client, list, table }: ListPlace,
  of: (item: Item) => T,
  { limit = DEFAULT_PAGE, next }: PageRequest,
  { consistent = false, status }: ListReading = {},
): Promise<{ readonly items: readonly T[]; readonly next?: string }> {
  const after = decodeCursor<string>(next, isText);
  const { Items = [], LastEvaluatedKey } = await client.send(
    new QueryCommand({
      TableName: table,
      ConsistentRead: consistent,
      KeyConditionExpression: '#list = :list',
      ...(status !== undefined && { FilterExpression: '#status = :status' }),
      ExpressionAttributeNames: {
        '#list': 'list',
        ...(status !== undefined && { '#status': 'status' }),
      },
      ExpressionAttributeValues: {
        ':list': { S: list },
        ...(status !== undefined && { ':status': { S: status } }),
      },
      Limit: limit,
      ...(after !== undefined && { ExclusiveStartKey: { list: { S: list }, item: { S: after } } }),
    }),
  );
  const last = LastEvaluatedKey?.item?.S;
  return { items: Items.map(of), ...(last !== undefined && { next: encodeCursor(last) }) };
}
