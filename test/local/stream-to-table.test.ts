import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { type SmallAssembly, writeSmallAssembly } from './small-assembly.ts';

const copyRecords = `
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
const client = new DynamoDBClient({});
export const handler = async (event) => {
  for (const record of event.Records) {
    const text = Buffer.from(record.kinesis.data, 'base64').toString();
    if (text === 'crash') process.exit(7);
    await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item: { id: { S: text } } }));
  }
  console.log(JSON.stringify({
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'T', Dimensions: [['service']], Metrics: [{ Name: 'Copied' }] }] },
    service: 'copy', Copied: event.Records.length,
  }));
};
`;

const countChanges = `
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
const client = new DynamoDBClient({});
export const handler = async (event) => {
  for (const record of event.Records) {
    await client.send(new UpdateItemCommand({
      TableName: process.env.COUNTS, Key: { id: { S: record.eventName } },
      UpdateExpression: 'ADD #n :one', ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }));
  }
};
`;

const table = (streamed: boolean) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    ...(streamed ? { StreamSpecification: { StreamViewType: 'NEW_IMAGE' } } : {}),
  },
});

describe('a stream feeding a function that writes a table whose stream feeds another', () => {
  let assembly: SmallAssembly;
  let cloud: LocalCloud;
  let kinesis: KinesisClient;
  let dynamodb: DynamoDBClient;

  beforeAll(async () => {
    assembly = await writeSmallAssembly({
      functions: {
        copy: {
          source: copyRecords,
          properties: { Environment: { Variables: { TABLE: { Ref: 'Copies' } } } },
          grants: [
            {
              Effect: 'Allow',
              Action: 'dynamodb:PutItem',
              Resource: { 'Fn::GetAtt': ['Copies', 'Arn'] },
            },
            {
              Effect: 'Allow',
              Action: ['kinesis:Get*', 'kinesis:List*', 'kinesis:Describe*'],
              Resource: { 'Fn::GetAtt': 'Input.Arn' },
            },
          ],
        },
        count: {
          source: countChanges,
          properties: { Environment: { Variables: { COUNTS: { Ref: 'Counts' } } } },
          grants: [
            {
              Effect: 'Allow',
              Action: 'dynamodb:UpdateItem',
              Resource: { 'Fn::GetAtt': ['Counts', 'Arn'] },
            },
            {
              Effect: 'Allow',
              Action: [
                'dynamodb:DescribeStream',
                'dynamodb:GetRecords',
                'dynamodb:GetShardIterator',
              ],
              Resource: { 'Fn::GetAtt': ['Copies', 'StreamArn'] },
            },
          ],
        },
      },
      resources: {
        Input: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 2 } },
        Copies: table(true),
        Counts: table(false),
        FromInput: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['Input', 'Arn'] },
            FunctionName: { Ref: 'copy' },
            StartingPosition: 'TRIM_HORIZON',
            BisectBatchOnFunctionError: true,
            MaximumRetryAttempts: 2,
          },
        },
        FromCopies: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['Copies', 'StreamArn'] },
            FunctionName: { Ref: 'count' },
            StartingPosition: 'TRIM_HORIZON',
          },
        },
      },
      outputs: {
        Input: { Value: { Ref: 'Input' } },
        Copies: { Value: { Ref: 'Copies' } },
        Counts: { Value: { Ref: 'Counts' } },
      },
    });
    cloud = await startLocalCloud({
      ...assembly,
      onLog: (name, line) => process.env.SHOW && console.log(name, line),
    });
    const settings = {
      endpoint: cloud.endpoint,
      region: cloud.region,
      credentials: cloud.credentials,
    };
    kinesis = new KinesisClient(settings);
    dynamodb = new DynamoDBClient(settings);
  });

  afterAll(async () => {
    kinesis?.destroy();
    dynamodb?.destroy();
    await cloud?.close();
    await assembly?.remove();
  });

  const put = (texts: string[]) =>
    kinesis.send(
      new PutRecordsCommand({
        StreamName: cloud.outputs.Input,
        Records: texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: text })),
      }),
    );
  const items = async (name: string) =>
    (await dynamodb.send(new ScanCommand({ TableName: cloud.outputs[name] }))).Items ?? [];

  it('carries every record through to the end', async () => {
    await put(Array.from({ length: 40 }, (_unused, index) => `record-${index}`));
    await cloud.settled(25_000);

    expect((await items('Copies')).length).toBe(40);
    expect(await items('Counts')).toEqual([{ id: { S: 'INSERT' }, n: { N: '40' } }]);
    expect(cloud.metrics.sum('Copied', { service: 'copy' })).toBe(40);
  });
});
