import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { held } from './conditional-write.ts';
import { type PageRequest, readListPage } from './list-page.ts';

/** What a supervisor decided on an appeal. */
export interface AppealDecision {
  readonly decision: 'granted' | 'refused';
  readonly reason: string;
  readonly by: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Somebody says that a number is wrongly judged. */
export interface Appeal {
  /** Unguessable: whoever has it lodged the appeal, or works on it. */
  readonly reference: string;
  readonly number: NumberToken;
  /** Without numbers. */
  readonly text: string;
  /** Epoch ms. */
  readonly at: number;
  readonly decided?: AppealDecision;
}

export interface AppealPage {
  readonly appeals: readonly Appeal[];
  readonly next?: string;
}

/** Appeals, in the table of lists. */
export interface AppealStore {
  /** The same again changes nothing. */
  lodge(appeal: Appeal): Promise<void>;
  read(reference: string): Promise<Appeal | undefined>;
  list(page: PageRequest): Promise<AppealPage>;
  /** @returns false where it was decided before, or is not there */
  decide(reference: string, decided: AppealDecision): Promise<boolean>;
}

const APPEALS = 'appeals';

type Item = Record<string, AttributeValue>;

function appealOf({ appeal, decided }: Item): Appeal {
  const lodged = JSON.parse(appeal?.S ?? '') as Appeal;
  return decided?.S === undefined
    ? lodged
    : { ...lodged, decided: JSON.parse(decided.S) as AppealDecision };
}

export function createAppealsTable(
  client: DynamoDBClient,
  table: string,
  keptSeconds: number,
): AppealStore {
  const keyOf = (reference: string): Item => ({ list: { S: APPEALS }, item: { S: reference } });

  return {
    async lodge(appeal) {
      await held(
        client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...keyOf(appeal.reference),
              appeal: { S: JSON.stringify(appeal) },
              expiresAt: { N: String(Math.floor(appeal.at / 1000) + keptSeconds) },
            },
            ConditionExpression: 'attribute_not_exists(appeal)',
          }),
        ),
      );
    },
    async read(reference) {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: keyOf(reference), ConsistentRead: true }),
      );
      return item === undefined ? undefined : appealOf(item);
    },
    async list(page) {
      const { items, ...more } = await readListPage(
        { client, table, list: APPEALS },
        appealOf,
        page,
      );
      return { appeals: items, ...more };
    },
    decide: (reference, decided) =>
      held(
        client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: keyOf(reference),
            UpdateExpression: 'SET decided = :decided',
            ConditionExpression: 'attribute_exists(appeal) AND attribute_not_exists(decided)',
            ExpressionAttributeValues: { ':decided': { S: JSON.stringify(decided) } },
          }),
        ),
      ),
  };
}
