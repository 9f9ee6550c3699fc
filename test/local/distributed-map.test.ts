import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../lib/local/json-value.ts';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { translateDefinition } from '../../lib/local/workflows/translate-definition.ts';
import { type SmallAssembly, writeSmallAssembly } from './small-assembly.ts';

const work = `export const handler = async ({ BatchInput, Items }) => {
  console.log('BATCH ' + JSON.stringify({ BatchInput, Items }));
  if (Items.includes(BatchInput.broken)) throw new RangeError('a broken item');
  if (BatchInput.waits) return { next: 'wait', until: new Date(Date.now() + 3_600_000).toISOString() };
  return { next: 'done', sum: Items.reduce((sum, item) => sum + item, 0) };
};`;

const processor = {
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
  StartAt: 'Work',
  States: {
    Work: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: '${work}', 'Payload.$': '$' },
      OutputPath: '$.Payload',
      Next: 'WhatNext',
    },
    WhatNext: {
      Type: 'Choice',
      Choices: [{ Variable: '$.next', StringEquals: 'wait', Next: 'Wait' }],
      Default: 'Done',
    },
    Wait: { Type: 'Wait', TimestampPath: '$.until', Next: 'Done' },
    Done: { Type: 'Pass', Parameters: { 'sum.$': '$.sum' }, End: true },
  },
};

const map = {
  Type: 'Map',
  Label: 'Numbers',
  ItemReader: {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: { InputType: 'JSONL' },
    Parameters: { Bucket: '${bucket}', 'Key.$': '$.key' },
  },
  ItemBatcher: {
    MaxItemsPerBatch: 2,
    BatchInput: { 'broken.$': '$.broken', 'waits.$': '$.waits' },
  },
  MaxConcurrencyPath: '$.atOnce',
  ToleratedFailurePercentagePath: '$.tolerated',
  ItemProcessor: processor,
  ResultPath: '$.results',
  Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Caught' }],
  End: true,
};

const machine = {
  StartAt: 'Numbers',
  States: { Numbers: map, Caught: { Type: 'Pass', End: true } },
};

const mayEverything = (role: string, ...actions: string[]) => ({
  [role]: {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: {},
      Policies: [
        {
          PolicyName: 'run',
          PolicyDocument: { Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] },
        },
      ],
    },
  },
});

const machineOf = (role: string) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    RoleArn: { 'Fn::GetAtt': [role, 'Arn'] },
    DefinitionString: {
      'Fn::Sub': [
        JSON.stringify(machine),
        { work: { 'Fn::GetAtt': ['work', 'Arn'] }, bucket: { Ref: 'Bucket' } },
      ],
    },
  },
});

describe('a distributed map', () => {
  let assembly: SmallAssembly;
  let cloud: LocalCloud;
  let client: SFNClient;
  const batches: { BatchInput: JsonObject; Items: number[] }[] = [];

  beforeAll(async () => {
    assembly = await writeSmallAssembly({
      functions: { work: { source: work } },
      resources: {
        Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
        ...mayEverything('Role', 'lambda:InvokeFunction', 's3:GetObject', 'states:StartExecution'),
        ...mayEverything('BlindRole', 'lambda:InvokeFunction', 'states:StartExecution'),
        ...mayEverything('LoneRole', 'lambda:InvokeFunction', 's3:GetObject'),
        Machine: machineOf('Role'),
        Blind: machineOf('BlindRole'),
        Lone: machineOf('LoneRole'),
      },
      outputs: {
        Bucket: { Value: { Ref: 'Bucket' } },
        Machine: { Value: { Ref: 'Machine' } },
        Blind: { Value: { Ref: 'Blind' } },
        Lone: { Value: { Ref: 'Lone' } },
      },
    });
    cloud = await startLocalCloud({
      ...assembly,
      onLog(_name, line) {
        if (line.startsWith('BATCH ')) batches.push(JSON.parse(line.slice(6)));
      },
    });
    const { credentials, endpoint, region } = cloud;
    client = new SFNClient({ endpoint, region, credentials });
    const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    const put = (Key: string, Body: string) =>
      s3.send(new PutObjectCommand({ Bucket: cloud.outputs.Bucket, Key, Body }));
    await put('lists/five.jsonl', '1\n2\n3\n4\n5\n');
    await put('lists/none.jsonl', '');
    s3.destroy();
  });

  afterAll(async () => {
    client?.destroy();
    await cloud?.close();
    await assembly?.remove();
  });

  async function start(input: object, output = 'Machine'): Promise<string> {
    const { executionArn } = await client.send(
      new StartExecutionCommand({
        stateMachineArn: cloud.outputs[output],
        input: JSON.stringify({
          key: 'lists/five.jsonl',
          broken: 0,
          waits: false,
          atOnce: 2,
          tolerated: 40,
          ...input,
        }),
      }),
    );
    return executionArn ?? '';
  }

  async function run(input: object, output?: string) {
    const executionArn = await start(input, output);
    const found = await vi.waitFor(
      async () => {
        const now = await client.send(new DescribeExecutionCommand({ executionArn }));
        expect(now.status).not.toBe('RUNNING');
        return now;
      },
      { timeout: 20_000 },
    );
    return { ...found, output: JSON.parse(found.output ?? 'null') };
  }

  it('runs a child for each batch of the list, and collects what they answer in order', async () => {
    batches.length = 0;
    const { executionArn, output, status } = await run({});
    expect(status).toBe('SUCCEEDED');
    expect(output.results).toEqual([{ sum: 3 }, { sum: 7 }, { sum: 5 }]);
    expect(batches.map(({ Items }) => Items).sort()).toEqual([[1, 2], [3, 4], [5]]);
    expect(batches[0]?.BatchInput).toEqual({ broken: 0, waits: false });
    const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events.map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('runs none for an empty list', async () => {
    expect((await run({ key: 'lists/none.jsonl' })).output.results).toEqual([]);
  });

  it('goes on when fewer items fail than it tolerates, and fails when more do', async () => {
    // The batch of 5 is one item in five.
    expect((await run({ broken: 5 })).output.results).toEqual([{ sum: 3 }, { sum: 7 }]);
    batches.length = 0;
    // Both items of a batch fail with it: two of five are 40 %, and no more than is tolerated.
    expect((await run({ broken: 3, atOnce: 1 })).output.results).toEqual([{ sum: 3 }, { sum: 5 }]);
    expect(batches).toHaveLength(3);
    batches.length = 0;
    const failed = await run({ broken: 1, atOnce: 1, tolerated: 10 });
    expect(failed.output.error).toEqual({
      Error: 'States.ExceedToleratedFailureThreshold',
      Cause: '2 of 5 items failed',
    });
    // None is started any more.
    expect(batches).toHaveLength(1);
  });

  it('fails where the list is not there, or the role may not read it, or not start children', async () => {
    const missing = await run({ key: 'lists/else.jsonl' });
    expect(missing.output.error).toMatchObject({ Error: 'States.ItemReaderFailed' });
    const blind = await run({}, 'Blind');
    expect(blind.output.error.Error).toBe('States.ItemReaderFailed');
    expect(blind.output.error.Cause).toContain('s3:GetObject');
    const lone = await run({}, 'Lone');
    expect(lone.output.error.Cause).toContain('states:StartExecution');
  });

  it('is at rest while its children wait, and ends them when it is stopped', async () => {
    batches.length = 0;
    const executionArn = await start({ waits: true, atOnce: 0 });
    await vi.waitFor(() => expect(batches).toHaveLength(3), { timeout: 10_000 });
    await cloud.settled();
    const waiting = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(waiting.status).toBe('RUNNING');
    await client.send(new StopExecutionCommand({ executionArn }));
    const stopped = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(stopped.status).toBe('ABORTED');
  });
});

describe('a definition with a distributed map', () => {
  const withMap = (changes: object) =>
    translateDefinition({
      StartAt: 'Numbers',
      States: { Numbers: { ...map, ...changes } },
    } as unknown as JsonObject);

  it.each<[string, object]>([
    ['ResultWriter', { ResultWriter: {} }],
    ['ItemSelector', { ItemSelector: {} }],
    ['ItemsPath', { ItemsPath: '$.items' }],
    ['CSV', { ItemReader: { ...map.ItemReader, ReaderConfig: { InputType: 'CSV' } } }],
    [
      'listObjectsV2',
      { ItemReader: { ...map.ItemReader, Resource: 'arn:aws:states:::s3:listObjectsV2' } },
    ],
    ['VersionId', { ItemReader: { ...map.ItemReader, Parameters: { VersionId: '1' } } }],
    ['MaxItemsPerBatches', { ItemBatcher: { MaxItemsPerBatches: 2 } }],
    [
      'standard child',
      {
        ItemProcessor: {
          ...processor,
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
        },
      },
    ],
  ])('is refused for what is not emulated: %s', (word, changes) => {
    expect(() => withMap(changes)).toThrow(word);
  });

  it('is refused for a context value that its children could not have', () => {
    const States = {
      Done: { Type: 'Pass', Parameters: { 'at.$': '$$.State.EnteredTime' }, End: true },
    };
    expect(() => withMap({ ItemProcessor: { ...processor, StartAt: 'Done', States } })).toThrow(
      'EnteredTime',
    );
  });
});
