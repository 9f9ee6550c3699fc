import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';

/**
 * From a text to its warning: an item of its own for each text, in the subjects table so that it is written in one
 * transaction with the warning. An index on the warning's message id would lag behind a report that comes at once,
 * and would forget the first text of a warning when a second one is sent.
 */
const POINTER_ITEM = 'TEXT';

const pointerKey = (messageId: string): Record<string, AttributeValue> => ({
  subject: { S: `TEXT#${messageId}` },
  item: { S: POINTER_ITEM },
});

/** Names a warning without repeating what it says. */
export interface WarningRef {
  readonly subject: NumberToken;
  readonly id: string;
}

/** The write that lets a warning be found by a text of its. @param expiresAt epoch seconds */
export function pointToWarning(
  table: string,
  messageId: string,
  { id, subject }: WarningRef,
  expiresAt: number,
): TransactWriteItem {
  return {
    // An update, because nothing else of the sender's needs to put items.
    Update: {
      TableName: table,
      Key: pointerKey(messageId),
      UpdateExpression: 'SET person = :subject, warningId = :id, expiresAt = :expires',
      ExpressionAttributeValues: {
        ':subject': { S: subject },
        ':id': { S: id },
        ':expires': { N: String(expiresAt) },
      },
    },
  };
}

/** The warning of a text; undefined for a text that is not ours, or not recorded yet. */
export async function warningOfText(
  client: DynamoDBClient,
  table: string,
  messageId: string,
): Promise<WarningRef | undefined> {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table, Key: pointerKey(messageId), ConsistentRead: true }),
  );
  const { person, warningId } = Item ?? {};
  if (person?.S === undefined || warningId?.S === undefined) return undefined;
  return { subject: person.S, id: warningId.S };
}
