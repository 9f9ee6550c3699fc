import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

/** An answer as it went out. */
export interface KeptAnswer {
  readonly status: number;
  readonly body: string;
}

/** What is known of a write by its key. */
export type Beginning =
  /** Nothing: it is the caller's to do. */
  | { readonly kind: 'new' }
  | { readonly kind: 'done'; readonly answer: KeptAnswer }
  | { readonly kind: 'in-progress' }
  /** The key belongs to another request. */
  | { readonly kind: 'another' };

/** Makes writes happen once, by the key that their caller gave them. */
export interface RequestLedger {
  /**
   * Takes a write to be done. One that a crash left undone is to be done again once its time has passed.
   *
   * @param id of officer and key
   * @param fingerprint of all that was asked for
   */
  begin(id: string, fingerprint: string, now: number): Promise<Beginning>;
  finish(id: string, answer: KeptAnswer): Promise<void>;
  /** Of a write that failed here: its repeat is to be done anew. */
  forget(id: string): Promise<void>;
}

/** Longer than the function may run. */
const LOCKED_MS = 30_000;
const KEPT_SECONDS = 86_400;

export function createRequestLedger(client: DynamoDBClient, table: string): RequestLedger {
  return {
    async begin(id, fingerprint, now) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              id: { S: id },
              fingerprint: { S: fingerprint },
              lockedUntil: { N: String(now + LOCKED_MS) },
              expiresAt: { N: String(Math.floor(now / 1000) + KEPT_SECONDS) },
            },
            ConditionExpression:
              'attribute_not_exists(id) OR (fingerprint = :same AND attribute_not_exists(answer) AND lockedUntil < :now)',
            ExpressionAttributeValues: { ':same': { S: fingerprint }, ':now': { N: String(now) } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return { kind: 'new' };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const { Item } = error;
        if (Item?.fingerprint?.S !== fingerprint) return { kind: 'another' };
        const answer = Item.answer?.S;
        return answer === undefined
          ? { kind: 'in-progress' }
          : { kind: 'done', answer: JSON.parse(answer) as KeptAnswer };
      }
    },
    async finish(id, answer) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { id: { S: id } },
          UpdateExpression: 'SET answer = :answer',
          ExpressionAttributeValues: { ':answer': { S: JSON.stringify(answer) } },
        }),
      );
    },
    async forget(id) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: { id: { S: id } } }));
    },
  };
}
