import type { AwsRequest } from '../gateway/aws-request.ts';
import type { Permission } from '../gateway/aws-service.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { arnOf, type CloudIdentity, nameFromArn } from './aws-names.ts';

const statementActions: [RegExp, string][] = [
  [/^\s*insert\b/i, 'dynamodb:PartiQLInsert'],
  [/^\s*update\b/i, 'dynamodb:PartiQLUpdate'],
  [/^\s*delete\b/i, 'dynamodb:PartiQLDelete'],
  [/^\s*select\b/i, 'dynamodb:PartiQLSelect'],
  [/^\s*exists\b/i, 'dynamodb:PartiQLSelect'],
];

const statementTarget =
  /\b(?:from|into|update)\s+"?([A-Za-z0-9_.-]+?)"?(?:\s*\.\s*"([A-Za-z0-9_.-]+)")?(?=[\s;]|$)/i;

/** The action that a PartiQL statement needs, and the table (and index) that it names. */
export function partiQlTarget(
  statement: string,
): { action: string; table: string; index?: string } | undefined {
  const action = statementActions.find(([pattern]) => pattern.test(statement))?.[1];
  const [, table, index] = statementTarget.exec(statement) ?? [];
  if (action === undefined || table === undefined) return undefined;
  return index === undefined ? { action, table } : { action, table, index };
}

function objects(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function statements(request: AwsRequest): string[] {
  const { parameters } = request;
  const listed = [...objects(parameters.Statements), ...objects(parameters.TransactStatements)];
  return [parameters, ...listed]
    .map((part) => part.Statement)
    .filter((statement) => typeof statement === 'string');
}

/** dynoxide's iterators are JSON in base64. */
function tableOfIterator(iterator: string): string | undefined {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(iterator, 'base64').toString());
    return isJsonObject(decoded) ? String(decoded.table_name) : undefined;
  } catch {
    // Not an iterator of ours: GetRecords itself will say so.
    return undefined;
  }
}

const transactActions: Record<string, string> = {
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
  Get: 'dynamodb:GetItem',
};

/**
 * What IAM must grant for a DynamoDB request: the operation on its table or index; for
 * transactions and PartiQL the actions of their parts, as AWS authorizes them.
 */
export function dynamoDbPermissions(
  request: AwsRequest,
  cloud: CloudIdentity,
  streamOf: (table: string) => string | undefined = () => undefined,
): Permission[] {
  const { operation, parameters } = request;
  const resource = (table: string, index?: string): string =>
    arnOf(
      cloud,
      'dynamodb',
      `table/${nameFromArn(table)}${index === undefined ? '' : `/index/${index}`}`,
    );
  const found = new Map<string, Permission>();
  const need = (action: string, on: string): void => {
    found.set(`${action} ${on}`, { action, resource: on });
  };

  for (const item of objects(parameters.TransactItems)) {
    for (const [kind, part] of Object.entries(item)) {
      const action = transactActions[kind];
      if (action !== undefined && isJsonObject(part) && typeof part.TableName === 'string') {
        need(action, resource(part.TableName));
      }
    }
  }
  for (const statement of statements(request)) {
    const target = partiQlTarget(statement);
    if (target === undefined) need(`dynamodb:${operation}`, '*');
    else need(target.action, resource(target.table, target.index));
  }
  if (isJsonObject(parameters.RequestItems)) {
    for (const table of Object.keys(parameters.RequestItems)) {
      need(`dynamodb:${operation}`, resource(table));
    }
  }
  if (found.size > 0) return [...found.values()];
  if (typeof parameters.StreamArn === 'string') {
    return [{ action: `dynamodb:${operation}`, resource: parameters.StreamArn }];
  }
  if (typeof parameters.ShardIterator === 'string') {
    const table = tableOfIterator(parameters.ShardIterator);
    const stream = table === undefined ? undefined : streamOf(table);
    return [{ action: `dynamodb:${operation}`, resource: stream ?? '*' }];
  }
  if (typeof parameters.TableName === 'string') {
    const index = typeof parameters.IndexName === 'string' ? parameters.IndexName : undefined;
    return [{ action: `dynamodb:${operation}`, resource: resource(parameters.TableName, index) }];
  }
  return [{ action: `dynamodb:${operation}`, resource: '*' }];
}

/** The tables that a request may write to. */
export function writtenTables(request: AwsRequest, cloud: CloudIdentity): Set<string> {
  const writes = /(Put|Update|Delete|BatchWrite)Item$|PartiQL(Insert|Update|Delete)$/;
  const tables = new Set<string>();
  for (const { action, resource } of dynamoDbPermissions(request, cloud)) {
    if (writes.test(action)) tables.add(nameFromArn(resource));
  }
  return tables;
}
