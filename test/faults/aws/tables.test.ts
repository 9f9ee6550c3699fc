import { type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe } from 'vitest';
import { describeAuditTable } from '../../functions/adapters/data-layer/audit-table.suite.ts';
import { describeCasesTable } from '../../functions/adapters/data-layer/cases-table.suite.ts';
import { describeDeliveriesTable } from '../../functions/adapters/data-layer/deliveries-table.suite.ts';
import { describeFindingsTable } from '../../functions/adapters/data-layer/findings-table.suite.ts';
import { describeOpenByHand } from '../../functions/adapters/data-layer/open-by-hand.suite.ts';
import { describeProfilesTable } from '../../functions/adapters/data-layer/profiles-table.suite.ts';
import { describeRegistersTable } from '../../functions/adapters/data-layer/registers-table.suite.ts';
import { describeSubjectsTable } from '../../functions/adapters/data-layer/subjects-table.suite.ts';
import { describeTasksTable } from '../../functions/adapters/data-layer/tasks-table.suite.ts';
import { Tables } from './tables.ts';

interface Command {
  readonly input: unknown;
}

/** A client of tables in memory, on which nothing goes wrong. */
function clientOf(tables: Tables): DynamoDBClient {
  const send = async (command: Command) => {
    const operation = command.constructor.name.replace('Command', '');
    if (operation !== 'CreateTable') return tables.execute(operation, command.input, undefined);
    const {
      GlobalSecondaryIndexes = [],
      KeySchema = [],
      TableName = '',
    } = command.input as CreateTableCommandInput;
    const keyOf = (schema: typeof KeySchema, type: 'HASH' | 'RANGE') =>
      schema.find(({ KeyType }) => KeyType === type)?.AttributeName;
    const range = keyOf(KeySchema, 'RANGE');
    tables.create(TableName, {
      hash: keyOf(KeySchema, 'HASH') ?? '',
      ...(range !== undefined && { range }),
      indexes: Object.fromEntries(
        GlobalSecondaryIndexes.map((index) => [
          index.IndexName,
          {
            hash: keyOf(index.KeySchema ?? [], 'HASH') ?? '',
            range: keyOf(index.KeySchema ?? [], 'RANGE') ?? '',
          },
        ]),
      ),
    });
    return {};
  };
  return Object.defineProperty(Object.create(DynamoDBClient.prototype), 'send', { value: send });
}

describe('the data layer on the tables of the fault simulator', () => {
  const client = clientOf(new Tables({ now: Date.now, staleMs: 0, wrote: () => {} }));
  const given = () => client;
  describeProfilesTable(given);
  describeSubjectsTable(given);
  describeCasesTable(given);
  describeRegistersTable(given);
  describeTasksTable(given);
  describeFindingsTable(given);
  describeAuditTable(given);
  describeDeliveriesTable(given);
  describeOpenByHand(given);
});
