import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';

/** Cancellations that another try can mend: somebody else wrote first, or is writing now. */
export const CONDITION_FAILED = 'ConditionalCheckFailed';
export const LOST_RACE: ReadonlySet<string> = new Set([CONDITION_FAILED, 'TransactionConflict']);

/** Writes all or nothing; the code of each item when it was nothing for a reason that may pass. */
export async function transact(
  client: DynamoDBClient,
  items: TransactWriteItem[],
): Promise<string[]> {
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
    return [];
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code ?? '');
    if (codes.some((code) => LOST_RACE.has(code))) return codes;
    throw error;
  }
}
