import { readFileSync } from 'node:fs';
import validate from 'asl-validator';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import {
  ARCHIVE_BUCKETS,
  type ArchiveColumn,
  CALL_COLUMNS,
  PARTITION_COLUMNS,
  RECORD_COLUMNS,
} from '../../lib/archive/archived-call.ts';
import { packRows, rowOfLeg } from '../../lib/archive/call-rows.ts';
import type { Leg } from '../../lib/domain/leg.ts';
import { compactionDefinition } from '../../lib/infrastructure/archive-compaction-definition.ts';
import { resolveStageConfig } from '../../lib/infrastructure/resolve-stage-config.ts';
import { LISTS_TABLE, STUDY_TABLES } from '../../lib/study/study-tables.ts';
import { loadTrinoParser } from '../support/trino-parser.ts';
import { flat, onlyResource, plainId, resources, synthesized } from './synthesized-stack.ts';

const prod = synthesized('prod');

/** Days after which things expire, by their prefix. */
function bucketRules(template = prod): Record<string, number> {
  const buckets = resources(template, 'AWS::S3::Bucket');
  const [, archive] = Object.entries(buckets).find(([id]) => plainId(id) === 'ArchiveBucket') ?? [];
  const { Rules = [] } = (archive?.Properties.LifecycleConfiguration ?? {}) as {
    Rules?: { Prefix?: string; ExpirationInDays?: number }[];
  };
  return Object.fromEntries(
    Rules.flatMap(({ ExpirationInDays, Prefix }) =>
      Prefix === undefined ? [] : [[Prefix, ExpirationInDays ?? 0]],
    ),
  );
}

describe('The archive bucket', () => {
  test('is encrypted, shut, logged, and keeps things as long as the stage says', () => {
    prod.hasResourceProperties('AWS::S3::Bucket', {
      LoggingConfiguration: Match.objectLike({ LogFilePrefix: 'archive/' }),
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          Match.objectLike({
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: Match.objectLike({ SSEAlgorithm: 'aws:kms' }),
          }),
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: {
        Rules: Match.arrayWith([
          Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
        ]),
      },
    });
    expect(bucketRules()).toEqual({
      'calls/': 180,
      'call_records/': 8,
      'failed/': 180,
      'answers/': 3,
      'studies/': 180,
      ...Object.fromEntries(STUDY_TABLES.map(({ name }) => [`${name}/`, 180])),
      'study_given/': 3,
    });
    expect(bucketRules(synthesized('dev', { archive: { callDays: 7 } }))['calls/']).toBe(7);
  });
});

describe('The tables', () => {
  const tables = Object.values(resources(prod, 'AWS::Glue::Table')).map(
    ({ Properties }) =>
      Properties.TableInput as {
        Name: string;
        Parameters: Record<string, string>;
        PartitionKeys: { Name: string; Type: string }[];
        StorageDescriptor: { Columns: { Name: string; Type: string }[]; Location: unknown };
      },
  );

  test('have the columns of the archive, wherever it is asked', () => {
    const columns: Readonly<Record<string, readonly ArchiveColumn[]>> = {
      calls: CALL_COLUMNS,
      call_records: RECORD_COLUMNS,
      ...Object.fromEntries([...STUDY_TABLES, LISTS_TABLE].map((one) => [one.name, one.columns])),
    };
    expect(tables.map(({ Name }) => Name).sort()).toEqual(Object.keys(columns).sort());
    for (const { Name, PartitionKeys, StorageDescriptor } of tables) {
      const wanted = columns[Name] ?? [];
      const plain = (list: { Name: string; Type: string }[]) =>
        list.map((column) => `${column.Name} ${column.Type}`);
      expect(plain(StorageDescriptor.Columns)).toEqual(wanted.map((c) => `${c.name} ${c.glue}`));
      expect(plain(PartitionKeys)).toEqual(
        Name === LISTS_TABLE.name
          ? ['list string']
          : PARTITION_COLUMNS.filter(
              ({ name }) => name === 'day' || !Name.startsWith('study_'),
            ).map((c) => `${c.name} ${c.glue}`),
      );
      expect(flat(StorageDescriptor.Location)).toBe(`s3://ArchiveBucket/${Name}/`);
    }
  });

  test('need no partition added, and reach as far back as their calls are kept', () => {
    for (const { Name, Parameters } of tables) {
      const days = Name === 'call_records' ? 5 : 180;
      expect(Parameters).toMatchObject({
        'projection.enabled': 'true',
        ...(Name === LISTS_TABLE.name
          ? { 'projection.list.type': 'injected' }
          : {
              'projection.day.type': 'date',
              'projection.day.range': `NOW-${days}DAYS,NOW+1DAYS`,
            }),
        ...(!Name.startsWith('study_') && {
          'projection.bucket.range': `0,${ARCHIVE_BUCKETS - 1}`,
        }),
      });
    }
  });

  test('show no day of which records expire already', () => {
    expect(bucketRules()['call_records/']).toBeGreaterThan(5 + 1);
  });
});

describe('The workgroup', () => {
  test('limits what a question reads, and nobody gets around it', () => {
    prod.hasResourceProperties('AWS::Athena::WorkGroup', {
      Name: 'Forewarn-prod-archive',
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 200 * 1024 ** 3,
        ResultConfiguration: {
          EncryptionConfiguration: {
            EncryptionOption: 'SSE_KMS',
            KmsKey: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
          },
        },
      },
    });
    const { WorkGroupConfiguration } = onlyResource(prod, 'AWS::Athena::WorkGroup') as {
      WorkGroupConfiguration: { ResultConfiguration: { OutputLocation: unknown } };
    };
    expect(flat(WorkGroupConfiguration.ResultConfiguration.OutputLocation)).toBe(
      's3://ArchiveBucket/answers/',
    );
  });
});

describe('The delivery', () => {
  const delivery = onlyResource(prod, 'AWS::KinesisFirehose::DeliveryStream');

  test('is encrypted, converts to Parquet, and lays rows out as the tables have them', () => {
    expect(delivery).toMatchObject({
      DeliveryStreamType: 'DirectPut',
      DeliveryStreamEncryptionConfigurationInput: { KeyType: 'CUSTOMER_MANAGED_CMK' },
      ExtendedS3DestinationConfiguration: {
        Prefix:
          'call_records/day=!{partitionKeyFromQuery:day}/bucket=!{partitionKeyFromQuery:bucket}/',
        // What Firehose asks of a delivery that partitions and converts.
        BufferingHints: { SizeInMBs: 128, IntervalInSeconds: 900 },
        CompressionFormat: 'UNCOMPRESSED',
        DynamicPartitioningConfiguration: { Enabled: true },
        CloudWatchLoggingOptions: { Enabled: true },
        DataFormatConversionConfiguration: {
          Enabled: true,
          SchemaConfiguration: { DatabaseName: 'forewarn_prod', TableName: 'call_records' },
        },
      },
    });
    const { ExtendedS3DestinationConfiguration: s3 } = delivery as {
      ExtendedS3DestinationConfiguration: { ErrorOutputPrefix: string };
    };
    expect(s3.ErrorOutputPrefix).toMatch(/^failed\//);
  });

  test('is given rows with every column and both partitions', () => {
    const leg: Leg = {
      number: `1${'A'.repeat(22)}`,
      counterpart: `1${'B'.repeat(22)}`,
      originating: true,
      phase: 'complete',
      call: 1,
      start: 1_795_399_200,
      duration: 60,
      answered: true,
      counterpartIsService: false,
      international: false,
      district: 0,
      handset: 0,
      arrivedAt: 1_795_399_260_000,
    };
    const row = rowOfLeg(leg, 480);
    const names = [...RECORD_COLUMNS, ...PARTITION_COLUMNS].map(({ name }) => name);
    expect(Object.keys(row ?? {}).sort()).toEqual([...names].sort());
    expect(packRows(row === undefined ? [] : [row])[0]?.toString()).toBe(
      `${JSON.stringify(row)}\n`,
    );
  });
});

const RESOURCES = {
  askAthena: 'arn:aws:states:::athena:startQueryExecution.sync',
  readAnswer: 'arn:aws:states:::athena:getQueryResults',
  invoke: 'arn:aws:states:::lambda:invoke',
  clearDayArn: 'arn:aws:lambda:us-east-1:111122223333:function:clear',
  database: 'forewarn_prod',
  workGroup: 'Forewarn-prod-archive',
  wholeCalls: 'SELECT 1',
};

describe('The compaction', () => {
  const machine = Object.entries(resources(prod, 'AWS::StepFunctions::StateMachine')).find(
    ([id]) => plainId(id) === 'CompactionNightStateMachine',
  )?.[1].Properties;
  const definition = JSON.parse(flat(machine?.DefinitionString)) as {
    States: {
      'Ask for days': { Parameters: { QueryString: string } };
      'Each day': {
        ItemProcessor: {
          States: { Write: { Resource: string; Parameters: Record<string, unknown> } };
        };
      };
    };
  };
  const { Write } = definition.States['Each day'].ItemProcessor.States;

  test('is a valid workflow, traced and logged without its data', () => {
    expect(validate(compactionDefinition(RESOURCES)).errorsText()).toBe('');
    expect(machine).toMatchObject({
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
  });

  test('asks Athena by its native integration, in the limited workgroup, the very question of the archive', async () => {
    const sql = readFileSync(
      new URL('../../lib/archive/questions/whole-calls.sql', import.meta.url),
      'utf8',
    );
    expect(Write.Resource).toBe('arn:<AWS::Partition>:states:::athena:startQueryExecution.sync');
    expect(Write.Parameters).toMatchObject({
      QueryString: `INSERT INTO calls\n${sql.replaceAll(/\$\{\w+\}/g, '?')}`,
      WorkGroup: 'Forewarn-prod-archive',
      QueryExecutionContext: { Database: 'forewarn_prod' },
    });
    const parser = await loadTrinoParser();
    for (const asked of [
      definition.States['Ask for days'].Parameters.QueryString,
      Write.Parameters.QueryString as string,
    ]) {
      expect(parser.validate(asked)).toEqual([]);
    }
  });

  test('begins in the small hours of local time', () => {
    const cronsOf = (utcOffsetMinutes: number) =>
      Object.values(
        resources(
          synthesized('dev', { archive: { utcOffsetMinutes } }),
          'AWS::Scheduler::Schedule',
        ),
      ).map(({ Properties }) => Properties.ScheduleExpression);
    // The study an hour and a half after the compaction.
    expect(cronsOf(480)).toEqual(['cron(0 19 * * ? *)', 'cron(30 20 * * ? *)']);
    expect(cronsOf(-330)).toEqual(['cron(30 8 * * ? *)', 'cron(0 10 * * ? *)']);
  });
});

test('An archive is refused whose settings do not go together', () => {
  expect(() => resolveStageConfig('dev', { archive: { recordDays: 3 } })).toThrow(/a day further/);
  expect(() => resolveStageConfig('dev', { archive: { callDays: 4 } })).toThrow(/callDays must be/);
  expect(() => resolveStageConfig('dev', { alarms: { archiveDelaySeconds: 300 } })).toThrow(
    /no delay/,
  );
});
