import { LocalCloudError } from '../errors.ts';
import { createSessionKey } from '../iam/session-key.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { nameFromArn } from '../services/aws-names.ts';
import { columnsOf, placeOf } from '../warehouse/catalog.ts';
import { type PartitionKey, partitionKeysOf } from '../warehouse/split-records.ts';
import { engineType } from '../warehouse/sql-engine.ts';
import { type Deployment, type DeployResource, physicalName } from './deployment.ts';

const mebibyte = 1024 ** 2;
const defaultBufferMiB = 128;
const defaultBufferSeconds = 300;

function refuse(logicalId: string, why: string): never {
  throw new LocalCloudError('resource-invalid', `${logicalId}: ${why}`);
}

function objectIn(value: JsonValue | undefined, name: string): JsonObject {
  const inner = isJsonObject(value) ? value[name] : undefined;
  return isJsonObject(inner) ? inner : {};
}

export const deployGlueDatabase: DeployResource = (_deployment, logicalId, properties) => {
  const { Name } = objectIn(properties, 'DatabaseInput');
  return { ref: String(Name ?? logicalId.toLowerCase()), attributes: {} };
};

export const deployGlueTable: DeployResource = ({ catalog }, logicalId, properties) => {
  const input = objectIn(properties, 'TableInput');
  const storage = objectIn(input, 'StorageDescriptor');
  const name = String(input.Name ?? logicalId.toLowerCase());
  if (objectIn(input, 'Parameters').classification !== 'parquet') {
    refuse(logicalId, 'only tables of Parquet are emulated');
  }
  const place = placeOf(storage.Location);
  if (place === undefined) refuse(logicalId, 'its location is not in S3');
  const table = {
    ...place,
    database: String(properties.DatabaseName),
    name,
    columns: columnsOf(storage.Columns),
    partitionKeys: columnsOf(input.PartitionKeys),
  };
  // Unknown types are told of now, not when the first row comes.
  for (const column of [...table.columns, ...table.partitionKeys]) engineType(column);
  catalog.addTable(table);
  return { ref: name, attributes: {} };
};

export const deployWorkGroup: DeployResource = ({ athena }, logicalId, properties) => {
  const settings = objectIn(properties, 'WorkGroupConfiguration');
  const { OutputLocation } = objectIn(settings, 'ResultConfiguration');
  const cutoff = settings.BytesScannedCutoffPerQuery;
  if (placeOf(OutputLocation) === undefined) refuse(logicalId, 'its answers go nowhere in S3');
  const name = String(properties.Name);
  athena.addWorkGroup({
    name,
    outputLocation: String(OutputLocation),
    bytesScannedCutoff: cutoff === undefined ? undefined : Number(cutoff),
  });
  return { ref: name, attributes: {} };
};

/** The processors of a stream: it must take records apart as JSON, and partition them by their own values. */
function partitioning(logicalId: string, destination: JsonObject): PartitionKey[] {
  const processors = [objectIn(destination, 'ProcessingConfiguration').Processors ?? []]
    .flat()
    .filter(isJsonObject);
  const parameterOf = (type: string, name: string): JsonValue | undefined =>
    [processors.find(({ Type }) => Type === type)?.Parameters ?? []]
      .flat()
      .filter(isJsonObject)
      .find(({ ParameterName }) => ParameterName === name)?.ParameterValue;
  const unknown = processors.find(
    ({ Type }) => Type !== 'RecordDeAggregation' && Type !== 'MetadataExtraction',
  );
  if (unknown !== undefined)
    refuse(logicalId, `the processor ${String(unknown.Type)} is not emulated`);
  if (parameterOf('RecordDeAggregation', 'SubRecordType') !== 'JSON') {
    refuse(logicalId, 'only streams that take records apart as JSON are emulated');
  }
  const query = String(parameterOf('MetadataExtraction', 'MetadataExtractionQuery'));
  return (
    partitionKeysOf(query) ?? refuse(logicalId, `the partitioning query ${query} is not emulated`)
  );
}

/** S3 with the rights of a role. */
function clientUnder(deployment: Deployment, logicalId: string, roleArn: JsonValue | undefined) {
  const role = deployment.roles.get(String(roleArn));
  if (role === undefined) refuse(logicalId, 'its role is not ours');
  const { accountId, partition } = deployment.cloud;
  const arn = `arn:${partition}:sts::${accountId}:assumed-role/${role.name}/${logicalId}`;
  return deployment.objectsClient(createSessionKey(deployment.access, arn, role.statements));
}

export const deployDeliveryStream: DeployResource = (deployment, logicalId, properties) => {
  const destination = properties.ExtendedS3DestinationConfiguration;
  if (!isJsonObject(destination)) refuse(logicalId, 'only deliveries to S3 are emulated');
  const conversion = objectIn(destination, 'DataFormatConversionConfiguration');
  const schema = objectIn(conversion, 'SchemaConfiguration');
  const output = objectIn(objectIn(conversion, 'OutputFormatConfiguration'), 'Serializer');
  if (conversion.Enabled === false || output.ParquetSerDe === undefined) {
    refuse(logicalId, 'only deliveries as Parquet are emulated');
  }
  const buffering = objectIn(destination, 'BufferingHints');
  const name = physicalName(deployment, logicalId, properties.DeliveryStreamName, 64);
  const arn = deployment.firehose.addStream({
    name,
    bucket: nameFromArn(String(destination.BucketARN)),
    prefix: String(destination.Prefix ?? ''),
    errorPrefix: String(destination.ErrorOutputPrefix ?? ''),
    bufferBytes: Number(buffering.SizeInMBs ?? defaultBufferMiB) * mebibyte,
    bufferMs: Number(buffering.IntervalInSeconds ?? defaultBufferSeconds) * 1_000,
    partitionKeys: partitioning(logicalId, destination),
    table: deployment.catalog.table(String(schema.DatabaseName), String(schema.TableName)),
    client: clientUnder(deployment, logicalId, destination.RoleARN),
  });
  return { ref: name, attributes: { Arn: arn } };
};
