import validate from 'asl-validator';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { dissuasionDefinition } from '../../lib/infrastructure/dissuasion-definition.ts';
import { flat, onlyResource, synthesized } from './synthesized-stack.ts';

const tasks = {
  invoke: 'arn:aws:states:::lambda:invoke',
  invokeAndWait: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  assignTaskArn: 'arn:aws:lambda:eu-west-1:111122223333:function:assign-task',
  closeTaskArn: 'arn:aws:lambda:eu-west-1:111122223333:function:close-task',
};

interface State {
  readonly Type: string;
  readonly Parameters: { readonly FunctionName: string; readonly Payload: object };
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly Retry: { readonly ErrorEquals: string[] }[];
  readonly Catch?: { readonly ErrorEquals: string[]; readonly Next: string }[];
}

const definition = dissuasionDefinition(tasks);
const states = definition.States as Record<string, State>;

describe('The dissuasion workflow', () => {
  test('is valid in the Amazon States Language', () => {
    const { isValid, errorsText } = validate(definition);

    expect(errorsText()).toBe('');
    expect(isValid).toBe(true);
  });

  test('would not be valid with a state that leads nowhere', () => {
    const broken = structuredClone(definition) as { States: Record<string, { Next?: string }> };
    (broken.States.PoliceCall as { Next?: string }).Next = 'Nowhere';

    expect(validate(broken).isValid).toBe(false);
  });

  test('gives the task all that an officer needs, and the token to answer with', () => {
    expect(states.PoliceCall?.Parameters).toEqual({
      FunctionName: tasks.assignTaskArn,
      Payload: {
        'taskToken.$': '$$.Task.Token',
        'startedAt.$': '$$.State.EnteredTime',
        'caseId.$': '$.caseId',
        'subject.$': '$.subject',
        'tier.$': '$.tier',
        'taskId.$': '$.taskId',
        'queue.$': '$.queue',
        'dueSeconds.$': '$.dueSeconds',
      },
    });
  });

  test('goes on by itself when the due time passes', () => {
    expect(states.PoliceCall?.TimeoutSecondsPath).toBe('$.dueSeconds');
    expect(states.PoliceCall?.Catch).toEqual([
      { ErrorEquals: ['States.Timeout'], ResultPath: '$.timeout', Next: 'RecordOverdue' },
    ]);
    expect(states.RecordOverdue?.Parameters.Payload).toMatchObject({ outcome: 'overdue' });
  });

  test('hands the outcome on with the case that it belongs to', () => {
    expect(states.RecordOutcome?.Parameters).toEqual({
      FunctionName: tasks.closeTaskArn,
      Payload: {
        'caseId.$': '$.caseId',
        'subject.$': '$.subject',
        'taskId.$': '$.taskId',
        'outcome.$': '$.result.outcome',
        'result.$': '$.result',
      },
    });
  });

  test('waits nowhere for ever', () => {
    expect(definition.TimeoutSeconds).toBeGreaterThan(0);
    for (const state of Object.values(states)) {
      expect(state.TimeoutSeconds ?? state.TimeoutSecondsPath).toBeDefined();
    }
  });

  test('retries what Lambda itself gets wrong, in every state, but never an overdue task', () => {
    for (const state of Object.values(states)) {
      const retried = state.Retry.flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(retried).toContain('Lambda.ServiceException');
      expect(retried).not.toContain('States.Timeout');
      expect(retried).not.toContain('States.ALL');
    }
  });
});

describe('The deployed workflow', () => {
  const template = synthesized('prod');

  test('is a traced standard workflow that logs every step, and no data', () => {
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'Forewarn-prod-dissuasion',
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: Match.objectLike({ Level: 'ALL', IncludeExecutionData: false }),
    });
  });

  test('is this definition, with ARNs that hold in every partition', () => {
    const { DefinitionString } = onlyResource(template, 'AWS::StepFunctions::StateMachine');

    expect(JSON.parse(flat(DefinitionString))).toEqual(
      dissuasionDefinition({
        invoke: 'arn:<AWS::Partition>:states:::lambda:invoke',
        invokeAndWait: 'arn:<AWS::Partition>:states:::lambda:invoke.waitForTaskToken',
        assignTaskArn: 'DissuasionAssignTaskFunction.Arn',
        closeTaskArn: 'DissuasionCloseTaskFunction.Arn',
      }),
    );
  });
});
