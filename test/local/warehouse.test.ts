import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { FirehoseClient, PutRecordBatchCommand, PutRecordCommand } from '@aws-sdk/client-firehose';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../lib/local/json-value.ts';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { type SmallAssembly, writeSmallAssembly } from './small-assembly.ts';

const MEBIBYTE = 1024 ** 2;
const column = (Name: string, Type: string): JsonObject => ({ Name, Type });

function role(id: string, Service: string, ...Statement: JsonObject[]): JsonObject {
  return {
    [id]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: { Statement: [{ Principal: { Service } }] },
        Policies: [{ PolicyName: id, PolicyDocument: { Version: '2012-10-17', Statement } }],
      },
    },
  };
}

function table(name: string, ...columns: JsonObject[]): JsonObject {
  return {
    Type: 'AWS::Glue::Table',
    Properties: {
      CatalogId: { Ref: 'AWS::AccountId' },
      DatabaseName: { Ref: 'Shop' },
      TableInput: {
        Name: name,
        Parameters: { classification: 'parquet' },
        PartitionKeys: [column('day', 'string')],
        StorageDescriptor: { Columns: columns, Location: { 'Fn::Sub': `s3://\${Data}/${name}/` } },
      },
    },
  };
}

function delivery(roleId: string, changes: JsonObject = {}): JsonObject {
  return {
    Type: 'AWS::KinesisFirehose::DeliveryStream',
    DependsOn: ['Sales', 'DeliveryRole'],
    Properties: {
      DeliveryStreamName: `into-${roleId}`,
      ExtendedS3DestinationConfiguration: {
        BucketARN: { 'Fn::GetAtt': ['Data', 'Arn'] },
        RoleARN: { 'Fn::GetAtt': [roleId, 'Arn'] },
        Prefix: 'sales/day=!{partitionKeyFromQuery:day}/',
        ErrorOutputPrefix: 'failed/!{firehose:error-output-type}/',
        BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 900 },
        ProcessingConfiguration: {
          Enabled: true,
          Processors: [
            {
              Type: 'RecordDeAggregation',
              Parameters: [{ ParameterName: 'SubRecordType', ParameterValue: 'JSON' }],
            },
            {
              Type: 'MetadataExtraction',
              Parameters: [
                { ParameterName: 'MetadataExtractionQuery', ParameterValue: '{day:.day}' },
                { ParameterName: 'JsonParsingEngine', ParameterValue: 'JQ-1.6' },
              ],
            },
          ],
        },
        DataFormatConversionConfiguration: {
          Enabled: true,
          OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
          SchemaConfiguration: { DatabaseName: { Ref: 'Shop' }, TableName: 'sales' },
        },
        ...changes,
      },
    },
  };
}

const workGroup = (name: string, BytesScannedCutoffPerQuery: number): JsonObject => ({
  Type: 'AWS::Athena::WorkGroup',
  Properties: {
    Name: name,
    WorkGroupConfiguration: {
      BytesScannedCutoffPerQuery,
      ResultConfiguration: { OutputLocation: { 'Fn::Sub': 's3://${Data}/answers/' } },
    },
  },
});

const objects = (...prefixes: string[]) =>
  prefixes.map((prefix) => ({ 'Fn::Sub': `\${Data.Arn}/${prefix}/*` }));
const mayWrite = (...prefixes: string[]): JsonObject => ({
  Effect: 'Allow',
  Action: ['s3:PutObject', 's3:GetObject'],
  Resource: objects(...prefixes),
});
const mayList: JsonObject = {
  Effect: 'Allow',
  Action: 's3:ListBucket',
  Resource: { 'Fn::GetAtt': ['Data', 'Arn'] },
};
const mayAsk: JsonObject = { Effect: 'Allow', Action: ['athena:*', 'glue:Get*'], Resource: '*' };

const machine = (roleId: string): JsonObject => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineName: `with-${roleId}`,
    RoleArn: { 'Fn::GetAtt': [roleId, 'Arn'] },
    DefinitionString: JSON.stringify({
      StartAt: 'Sum up',
      States: {
        'Sum up': {
          Type: 'Task',
          Resource: 'arn:aws:states:::athena:startQueryExecution.sync',
          Parameters: {
            QueryString:
              'INSERT INTO totals SELECT item, sum(price) AS price, day FROM sales WHERE day = ? GROUP BY item, day',
            'ExecutionParameters.$': "States.Array(States.Format('\\'{}\\'', $.day))",
            WorkGroup: 'wide',
            QueryExecutionContext: { Database: 'shop' },
          },
          ResultSelector: { 'state.$': '$.QueryExecution.Status.State' },
          End: true,
        },
      },
    }),
  },
});

const RESOURCES: JsonObject = {
  Data: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'data' } },
  Shop: { Type: 'AWS::Glue::Database', Properties: { DatabaseInput: { Name: 'shop' } } },
  Sales: table('sales', column('item', 'string'), column('price', 'bigint')),
  Totals: table('totals', column('item', 'string'), column('price', 'bigint')),
  Wide: workGroup('wide', 100 * MEBIBYTE),
  Narrow: workGroup('narrow', 10),
  ...role('DeliveryRole', 'firehose.amazonaws.com', mayWrite('sales', 'failed')),
  ...role('PoorRole', 'firehose.amazonaws.com', mayWrite('failed')),
  Delivery: delivery('DeliveryRole'),
  PoorDelivery: delivery('PoorRole'),
  ...role(
    'AskingRole',
    'states.amazonaws.com',
    mayAsk,
    mayList,
    mayWrite('sales', 'totals', 'answers'),
  ),
  ...role('BlindRole', 'states.amazonaws.com', mayList, mayWrite('sales', 'totals', 'answers')),
  Asking: machine('AskingRole'),
  Blind: machine('BlindRole'),
};

describe('a warehouse', () => {
  let assembly: SmallAssembly;
  let cloud: LocalCloud;
  let athena: AthenaClient;
  let firehose: FirehoseClient;
  let workflows: SFNClient;
  let s3: S3Client;
  let dataDir: string;
  const logs: string[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'forewarn-warehouse-'));
    assembly = await writeSmallAssembly({ functions: {}, resources: RESOURCES });
    cloud = await startLocalCloud({
      assemblyDir: assembly.assemblyDir,
      stackName: assembly.stackName,
      dataDir,
      onLog: (_name, line) => logs.push(line),
    });
    const { credentials, endpoint, region } = cloud;
    const config = { credentials, endpoint, region };
    athena = new AthenaClient(config);
    firehose = new FirehoseClient(config);
    workflows = new SFNClient(config);
    s3 = new S3Client({ ...config, forcePathStyle: true });
  });

  afterAll(async () => {
    for (const client of [athena, firehose, workflows, s3]) client?.destroy();
    await cloud?.close();
    await assembly?.remove();
    await rm(dataDir, { recursive: true, force: true });
  });

  const put = (texts: readonly string[], stream = 'into-DeliveryRole') =>
    firehose.send(
      new PutRecordBatchCommand({
        DeliveryStreamName: stream,
        Records: texts.map((text) => ({ Data: Buffer.from(text) })),
      }),
    );

  async function keys(Prefix: string): Promise<string[]> {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'data', Prefix }));
    return Contents.map(({ Key = '' }) => Key);
  }

  async function ended(id: string | undefined): Promise<QueryExecution | undefined> {
    const get = new GetQueryExecutionCommand({ QueryExecutionId: id });
    return vi.waitFor(async () => {
      const { QueryExecution } = await athena.send(get);
      expect(QueryExecution?.Status?.State).not.toBe('RUNNING');
      return QueryExecution;
    }, 60_000);
  }

  async function start(sql: string, group = 'wide', parameters?: string[]) {
    const { QueryExecutionId } = await athena.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        WorkGroup: group,
        QueryExecutionContext: { Database: 'shop' },
        ExecutionParameters: parameters,
      }),
    );
    return QueryExecutionId;
  }

  async function ask(sql: string, parameters?: string[]): Promise<(string | undefined)[][]> {
    const QueryExecutionId = await start(sql, 'wide', parameters);
    expect((await ended(QueryExecutionId))?.Status).toMatchObject({ State: 'SUCCEEDED' });
    const { ResultSet } = await athena.send(new GetQueryResultsCommand({ QueryExecutionId }));
    return (ResultSet?.Rows ?? []).map(({ Data }) =>
      (Data ?? []).map(({ VarCharValue }) => VarCharValue),
    );
  }

  test('takes records apart, lays rows out by their partition, and answers questions about them', async () => {
    await put([
      '{"item":"tea","price":3,"day":"2026-11-23"}\n{"item":null,"price":4,"day":"2026-11-24"}',
      '{"price":5,"item":"it\'s","day":"2026-11-23","more":1}',
    ]);
    await cloud.deliverBuffered();

    const laid = await keys('sales/');
    expect(laid.map((key) => key.split('/')[1]).sort()).toEqual([
      'day=2026-11-23',
      'day=2026-11-24',
    ]);
    expect(await ask('SELECT item, price, day FROM sales ORDER BY price')).toEqual([
      ['item', 'price', 'day'],
      ['tea', '3', '2026-11-23'],
      [undefined, '4', '2026-11-24'],
      ["it's", '5', '2026-11-23'],
    ]);
    const found = await ask('SELECT price FROM sales WHERE day = ? AND item = ?', [
      "'2026-11-23'",
      "'it''s'",
    ]);
    expect(found).toEqual([['price'], ['5']]);
  });

  test('keeps what it cannot take apart, place or convert, and says why', async () => {
    await put([
      'no JSON',
      '{"item":"a","price":1}',
      '{"item":"b","price":"dear","day":"2026-11-25"}',
    ]);
    await cloud.deliverBuffered();
    const failed = await keys('failed/');
    expect(failed.map((key) => key.split('/')[1]).sort()).toEqual([
      'format-conversion-failed',
      'processing-failed',
      'processing-failed',
    ]);
    const bodies = await Promise.all(
      failed.map(async (Key) => {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'data', Key }));
        const { rawData } = JSON.parse((await Body?.transformToString()) ?? '{}');
        return Buffer.from(rawData, 'base64').toString();
      }),
    );
    expect(bodies).toContain('no JSON');
    expect(bodies.join()).toContain('dear');
    expect(await keys('sales/day=2026-11-25/')).toEqual([]);
  });

  test('delivers by itself when a partition is full', async () => {
    const row = JSON.stringify({ item: 'x'.repeat(50_000), price: 1, day: '2026-11-26' });
    await put(Array.from({ length: 22 }, () => row));
    await vi.waitFor(
      async () => expect(await keys('sales/day=2026-11-26/')).toHaveLength(1),
      20_000,
    );
  });

  test('tries again what the bucket refused', async () => {
    cloud.faults.failNext('s3:PutObject', { code: 'AccessDenied', status: 403 }, 1_000);
    await put(['{"item":"tea","price":3,"day":"2026-12-01"}']);
    await cloud.deliverBuffered();
    expect(await keys('sales/day=2026-12-01/')).toEqual([]);
    cloud.faults.mend('s3:PutObject');
    await vi.waitFor(
      async () => expect(await keys('sales/day=2026-12-01/')).toHaveLength(1),
      20_000,
    );
  });

  test('refuses requests that Firehose would refuse, and single records on demand', async () => {
    const row = '{"item":"tea","price":3,"day":"2026-11-27"}';
    const many = put(Array.from({ length: 501 }, () => row));
    await expect(many).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    const large = put(Array.from({ length: 5 }, () => 'x'.repeat(MEBIBYTE - 30_000)));
    await expect(large).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    const nowhere = firehose.send(
      new PutRecordCommand({ DeliveryStreamName: 'nowhere', Record: { Data: Buffer.from(row) } }),
    );
    await expect(nowhere).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    cloud.faults.failNext('firehose:PutRecordBatch record', {
      code: 'ServiceUnavailableException',
    });
    expect(await put([row, row])).toMatchObject({
      FailedPutCount: 1,
      RequestResponses: [
        { ErrorCode: 'ServiceUnavailableException' },
        { RecordId: expect.any(String) },
      ],
    });
  });

  test('delivers with the rights of the stream’s role, and leads nowhere else', async () => {
    await put(['{"item":"tea","price":3,"day":"2026-11-28"}'], 'into-PoorRole');
    await put(['{"item":"tea","price":3,"day":".."}']);
    await cloud.deliverBuffered();
    expect(await keys('sales/day=2026-11-28/')).toEqual([]);
    const told = logs.filter((line) => line.includes('not delivered'));
    expect(told.some((line) => line.includes('s3:PutObject'))).toBe(true);
    for (const name of await readdir(join(dataDir, 'warehouse/buckets/data/sales'))) {
      expect(name).toMatch(/^day=(\.\.|2026-1[12]-\d\d)$/);
    }
  });

  test('stops a question that reads more than its workgroup allows, and answers no other kind', async () => {
    const narrow = await ended(await start('SELECT count(*) FROM sales', 'narrow'));
    expect(narrow?.Status?.State).toBe('FAILED');
    expect(narrow?.Status?.StateChangeReason).toContain('limit was exceeded');
    expect(narrow?.Statistics?.DataScannedInBytes).toBeGreaterThan(10);
    const wrong = await ended(await start('SELECT nothing FROM sales'));
    expect(wrong?.Status?.StateChangeReason).toContain('nothing');
    for (const sql of ['DROP TABLE sales', "COPY (SELECT 1) TO 'x'", 'SET threads = 1']) {
      await expect(start(sql)).rejects.toMatchObject({ name: 'InvalidRequestException' });
    }
    const prying = await ended(await start("SELECT * FROM read_text('/etc/hostname')"));
    expect(prying?.Status?.StateChangeReason).toContain('disabled by configuration');
    const stopped = await start('SELECT count(*) FROM sales a, sales b, sales c');
    await athena.send(new StopQueryExecutionCommand({ QueryExecutionId: stopped }));
    expect(['CANCELLED', 'SUCCEEDED']).toContain((await ended(stopped))?.Status?.State);
  });

  test('gives answers page by page', async () => {
    const QueryExecutionId = await start('SELECT price FROM sales ORDER BY price LIMIT 3');
    await ended(QueryExecutionId);
    const pages: number[] = [];
    let NextToken: string | undefined;
    do {
      const page = await athena.send(
        new GetQueryResultsCommand({ QueryExecutionId, MaxResults: 2, NextToken }),
      );
      pages.push(page.ResultSet?.Rows?.length ?? 0);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(pages).toEqual([2, 2]);
    expect(await keys(`answers/${QueryExecutionId}`)).toEqual([`answers/${QueryExecutionId}.csv`]);
  });

  async function run(name: string) {
    const { executionArn } = await workflows.send(
      new StartExecutionCommand({
        stateMachineArn: `arn:aws:states:${cloud.region}:${cloud.accountId}:stateMachine:${name}`,
        input: JSON.stringify({ day: '2026-11-23' }),
      }),
    );
    return vi.waitFor(async () => {
      const execution = await workflows.send(new DescribeExecutionCommand({ executionArn }));
      expect(execution.status).not.toBe('RUNNING');
      return execution;
    }, 60_000);
  }

  test('is asked by workflows, with the rights of their role', async () => {
    expect(await run('with-AskingRole')).toMatchObject({
      status: 'SUCCEEDED',
      output: '{"state":"SUCCEEDED"}',
    });
    expect(await ask('SELECT item, price, day FROM totals ORDER BY price')).toEqual([
      ['item', 'price', 'day'],
      ['tea', '3', '2026-11-23'],
      ["it's", '5', '2026-11-23'],
    ]);
    expect(await run('with-BlindRole')).toMatchObject({
      status: 'FAILED',
      cause: expect.stringContaining('athena:StartQueryExecution'),
    });
  });
});

test.each([
  [
    'another processor',
    { ProcessingConfiguration: { Processors: [{ Type: 'Lambda' }] } },
    'Lambda',
  ],
  ['another format', { DataFormatConversionConfiguration: { Enabled: false } }, 'Parquet'],
])('a delivery stream with %s is refused', async (_, changes, message) => {
  const { Asking: _a, Blind: _b, PoorDelivery: _c, ...others } = RESOURCES;
  const assembly = await writeSmallAssembly({
    functions: {},
    resources: { ...others, Delivery: delivery('DeliveryRole', changes) },
  });
  const { assemblyDir, stackName } = assembly;
  await expect(startLocalCloud({ assemblyDir, stackName })).rejects.toThrow(message);
  await assembly.remove();
});
