import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { type DeployResource, physicalName } from './deployment.ts';

const indexFields = ['IndexName', 'KeySchema', 'Projection'] as const;

function indexes(value: JsonValue | undefined): JsonObject[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter(isJsonObject).map((index) => {
    const kept: JsonObject = {};
    for (const field of indexFields) {
      if (index[field] !== undefined) kept[field] = index[field];
    }
    return kept;
  });
}

/** `AWS::DynamoDB::Table` and `AWS::DynamoDB::GlobalTable` (with one replica, here). */
export const deployDynamoDbTable: DeployResource = async (deployment, logicalId, properties) => {
  const name = physicalName(deployment, logicalId, properties.TableName, 255);
  const definition: JsonObject = {
    TableName: name,
    AttributeDefinitions: properties.AttributeDefinitions,
    KeySchema: properties.KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
  };
  const globalIndexes = indexes(properties.GlobalSecondaryIndexes);
  if (globalIndexes !== undefined) definition.GlobalSecondaryIndexes = globalIndexes;
  const localIndexes = indexes(properties.LocalSecondaryIndexes);
  if (localIndexes !== undefined) definition.LocalSecondaryIndexes = localIndexes;
  if (isJsonObject(properties.StreamSpecification)) {
    const { StreamViewType } = properties.StreamSpecification;
    definition.StreamSpecification = { StreamEnabled: true, StreamViewType };
  }
  const { arn, streamArn } = await deployment.dynamodb.createTable(definition);
  return {
    ref: name,
    attributes: { Arn: arn, ...(streamArn === undefined ? {} : { StreamArn: streamArn }) },
  };
};
