import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

type Definition = Omit<CreateTableCommandInput, 'TableName' | 'BillingMode'>;

function index(name: string, partition: string, sort: string) {
  return {
    IndexName: name,
    KeySchema: [
      { AttributeName: partition, KeyType: 'HASH' as const },
      { AttributeName: sort, KeyType: 'RANGE' as const },
    ],
    Projection: { ProjectionType: 'ALL' as const },
  };
}

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
    GlobalSecondaryIndexes: [index('decisions', 'decidedOn', 'decidedAt')],
    // As deployed: a table with a stream writes by another path of the embedded database.
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  },
  tasks: {
    AttributeDefinitions: [
      { AttributeName: 'taskId', AttributeType: 'S' },
      { AttributeName: 'queue', AttributeType: 'S' },
      { AttributeName: 'backupQueue', AttributeType: 'S' },
      { AttributeName: 'caseId', AttributeType: 'S' },
      { AttributeName: 'dueAt', AttributeType: 'N' },
      { AttributeName: 'assignedAt', AttributeType: 'N' },
    ],
    KeySchema: [{ AttributeName: 'taskId', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      index('by-queue', 'queue', 'dueAt'),
      index('by-backup', 'backupQueue', 'dueAt'),
      index('by-case', 'caseId', 'assignedAt'),
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  },
  connections: {
    AttributeDefinitions: [{ AttributeName: 'connectionId', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'connectionId', KeyType: 'HASH' }],
  },
  audit: {
    AttributeDefinitions: [
      { AttributeName: 'chain', AttributeType: 'S' },
      { AttributeName: 'sequence', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'chain', KeyType: 'HASH' },
      { AttributeName: 'sequence', KeyType: 'RANGE' },
    ],
  },
  lists: {
    AttributeDefinitions: [
      { AttributeName: 'list', AttributeType: 'S' },
      { AttributeName: 'item', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'list', KeyType: 'HASH' },
      { AttributeName: 'item', KeyType: 'RANGE' },
    ],
  },
  requests: {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  },
  clues: {
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'number', AttributeType: 'S' },
      { AttributeName: 'receivedAt', AttributeType: 'N' },
    ],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        ...index('by-number', 'number', 'receivedAt'),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['clue'] },
      },
    ],
  },
  registers: {
    AttributeDefinitions: [
      { AttributeName: 'register', AttributeType: 'S' },
      { AttributeName: 'key', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'register', KeyType: 'HASH' },
      { AttributeName: 'key', KeyType: 'RANGE' },
    ],
  },
  campaigns: {
    AttributeDefinitions: [
      { AttributeName: 'key', AttributeType: 'S' },
      { AttributeName: 'item', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'key', KeyType: 'HASH' },
      { AttributeName: 'item', KeyType: 'RANGE' },
    ],
  },
  cases: {
    AttributeDefinitions: [
      { AttributeName: 'caseId', AttributeType: 'S' },
      { AttributeName: 'item', AttributeType: 'S' },
      { AttributeName: 'state', AttributeType: 'S' },
      { AttributeName: 'district', AttributeType: 'S' },
      { AttributeName: 'lastOfficer', AttributeType: 'S' },
      { AttributeName: 'openedAt', AttributeType: 'N' },
    ],
    KeySchema: [
      { AttributeName: 'caseId', KeyType: 'HASH' },
      { AttributeName: 'item', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      index('by-state', 'state', 'openedAt'),
      index('by-district', 'district', 'openedAt'),
      index('by-officer', 'lastOfficer', 'openedAt'),
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
