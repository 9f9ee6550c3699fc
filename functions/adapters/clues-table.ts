import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type ClueState, NO_CLUES, type Reported } from '../../lib/domain/clues/clue-weight.ts';
import type { FraudKind } from '../../lib/domain/fraud-kind.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { backoffMs, DEFAULT_PATIENCE, type Patience } from './backoff.ts';
import { held } from './conditional-write.ts';
import { TableError } from './errors.ts';

/** A clue as it is kept: numbers sealed, the text without any. */
export interface Clue {
  readonly number: NumberToken;
  readonly kind: FraudKind;
  /** Epoch ms of what is reported. */
  readonly when: number;
  readonly text: string;
  /** Pseudonym of the reporter, and the reporter's number where it was given. */
  readonly reporter: string;
  readonly reporterNumber?: NumberToken;
  /** Epoch ms. */
  readonly at: number;
}

/** How far a clue has come: what its reference tells, and all that it tells. */
export type ClueProgress = 'received' | 'considered';

/** A receipt, by its reference. */
export interface Receipt {
  readonly progress: ClueProgress;
  /** Epoch ms. */
  readonly at: number;
}

/** Clues, their receipts, and what is known of who reports. */
export interface ClueStore {
  /** @returns how far the clue of that reference has come; undefined where it is unknown */
  receipt(reference: string): Promise<Receipt | undefined>;
  /** Keeps a clue, once. @returns how far it has come: a repeat may have come further */
  keep(reference: string, clue: Clue, expiresAt: number): Promise<ClueProgress>;
  considered(reference: string): Promise<void>;
  /**
   * Counts a report of a reporter's day.
   *
   * @param day UTC, as `2026-11-24`
   * @returns when the reporter was first there, epoch ms; undefined where the day's limit is reached
   */
  visit(
    reporter: string,
    day: string,
    now: number,
    limit: number,
    expiresAt: number,
  ): Promise<number | undefined>;
  /** Changes what is kept of a number's reports; asked again when another was quicker. */
  change(
    number: NumberToken,
    changeOf: (state: ClueState) => Reported,
    expiresAt: number,
  ): Promise<Reported>;
}

type Item = Record<string, AttributeValue>;

export function createCluesTable(
  client: DynamoDBClient,
  table: string,
  patience: Patience = DEFAULT_PATIENCE,
): ClueStore {
  const key = (id: string): Item => ({ id: { S: id } });
  const clueKey = (reference: string) => key(`clue#${reference}`);

  async function get(id: Item): Promise<Item | undefined> {
    const { Item: item } = await client.send(
      new GetItemCommand({ TableName: table, Key: id, ConsistentRead: true }),
    );
    return item;
  }

  const receiptOf = (item: Item | undefined): Receipt | undefined =>
    item?.progress?.S === undefined
      ? undefined
      : { progress: item.progress.S as ClueProgress, at: Number(item.receivedAt?.N) };

  return {
    receipt: async (reference) => receiptOf(await get(clueKey(reference))),
    async keep(reference, clue, expiresAt) {
      const isNew = await held(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...clueKey(reference),
              clue: { S: JSON.stringify(clue) },
              progress: { S: 'received' satisfies ClueProgress },
              receivedAt: { N: String(clue.at) },
              expiresAt: { N: String(expiresAt) },
            },
            ConditionExpression: 'attribute_not_exists(id)',
          }),
        ),
      );
      return isNew ? 'received' : ((await this.receipt(reference))?.progress ?? 'received');
    },
    async considered(reference) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: clueKey(reference),
          UpdateExpression: 'SET progress = :considered',
          ConditionExpression: 'attribute_exists(id)',
          ExpressionAttributeValues: { ':considered': { S: 'considered' satisfies ClueProgress } },
        }),
      );
    },
    async visit(reporter, day, now, limit, expiresAt) {
      const names = { '#day': 'day', '#count': 'count', '#first': 'first' };
      const values = {
        ':day': { S: day },
        ':one': { N: '1' },
        ':now': { N: String(now) },
        ':end': { N: String(expiresAt) },
      };
      const update = async (change: string, condition: string, more: Item) => {
        try {
          const { Attributes } = await client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: key(`reporter#${reporter}`),
              UpdateExpression: `SET #day = :day, #count = ${change}, #first = if_not_exists(#first, :now), expiresAt = :end`,
              ConditionExpression: condition,
              ExpressionAttributeNames: names,
              ExpressionAttributeValues: { ...values, ...more },
              ReturnValues: 'ALL_NEW',
            }),
          );
          return Number(Attributes?.first?.N ?? now);
        } catch (error) {
          if (error instanceof ConditionalCheckFailedException) return undefined;
          throw error;
        }
      };
      const sameDay = () =>
        update('#count + :one', '#day = :day AND #count < :limit', {
          ':limit': { N: String(limit) },
        });
      const newDay = () => update(':one', 'attribute_not_exists(#day) OR #day < :day', {});
      // Of two who begin the day at once, one comes second: it is the day's by then.
      return (await sameDay()) ?? (await newDay()) ?? sameDay();
    },
    async change(number, changeOf, expiresAt) {
      const id = key(`number#${number}`);
      for (let attempt = 0; attempt < patience.attempts; attempt++) {
        if (attempt > 0) await patience.delay(backoffMs(attempt, patience.random));
        const before = (await get(id))?.state;
        const reported = changeOf(
          before?.S === undefined ? NO_CLUES : (JSON.parse(before.S) as ClueState),
        );
        const written = await held(
          client.send(
            new UpdateItemCommand({
              TableName: table,
              Key: id,
              UpdateExpression: 'SET #state = :state, expiresAt = :end',
              ConditionExpression:
                before === undefined ? 'attribute_not_exists(#state)' : '#state = :before',
              ExpressionAttributeNames: { '#state': 'state' },
              ExpressionAttributeValues: {
                ':state': { S: JSON.stringify(reported.state) },
                ':end': { N: String(expiresAt) },
                ...(before !== undefined && { ':before': before }),
              },
            }),
          ),
        );
        if (written) return reported;
      }
      throw new TableError('the clues of a number kept changing under us');
    },
  };
}
