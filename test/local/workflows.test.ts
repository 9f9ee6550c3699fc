import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { type SmallAssembly, writeSmallAssembly } from './small-assembly.ts';

// Prints what it got, so that the test learns the token.
const assign = `export const handler = async (event) => { console.log('ASSIGNED ' + JSON.stringify(event)); };`;
const record = `export const handler = async (event) => {
  if (event.outcome === 'fail') throw new RangeError('no such outcome');
  return { recorded: event.outcome };
};`;

const machine = {
  StartAt: 'Call',
  States: {
    Call: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: {
        FunctionName: '${assign}',
        Payload: {
          'token.$': '$$.Task.Token',
          'startedAt.$': '$$.State.EnteredTime',
          'execution.$': '$$.Execution.Name',
          'case.$': '$.case',
        },
      },
      TimeoutSecondsPath: '$.dueSeconds',
      ResultPath: '$.result',
      // Matches every error but States.Timeout: a task that is overdue is not begun again.
      Retry: [
        { ErrorEquals: ['Refused'], MaxAttempts: 0 },
        { ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 1 },
      ],
      Catch: [
        { ErrorEquals: ['States.Timeout'], ResultPath: '$.error', Next: 'Overdue' },
        { ErrorEquals: ['Refused'], ResultPath: '$.error', Next: 'Overdue' },
      ],
      Next: 'Record',
    },
    Record: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: '${record}', Payload: { 'outcome.$': '$.result.outcome' } },
      OutputPath: '$.Payload',
      Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], MaxAttempts: 2 }],
      End: true,
    },
    Overdue: { Type: 'Pass', Parameters: { 'why.$': '$.error.Error' }, End: true },
  },
};

describe('workflows', () => {
  let assembly: SmallAssembly;
  let cloud: LocalCloud;
  let client: SFNClient;
  const assigned: { token: string; startedAt: string; execution: string; case: string }[] = [];

  beforeAll(async () => {
    assembly = await writeSmallAssembly({
      functions: { assign: { source: assign }, record: { source: record } },
      resources: {
        MachineRole: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: {},
            Policies: [
              {
                PolicyName: 'invoke',
                PolicyDocument: {
                  Statement: [
                    {
                      Effect: 'Allow',
                      Action: 'lambda:InvokeFunction',
                      Resource: [
                        { 'Fn::GetAtt': ['assign', 'Arn'] },
                        { 'Fn::GetAtt': ['record', 'Arn'] },
                      ],
                    },
                  ],
                },
              },
            ],
          },
        },
        Machine: {
          Type: 'AWS::StepFunctions::StateMachine',
          Properties: {
            RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
            DefinitionString: {
              'Fn::Sub': [
                JSON.stringify(machine),
                {
                  assign: { 'Fn::GetAtt': ['assign', 'Arn'] },
                  record: { 'Fn::GetAtt': ['record', 'Arn'] },
                },
              ],
            },
          },
        },
      },
      outputs: { Machine: { Value: { Ref: 'Machine' } } },
    });
    cloud = await startLocalCloud({
      ...assembly,
      onLog(_name, line) {
        if (line.startsWith('ASSIGNED ')) assigned.push(JSON.parse(line.slice(9)));
      },
    });
    client = new SFNClient({
      endpoint: cloud.endpoint,
      region: cloud.region,
      credentials: cloud.credentials,
    });
  });

  afterAll(async () => {
    client?.destroy();
    await cloud?.close();
    await assembly?.remove();
  });

  const start = (name: string, dueSeconds = 600) =>
    client.send(
      new StartExecutionCommand({
        stateMachineArn: cloud.outputs.Machine,
        name,
        input: JSON.stringify({ case: name, dueSeconds }),
      }),
    );
  const taskOf = (name: string) =>
    vi.waitFor(
      () => assigned.find((task) => task.case === name) ?? Promise.reject(new Error('not yet')),
      { timeout: 25_000 },
    );
  const ended = (executionArn: string | undefined) =>
    vi.waitFor(
      async () => {
        const found = await client.send(new DescribeExecutionCommand({ executionArn }));
        expect(found.status).not.toBe('RUNNING');
        return found;
      },
      { timeout: 25_000 },
    );

  it('waits for a task token and goes on with its output', async () => {
    const { executionArn } = await start('answered');
    const task = await taskOf('answered');
    expect(task.execution).toBe('answered');
    expect(Date.parse(task.startedAt)).toBeGreaterThan(0);
    await cloud.settled();

    await client.send(
      new SendTaskSuccessCommand({ taskToken: task.token, output: '{"outcome":"dissuaded"}' }),
    );

    const execution = await ended(executionArn);
    expect(execution.status).toBe('SUCCEEDED');
    expect(JSON.parse(execution.output ?? '')).toEqual({ recorded: 'dissuaded' });
    const again = client.send(new SendTaskSuccessCommand({ taskToken: task.token, output: '{}' }));
    await expect(again).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });

  it('acts by itself when the due time passes', async () => {
    const { executionArn } = await start('overdue', 1);
    const execution = await ended(executionArn);
    expect(JSON.parse(execution.output ?? '')).toEqual({ why: 'States.Timeout' });
    const { token } = await taskOf('overdue');
    expect(assigned.filter((task) => task.case === 'overdue')).toHaveLength(1);
    const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(
      events.map(({ id, previousEventId, type, stateEnteredEventDetails: entered }) => [
        id,
        previousEventId,
        entered === undefined ? type : `${type} ${entered.name}`,
      ]),
    ).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 1, 'TaskStateEntered Call'],
      [3, 2, 'TaskTimedOut'],
      [4, 3, 'TaskStateExited'],
      [5, 4, 'PassStateEntered Overdue'],
      [6, 5, 'PassStateExited'],
      [7, 6, 'ExecutionSucceeded'],
    ]);
    const late = client.send(new SendTaskSuccessCommand({ taskToken: token, output: '{}' }));
    await expect(late).rejects.toMatchObject({ name: 'TaskTimedOut' });
  });

  it('lets a catch match the error that a task failed with', async () => {
    const { executionArn } = await start('refused');
    const { token } = await taskOf('refused');
    await client.send(
      new SendTaskFailureCommand({ taskToken: token, error: 'Refused', cause: 'x' }),
    );
    expect(JSON.parse((await ended(executionArn)).output ?? '')).toEqual({ why: 'Refused' });
  });

  it('fails with the error of a function that nobody catches', async () => {
    const { executionArn } = await start('failing');
    const { token } = await taskOf('failing');
    await client.send(
      new SendTaskSuccessCommand({ taskToken: token, output: '{"outcome":"fail"}' }),
    );
    const execution = await ended(executionArn);
    expect(execution.status).toBe('FAILED');
    expect(execution.error).toBe('RangeError');
    expect(JSON.parse(execution.cause ?? '{}')).toMatchObject({ errorMessage: 'no such outcome' });
  });

  it('starts an execution once for a name and input while it runs', async () => {
    const first = await start('twice');
    const second = await start('twice');
    expect(second.executionArn).toBe(first.executionArn);
    await expect(start('twice', 7)).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });

    await taskOf('twice');
    await client.send(
      new StopExecutionCommand({ executionArn: first.executionArn, error: 'Stop' }),
    );
    expect((await ended(first.executionArn)).status).toBe('ABORTED');
    await expect(start('twice')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    const listed = await client.send(
      new ListExecutionsCommand({
        stateMachineArn: cloud.outputs.Machine,
        statusFilter: 'ABORTED',
      }),
    );
    expect(listed.executions?.map(({ name }) => name)).toEqual(['twice']);
  });
});
