import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

type Definition = Omit<CreateTableCommandInput, 'TableName' | 'BillingMode'>;

/** The keys and indexes of the stack's tables. */
const definitions = {
  profiles: {
    AttributeDefinitions: [{ AttributeName: 'number', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'number', KeyType: 'HASH' }],
  },
  subjects: {
    AttributeDefinitions: [
      { AttributeName: 'subject', AttributeType: 'S' },
      { AttributeName: 'item', AttributeType: 'S' },
      { AttributeName: 'decidedOn', AttributeType: 'S' },
      { AttributeName: 'decidedAt', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'subject', KeyType: 'HASH' },
      { AttributeName: 'item', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'decisions',
        KeySchema: [
          { AttributeName: 'decidedOn', KeyType: 'HASH' },
          { AttributeName: 'decidedAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    // As deployed: a table with a stream writes by another path of the embedded database.
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  },
  tasks: {
    AttributeDefinitions: [
      { AttributeName: 'taskId', AttributeType: 'S' },
      { AttributeName: 'queue', AttributeType: 'S' },
      { AttributeName: 'dueAt', AttributeType: 'N' },
    ],
    KeySchema: [{ AttributeName: 'taskId', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-queue',
        KeySchema: [
          { AttributeName: 'queue', KeyType: 'HASH' },
          { AttributeName: 'dueAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  },
} satisfies Record<string, Definition>;

/** Creates an empty table for one test and answers its name. */
export async function createTable(
  client: DynamoDBClient,
  kind: keyof typeof definitions,
): Promise<string> {
  const TableName = `${kind}-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      ...(definitions[kind] as Definition),
    }),
  );
  return TableName;
}
