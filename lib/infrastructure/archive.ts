import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import { type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDeliveryStream } from 'aws-cdk-lib/aws-kinesisfirehose';
import { LogGroup, LogStream } from 'aws-cdk-lib/aws-logs';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import {
  ARCHIVE_BUCKETS,
  type ArchiveColumn,
  CALL_COLUMNS,
  PARTITION_COLUMNS,
  RECORD_COLUMNS,
} from '../archive/archived-call.ts';
import { acknowledgeWildcard, inFinding } from './acknowledged-findings.ts';
import { PipelineFunction } from './pipeline-function.ts';
import type { PipelineKey } from './pipeline-key.ts';
import type { PipelineStream } from './pipeline-stream.ts';
import type { QuarantineBucket } from './quarantine-bucket.ts';
import type { StageConfig } from './stage-config.ts';
import { StreamSource } from './stream-source.ts';

/** Where in the bucket things are; tables are below their own names. */
export type ArchivePrefix = `${string}/`;

/** A table of the archive. */
export interface ArchiveTableProps {
  readonly name: string;
  readonly columns: readonly ArchiveColumn[];
  readonly partitions: readonly ArchiveColumn[];
  /** How Athena finds the partitions: none ever has to be added. */
  readonly projection: Readonly<Record<string, string>>;
}

const GIB = 1024 ** 3;
/** Records go this long after their day can no longer be asked, and so not by themselves out of a day that can. */
const RECORD_GRACE_DAYS = 3;
/** Calls of the past are replayed locally, whenever that past was. */
const BEGINNING = '2000-01-01';

export interface ArchiveProps {
  readonly config: StageConfig;
  readonly key: PipelineKey;
  readonly legs: PipelineStream;
  readonly quarantine: QuarantineBucket;
}

/**
 * Every accepted call, sealed, as Parquet in a bucket: a second reader of the legs hands rows to Firehose, which
 * converts and lays them out by day and bucket of the caller; Athena asks them. Nothing that warns people waits for it.
 */
export class Archive extends Construct {
  readonly bucket: Bucket;
  readonly databaseName: string;
  private database: CfnDatabase | undefined;
  readonly workGroup: CfnWorkGroup;
  readonly delivery: CfnDeliveryStream;
  readonly function: PipelineFunction;
  readonly source: StreamSource;
  private readonly key: PipelineKey;

  constructor(scope: Construct, id: string, props: ArchiveProps) {
    super(scope, id);
    const { config, key, legs, quarantine } = props;
    this.key = key;
    this.bucket = this.createBucket(config, quarantine);
    this.databaseName = Stack.of(this).stackName.toLowerCase().replaceAll('-', '_');
    const records = this.createTables(config);
    this.workGroup = this.createWorkGroup(config);
    this.delivery = this.createDelivery(config, records);
    this.function = new PipelineFunction(this, 'Reader', {
      name: 'archive-calls',
      description: 'Forewarn: hands each call on to the archive',
      config,
      key,
      environment: {
        ARCHIVE_DELIVERY_STREAM_NAME: this.delivery.ref,
        UTC_OFFSET_MINUTES: String(config.archive.utcOffsetMinutes),
      },
    });
    this.function.role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['firehose:PutRecordBatch'],
        resources: [this.delivery.attrArn],
      }),
    );
    this.source = new StreamSource(this, 'Legs', {
      name: 'legs-archive',
      config,
      from: legs,
      consumer: this.function,
      abandonTo: quarantine,
    });
  }

  /** Adds a table, below its name in the bucket. */
  addTable(id: string, { columns, name, partitions, projection }: ArchiveTableProps): CfnTable {
    const made = new CfnTable(this, id, {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: this.databaseName,
      tableInput: {
        name,
        tableType: 'EXTERNAL_TABLE',
        parameters: {
          classification: 'parquet',
          'parquet.compression': 'ZSTD',
          'projection.enabled': 'true',
          ...projection,
        },
        partitionKeys: partitions.map(glueColumn),
        storageDescriptor: {
          columns: columns.map(glueColumn),
          location: this.bucket.s3UrlForObject(`${name}/`),
          inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          serdeInfo: {
            serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
          },
        },
      },
    });
    if (this.database !== undefined) made.addResourceDependency(this.database);
    return made;
  }

  /** Partitions by day, as far back as they are kept. Local days run ahead of UTC's. */
  projectionOfDays({ clock }: StageConfig, days: number): Readonly<Record<string, string>> {
    const first = clock === 'records' ? BEGINNING : `NOW-${days}DAYS`;
    return {
      'projection.day.type': 'date',
      'projection.day.format': 'yyyy-MM-dd',
      'projection.day.range': `${first},NOW+1DAYS`,
    };
  }

  /** Lets what lies below a prefix go after so many days. */
  expire(prefix: ArchivePrefix, days: number): void {
    this.bucket.addLifecycleRule({ prefix, expiration: Duration.days(days) });
  }

  /** Lets an identity ask some tables. */
  allowAsking(grantee: IGrantable & Construct, ...tables: readonly string[]): void {
    const stack = Stack.of(this);
    const athena = (resource: string, resourceName: string) =>
      stack.formatArn({ service: 'athena', resource, resourceName });
    const grant = (actions: string[], resources: string[]) =>
      grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
    grant(
      ['athena:GetQueryExecution', 'athena:StartQueryExecution', 'athena:StopQueryExecution'],
      [this.workGroupArn()],
    );
    grant(['athena:GetDataCatalog'], [athena('datacatalog', 'AwsDataCatalog')]);
    grant(['glue:GetDatabase'], this.catalogArns());
    grant(
      ['glue:GetPartition', 'glue:GetPartitions', 'glue:GetTable'],
      this.catalogArns(...tables),
    );
    grant(['s3:GetBucketLocation', 's3:ListBucket'], [this.bucket.bucketArn]);
    const prefixes = tables.map((name) => `${name}/` as ArchivePrefix);
    this.allowObjects(grantee, ['answers/', ...prefixes], 's3:GetObject');
    this.allowWriting(grantee, 'answers/');
    this.key.allowThrough('s3', grantee, 'kms:Decrypt', 'kms:GenerateDataKey');
  }

  /** Lets an identity read the answers of questions that others asked. */
  allowAnswers(grantee: IGrantable & Construct): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['athena:GetQueryResults'],
        resources: [this.workGroupArn()],
      }),
    );
    this.allowObjects(grantee, ['answers/'], 's3:GetObject');
  }

  /** Lets Athena write objects below a prefix for an identity, in parts where they are large. */
  allowWriting(grantee: IGrantable & Construct, prefix: ArchivePrefix): void {
    this.allowObjects(
      grantee,
      [prefix],
      's3:AbortMultipartUpload',
      's3:ListMultipartUploadParts',
      's3:PutObject',
    );
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucketMultipartUploads'],
        resources: [this.bucket.bucketArn],
      }),
    );
  }

  /** Lets an identity do something with objects whose names only their writer knows. */
  allowObjects(
    grantee: IGrantable & Construct,
    prefixes: readonly ArchivePrefix[],
    ...actions: readonly string[]
  ): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [...actions],
        resources: prefixes.map((prefix) => this.bucket.arnForObjects(`${prefix}*`)),
      }),
    );
    const arn = inFinding(this.bucket.node.defaultChild as CfnBucket, 'Arn');
    for (const prefix of prefixes) {
      acknowledgeWildcard(
        grantee,
        `${arn}/${prefix}*`,
        'Objects of the archive are named by whoever writes them, below this one prefix.',
      );
    }
  }

  private workGroupArn(): string {
    return Stack.of(this).formatArn({
      service: 'athena',
      resource: 'workgroup',
      resourceName: this.workGroup.name,
    });
  }

  private catalogArns(...tables: readonly string[]): string[] {
    const stack = Stack.of(this);
    return [
      stack.formatArn({ service: 'glue', resource: 'catalog' }),
      stack.formatArn({ service: 'glue', resource: 'database', resourceName: this.databaseName }),
      ...tables.map((table) =>
        stack.formatArn({
          service: 'glue',
          resource: 'table',
          resourceName: `${this.databaseName}/${table}`,
        }),
      ),
    ];
  }

  private createBucket(
    { archive, removalPolicy }: StageConfig,
    quarantine: QuarantineBucket,
  ): Bucket {
    const expiring = (prefix: ArchivePrefix, days: number): LifecycleRule => ({
      prefix,
      expiration: Duration.days(days),
    });
    const recordDays = archive.recordDays + RECORD_GRACE_DAYS;
    return new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      encryption: BucketEncryption.KMS,
      encryptionKey: this.key.key,
      bucketKeyEnabled: true,
      serverAccessLogsBucket: quarantine.accessLogs as IBucket,
      serverAccessLogsPrefix: 'archive/',
      lifecycleRules: [
        expiring('calls/', archive.callDays),
        expiring('call_records/', recordDays),
        expiring('failed/', archive.callDays),
        expiring('answers/', archive.answerDays),
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
  }

  /** @returns the table of the records */
  private createTables(config: StageConfig): CfnTable {
    const { archive } = config;
    this.database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: {
        name: this.databaseName,
        description: 'Forewarn: calls, sealed',
      },
    });
    const table = (id: string, name: string, columns: readonly ArchiveColumn[], days: number) =>
      this.addTable(id, {
        name,
        columns,
        partitions: PARTITION_COLUMNS,
        projection: {
          ...this.projectionOfDays(config, days),
          'projection.bucket.type': 'integer',
          'projection.bucket.range': `0,${ARCHIVE_BUCKETS - 1}`,
        },
      });
    table('Calls', 'calls', CALL_COLUMNS, archive.callDays);
    return table('CallRecords', 'call_records', RECORD_COLUMNS, archive.recordDays);
  }

  private createWorkGroup({ archive, removalPolicy }: StageConfig): CfnWorkGroup {
    return new CfnWorkGroup(this, 'WorkGroup', {
      name: `${Stack.of(this).stackName}-archive`,
      description: 'Forewarn: questions to the archive, each limited in what it may read',
      state: 'ENABLED',
      recursiveDeleteOption: removalPolicy === 'destroy',
      workGroupConfiguration: {
        // Nobody's own settings get around the limit, the place or the encryption.
        enforceWorkGroupConfiguration: true,
        bytesScannedCutoffPerQuery: archive.questionGiB * GIB,
        publishCloudWatchMetricsEnabled: true,
        requesterPaysEnabled: false,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: this.bucket.s3UrlForObject('answers/'),
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: this.key.key.keyArn },
        },
      },
    });
  }

  private createDelivery(config: StageConfig, records: CfnTable): CfnDeliveryStream {
    const { archive, removalPolicy, retention } = config;
    const role = new Role(this, 'DeliveryRole', {
      assumedBy: new ServicePrincipal('firehose.amazonaws.com'),
      description: `Forewarn ${config.stage}: what the delivery to the archive may do`,
    });
    const logGroup = new LogGroup(this, 'DeliveryLogs', {
      encryptionKey: this.key.key,
      retention: retention.logDays,
      removalPolicy: removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const logStream = new LogStream(this, 'DeliveryLog', {
      logGroup,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    role.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['logs:PutLogEvents'], resources: [logGroup.logGroupArn] }),
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['glue:GetTable', 'glue:GetTableVersion', 'glue:GetTableVersions'],
        resources: this.catalogArns('call_records'),
      }),
    );
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        resources: [this.bucket.bucketArn],
      }),
    );
    // As Firehose asks for it, though it is not seen to read.
    this.allowObjects(
      role,
      ['call_records/', 'failed/'],
      's3:AbortMultipartUpload',
      's3:GetObject',
      's3:PutObject',
    );
    this.key.allowThrough('s3', role, 'kms:Decrypt', 'kms:GenerateDataKey');
    const delivery = new CfnDeliveryStream(this, 'Delivery', {
      deliveryStreamType: 'DirectPut',
      deliveryStreamEncryptionConfigurationInput: {
        keyType: 'CUSTOMER_MANAGED_CMK',
        keyArn: this.key.key.keyArn,
      },
      extendedS3DestinationConfiguration: {
        bucketArn: this.bucket.bucketArn,
        roleArn: role.roleArn,
        prefix:
          'call_records/day=!{partitionKeyFromQuery:day}/bucket=!{partitionKeyFromQuery:bucket}/',
        errorOutputPrefix: 'failed/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/',
        bufferingHints: {
          sizeInMBs: archive.bufferMiB,
          intervalInSeconds: archive.bufferSeconds,
        },
        // Parquet compresses by itself.
        compressionFormat: 'UNCOMPRESSED',
        cloudWatchLoggingOptions: {
          enabled: true,
          logGroupName: logGroup.logGroupName,
          logStreamName: logStream.logStreamName,
        },
        dynamicPartitioningConfiguration: {
          enabled: true,
          retryOptions: { durationInSeconds: 3_600 },
        },
        processingConfiguration: {
          enabled: true,
          processors: [
            {
              type: 'RecordDeAggregation',
              parameters: [{ parameterName: 'SubRecordType', parameterValue: 'JSON' }],
            },
            {
              type: 'MetadataExtraction',
              parameters: [
                {
                  parameterName: 'MetadataExtractionQuery',
                  parameterValue: '{day:.day,bucket:.bucket}',
                },
                { parameterName: 'JsonParsingEngine', parameterValue: 'JQ-1.6' },
              ],
            },
          ],
        },
        dataFormatConversionConfiguration: {
          enabled: true,
          inputFormatConfiguration: { deserializer: { openXJsonSerDe: {} } },
          outputFormatConfiguration: { serializer: { parquetSerDe: { compression: 'SNAPPY' } } },
          schemaConfiguration: {
            catalogId: Aws.ACCOUNT_ID,
            databaseName: this.databaseName,
            tableName: 'call_records',
            region: Aws.REGION,
            roleArn: role.roleArn,
            versionId: 'LATEST',
          },
        },
      },
    });
    delivery.addResourceDependency(records);
    // Firehose tries what it may do while it is made.
    delivery.node.addDependency(role);
    return delivery;
  }
}

function glueColumn({ name, glue, meaning }: ArchiveColumn): CfnTable.ColumnProperty {
  return { name, type: glue, comment: meaning };
}
