import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { type SmallAssembly, writeSmallAssembly } from './small-assembly.ts';

// Both print what they got, so that the test sees which calls were made, and learns the tokens.
const assign = `export const handler = async (event) => { console.log('ASSIGN ' + JSON.stringify(event)); };`;
const note = `export const handler = async (event) => {
  console.log('NOTE ' + JSON.stringify(event));
  if (event.step === 'breaks') throw new RangeError('no such step');
  return event.step;
};`;

const noting = (step: string, more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: '${note}', Payload: { step, 'case.$': '$.case' } },
  ResultPath: null,
  ...more,
});

const machine = {
  StartAt: 'First',
  TimeoutSeconds: 3_600,
  States: {
    First: noting('first', { Next: 'Breaks' }),
    Breaks: noting('breaks', {
      Catch: [{ ErrorEquals: ['RangeError'], ResultPath: null, Next: 'Each' }],
      Next: 'Each',
    }),
    Each: {
      Type: 'Map',
      ItemsPath: '$.people',
      ItemProcessor: {
        StartAt: 'Call',
        States: {
          Call: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
            Parameters: {
              FunctionName: '${assign}',
              Payload: { 'token.$': '$$.Task.Token', 'who.$': '$.who' },
            },
            TimeoutSecondsPath: '$.seconds',
            Catch: [{ ErrorEquals: ['States.Timeout'], ResultPath: null, Next: 'Overdue' }],
            End: true,
          },
          Overdue: { Type: 'Pass', Result: 'overdue', End: true },
        },
      },
      ResultPath: '$.answers',
      Next: 'Rest',
    },
    Rest: { Type: 'Wait', Seconds: 1, Next: 'Last' },
    Last: noting('last', { OutputPath: '$.answers', End: true }),
  },
};

describe('a workflow under way when the local cloud ends', () => {
  let assembly: SmallAssembly;
  let dataDir: string;
  let cloud: LocalCloud;
  let client: SFNClient;
  const lines: string[] = [];

  const start = async () => {
    cloud = await startLocalCloud({
      ...assembly,
      dataDir,
      onLog: (_name, line) => void lines.push(line),
    });
    const { credentials, endpoint, region } = cloud;
    client = new SFNClient({ credentials, endpoint, region });
  };
  const restart = async () => {
    client.destroy();
    await cloud.close();
    await start();
  };
  const assigned = () =>
    lines
      .filter((line) => line.startsWith('ASSIGN '))
      .map((line) => JSON.parse(line.slice(7)) as { token: string; who: string });
  const steps = () =>
    lines
      .filter((line) => line.startsWith('NOTE '))
      .map((line) => (JSON.parse(line.slice(5)) as { step: string }).step);
  const answer = (who: string) =>
    client.send(
      new SendTaskSuccessCommand({
        taskToken: assigned().find((one) => one.who === who)?.token,
        output: JSON.stringify(`${who} was told`),
      }),
    );

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'forewarn-workflows-'));
    const arns = Object.fromEntries(
      ['assign', 'note'].map((name) => [name, { 'Fn::GetAtt': [name, 'Arn'] }]),
    );
    const statement = {
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: Object.values(arns),
    };
    assembly = await writeSmallAssembly({
      functions: { assign: { source: assign }, note: { source: note } },
      resources: {
        MachineRole: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: {},
            Policies: [{ PolicyName: 'invoke', PolicyDocument: { Statement: [statement] } }],
          },
        },
        Machine: {
          Type: 'AWS::StepFunctions::StateMachine',
          Properties: {
            RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
            DefinitionString: { 'Fn::Sub': [JSON.stringify(machine), arns] },
          },
        },
      },
      outputs: { Machine: { Value: { Ref: 'Machine' } } },
    });
    await start();
  });

  afterAll(async () => {
    client?.destroy();
    await cloud?.close();
    await assembly?.remove();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('goes on where it was: nothing done twice, tokens and due times as they were', async () => {
    const input = JSON.stringify({
      case: 'c-1',
      people: [
        { who: 'Ming', seconds: 60 },
        { who: 'Li', seconds: 60 },
        { who: 'Wang', seconds: 2 },
      ],
    });
    const named = { stateMachineArn: cloud.outputs.Machine, name: 'c-1', input };
    const { executionArn } = await client.send(new StartExecutionCommand(named));
    const { startDate } = await client.send(new DescribeExecutionCommand({ executionArn }));
    await vi.waitFor(() => expect(assigned()).toHaveLength(3), 20_000);
    await answer('Ming');

    await restart();
    expect(await client.send(new StartExecutionCommand(named))).toMatchObject({ executionArn });
    await answer('Li');
    await vi.waitFor(() => expect(steps()).toContain('last'), 20_000);
    await cloud.settled();

    await restart();
    expect(steps()).toEqual(['first', 'breaks', 'last']);
    expect(assigned()).toHaveLength(3);
    const ended = await client.send(new DescribeExecutionCommand({ executionArn }));
    expect(ended).toMatchObject({ status: 'SUCCEEDED', startDate });
    expect(JSON.parse(ended.output ?? '')).toEqual(['Ming was told', 'Li was told', 'overdue']);
    await expect(client.send(new StartExecutionCommand(named))).rejects.toThrow(/Already Exists/);
  }, 60_000);
});
