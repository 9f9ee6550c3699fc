import { setImmediate } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createFunctionRuntime,
  type FunctionRuntime,
} from '../../lib/local/functions/function-runtime.ts';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { type SmallAssembly, writeSmallAssembly } from './small-assembly.ts';

describe('the function runtime', () => {
  const source = `
    let calls = 0;
    exports.handler = async (event, context) => {
      calls += 1;
      if (event.do === 'throw') throw new TypeError('wrong');
      if (event.do === 'exit') process.exit(3);
      if (event.do === 'hang') await new Promise((resolve) => setTimeout(resolve, 60000));
      if (event.do === 'late') setTimeout(() => { throw new Error('later'); }, 0);
      if (event.do === 'late') await new Promise(() => undefined);
      if (event.do === 'wait') await new Promise((resolve) => setTimeout(resolve, 200));
      if (event.do === 'swell') { const kept = []; for (;;) kept.push(new Array(1e6).fill(calls)); }
      console.log('told ' + event.do);
      return {
        calls, region: process.env.AWS_REGION, own: process.env.OWN, name: context.functionName,
        left: context.getRemainingTimeInMillis() > 0, trace: process.env._X_AMZN_TRACE_ID,
        home: process.env.HOME,
      };
    };`;
  const lines: string[] = [];
  const measured: unknown[][] = [];
  let assembly: SmallAssembly;
  let runtime: FunctionRuntime;

  beforeAll(async () => {
    assembly = await writeSmallAssembly({ functions: { probe: { source } } });
    runtime = createFunctionRuntime({
      environment: { AWS_REGION: 'us-east-1' },
      onLine: (_label, line) => lines.push(line),
      record: ({ dimensions, name }, value) =>
        measured.push([dimensions.FunctionName, name, value]),
    });
    const add = (name: string, timeoutSeconds: number) =>
      runtime.add({
        name,
        label: name,
        arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
        handler: 'index.handler',
        codeDir: `${assembly.assemblyDir}/asset.probe`,
        timeoutSeconds,
        memoryMegabytes: 64,
        environment: { OWN: 'yes' },
      });
    add('probe', 30);
    add('impatient', 0.2);
  });

  afterAll(async () => {
    await runtime?.close();
    await assembly?.remove();
  });

  const invoke = (what: string, name = 'probe') =>
    runtime.invoke(name, JSON.stringify({ do: what }));

  it('gives a handler its event, its context and no more of our environment than Lambda does', async () => {
    const { payload, functionError } = await invoke('answer');
    expect(functionError).toBeUndefined();
    expect(payload).toMatchObject({ region: 'us-east-1', own: 'yes', name: 'probe', left: true });
    expect(payload).toMatchObject({ trace: expect.stringMatching(/^Root=1-/) });
    expect(payload).not.toHaveProperty('home');
    expect(lines).toContain('told answer');
  });

  it('keeps an environment warm and uses another one for a concurrent invocation', async () => {
    const [first, second] = await Promise.all([invoke('wait'), invoke('wait')]);
    const calls = [first, second].map(({ payload }) => (payload as { calls: number }).calls);
    expect(calls.sort()).toEqual([1, 2]);
  });

  it.each([
    ['throw', { errorType: 'TypeError', errorMessage: 'wrong' }],
    ['exit', { errorType: 'Runtime.ExitError' }],
    ['late', { errorType: 'Error', errorMessage: 'later' }],
    ['swell', { errorType: 'Runtime.OutOfMemory' }],
  ])('reports a function that does this: %s', async (what, expected) => {
    const { payload, functionError } = await invoke(what);
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject(expected);
  });

  it('measures invocations, errors and throttles, and runs no more at once than is reserved', async () => {
    const counted = (name: string) =>
      measured.filter(([, metric]) => metric === name).reduce((sum, [, , n]) => sum + Number(n), 0);
    const before = [counted('Invocations'), counted('Errors')];
    await invoke('answer');
    await invoke('throw');
    runtime.reserveConcurrency('probe', 0);
    await expect(invoke('answer')).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    runtime.reserveConcurrency('probe', undefined);
    await invoke('answer');
    expect([counted('Invocations'), counted('Errors')]).toEqual([
      (before[0] ?? 0) + 3,
      (before[1] ?? 0) + 1,
    ]);
    expect(measured.filter(([, metric]) => metric === 'Throttles')).toEqual([
      ['probe', 'Throttles', 1],
    ]);
  });

  it('ends a function whose time is over', async () => {
    const { payload, functionError } = await invoke('hang', 'impatient');
    expect(functionError).toBe('Unhandled');
    expect(payload).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringContaining('Task timed out after 0.20 seconds'),
    });
  });

  it('starts afresh after a crash', async () => {
    await invoke('exit');
    const killed = invoke('wait');
    await vi.waitFor(() => expect(runtime.running()).toBe(1));
    expect(runtime.kill('probe')).toBe(1);
    expect((await killed).functionError).toBe('Unhandled');
    expect((await invoke('answer')).payload).toMatchObject({ calls: 1 });
  });

  it('fails an invocation whose environment is killed when it is ready, however late that is heard', async () => {
    /** As a busy machine does: what the thread says is read only afterwards, all at once. */
    const hearNothingFor = (ms: number) => {
      for (const end = performance.now() + ms; performance.now() < end; );
    };
    for (let round = 0; round < 3; round++) {
      runtime.kill('probe');
      const killed = invoke('answer');
      await setImmediate();
      hearNothingFor(600);
      runtime.kill('probe');
      hearNothingFor(200);
      expect((await killed).functionError).toBe('Unhandled');
    }
  });
});

describe('functions of a stack', () => {
  const writer = `
    import { DynamoDBClient, PutItemCommand, DeleteItemCommand, BatchExecuteStatementCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
    const client = new DynamoDBClient({ maxAttempts: 1 });
    const TableName = process.env.TABLE;
    const actions = {
      put: () => client.send(new PutItemCommand({ TableName, Item: { id: { S: 'put' } } })),
      delete: () => client.send(new DeleteItemCommand({ TableName, Key: { id: { S: 'put' } } })),
      insert: () => client.send(new BatchExecuteStatementCommand({ Statements: [
        { Statement: 'INSERT INTO "' + TableName + '" VALUE {\\'id\\': ?}', Parameters: [{ S: 'inserted' }] }] })),
      remove: () => client.send(new BatchExecuteStatementCommand({ Statements: [
        { Statement: 'DELETE FROM "' + TableName + '" WHERE id = ?', Parameters: [{ S: 'inserted' }] }] })),
      check: () => client.send(new TransactWriteItemsCommand({ TransactItems: [
        { ConditionCheck: { TableName, Key: { id: { S: 'none' } }, ConditionExpression: 'attribute_not_exists(id)' } },
        { Put: { TableName, Item: { id: { S: 'transacted' } } } }] })),
      crash: () => process.exit(1),
    };
    export const handler = async (event) => {
      for (const record of event.Records) {
        const what = Buffer.from(record.kinesis.data, 'base64').toString();
        try {
          await actions[what]();
          console.log('DONE ' + what);
        } catch (error) {
          console.log('FAILED ' + what + ' ' + error.name);
        }
      }
    };`;
  let assembly: SmallAssembly;
  let cloud: LocalCloud;
  let kinesis: KinesisClient;
  const lines: string[] = [];

  beforeAll(async () => {
    assembly = await writeSmallAssembly({
      functions: {
        writer: {
          source: writer,
          properties: { Environment: { Variables: { TABLE: { Ref: 'Table' } } } },
          grants: [
            { Effect: 'Allow', Action: 'kinesis:*', Resource: { 'Fn::GetAtt': ['Input', 'Arn'] } },
            {
              Effect: 'Allow',
              Action: ['dynamodb:PutItem', 'dynamodb:PartiQLInsert'],
              Resource: { 'Fn::GetAtt': ['Table', 'Arn'] },
            },
          ],
        },
      },
      resources: {
        Input: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } },
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          },
        },
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['Input', 'Arn'] },
            FunctionName: { Ref: 'writer' },
            StartingPosition: 'TRIM_HORIZON',
            BatchSize: 1,
            MaximumRetryAttempts: 1,
          },
        },
      },
      outputs: { Input: { Value: { Ref: 'Input' } }, Table: { Value: { Ref: 'Table' } } },
    });
    cloud = await startLocalCloud({ ...assembly, onLog: (_name, line) => lines.push(line) });
    kinesis = new KinesisClient({
      endpoint: cloud.endpoint,
      region: cloud.region,
      credentials: cloud.credentials,
    });
  });

  afterAll(async () => {
    kinesis?.destroy();
    await cloud?.close();
    await assembly?.remove();
  });

  const tell = async (...actions: string[]) => {
    lines.length = 0;
    await kinesis.send(
      new PutRecordsCommand({
        StreamName: cloud.outputs.Input,
        Records: actions.map((action) => ({ Data: Buffer.from(action), PartitionKey: 'one' })),
      }),
    );
    await cloud.settled(20_000);
    return lines.filter((line) => /^(DONE|FAILED)/.test(line));
  };

  it('may do what their role grants and nothing else, PartiQL and transactions by their parts', async () => {
    expect(await tell('put', 'delete', 'insert', 'remove', 'check')).toEqual([
      'DONE put',
      'FAILED delete AccessDeniedException',
      'DONE insert',
      'FAILED remove AccessDeniedException',
      'FAILED check AccessDeniedException',
    ]);
    expect(cloud.usedActions().writer).toEqual(
      expect.arrayContaining(['dynamodb:ConditionCheckItem', 'dynamodb:PartiQLDelete']),
    );
    const dynamodb = new DynamoDBClient({
      endpoint: cloud.endpoint,
      region: cloud.region,
      credentials: cloud.credentials,
    });
    const read = async (id: string) =>
      (
        await dynamodb.send(
          new GetItemCommand({ TableName: cloud.outputs.Table, Key: { id: { S: id } } }),
        )
      ).Item;
    expect(await read('inserted')).toBeDefined();
    expect(await read('transacted')).toBeUndefined();
  });

  it('are retried after a crash, and then the stream goes on', async () => {
    const done = await tell('crash', 'put');
    expect(lines.filter((line) => line.includes('Runtime.ExitError'))).toHaveLength(2);
    expect(done).toEqual(['DONE put']);
  });

  it('get the errors that a test plans', async () => {
    cloud.faults.failNext('dynamodb:PutItem', { code: 'ProvisionedThroughputExceededException' });
    expect(await tell('put', 'put')).toEqual([
      'FAILED put ProvisionedThroughputExceededException',
      'DONE put',
    ]);
  });
});
