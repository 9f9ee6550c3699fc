import { readFileSync, writeFileSync } from 'node:fs';
import validate from 'asl-validator';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { CASE_LIMIT_MS, longestCaseMs } from '../../lib/domain/ladder/longest-case.ts';
import {
  CASE_TIMEOUT_SECONDS,
  dissuasionDefinition,
} from '../../lib/infrastructure/dissuasion-definition.ts';
import { flat, synthesized, workflowNamed } from './synthesized-stack.ts';
import { type Machine, workflowPicture } from './workflow-picture.ts';

const arn = (name: string) => `arn:aws:lambda:eu-west-1:111122223333:function:${name}`;

const tasks = {
  invoke: 'arn:aws:states:::lambda:invoke',
  invokeAndWait: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
  planMoveArn: arn('plan-move'),
  offerTaskArn: arn('offer-task'),
  settleTaskArn: arn('settle-task'),
  awaitNewsArn: arn('await-news'),
  closeCaseArn: arn('close-case'),
};

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Parameters?: { readonly FunctionName: string; readonly Payload: object };
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly Retry?: { readonly ErrorEquals: string[] }[];
  readonly Catch?: { readonly ErrorEquals: string[]; readonly Next: string }[];
  readonly ItemProcessor?: { readonly States: Record<string, State> };
}

const definition = dissuasionDefinition(tasks);
const states = definition.States as Record<string, State>;
const steps = states.TakeSteps?.ItemProcessor?.States ?? {};
const tasksOf = (all: Record<string, State>) =>
  Object.values(all).filter(({ Type }) => Type === 'Task');

describe('The dissuasion workflow', () => {
  test('is valid in the Amazon States Language', () => {
    const { isValid, errorsText } = validate(definition);

    expect(errorsText()).toBe('');
    expect(isValid).toBe(true);
  });

  test('would not be valid with a state that leads nowhere', () => {
    const broken = structuredClone(definition) as { States: Record<string, { Next?: string }> };
    (broken.States.PlanMove as { Next?: string }).Next = 'Nowhere';

    expect(validate(broken).isValid).toBe(false);
  });

  test('gives a task the token to answer with, and which one it is', () => {
    expect(steps.OfferTask?.Parameters).toEqual({
      FunctionName: tasks.offerTaskArn,
      Payload: {
        'taskToken.$': '$$.Task.Token',
        'caseId.$': '$.caseId',
        'taskId.$': '$.taskId',
      },
    });
  });

  test('goes on by itself when the due time of a task or a watch period passes', () => {
    expect(steps.OfferTask?.TimeoutSecondsPath).toBe('$.dueSeconds');
    expect(steps.OfferTask?.Catch).toEqual([
      { ErrorEquals: ['States.Timeout'], ResultPath: '$.timeout', Next: 'TimePassed' },
    ]);
    expect(states.AwaitNews?.TimeoutSecondsPath).toBe('$.plan.move.seconds');
    expect(states.AwaitNews?.Catch?.[0]).toMatchObject({ Next: 'PlanMove' });
  });

  test('waits nowhere for ever', () => {
    expect(definition.TimeoutSeconds).toBeGreaterThan(0);
    const all = [...tasksOf(states), ...tasksOf(steps)];
    expect(all).toHaveLength(5);
    for (const state of all) {
      expect(state.TimeoutSeconds ?? state.TimeoutSecondsPath).toBeDefined();
    }
  });

  test('outlives the longest case of any ladder that a policy may have', () => {
    expect(CASE_TIMEOUT_SECONDS).toBe(CASE_LIMIT_MS / 1000);
    expect(longestCaseMs(loadDefaultPolicy().ladder)).toBeLessThan(CASE_LIMIT_MS);
  });

  test('retries what Lambda itself gets wrong, in every state, but never an overdue task', () => {
    for (const state of [...tasksOf(states), ...tasksOf(steps)]) {
      const retried = state.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(retried).toContain('Lambda.ServiceException');
      expect(retried).toContain('States.TaskFailed');
      expect(retried).not.toContain('States.ALL');
      // An invocation that was not answered is repeated; a wait that was not is over.
      const isWait = state.TimeoutSecondsPath !== undefined;
      expect(retried?.includes('States.Timeout')).toBe(!isWait);
    }
  });
});

describe('The picture of the workflow', () => {
  const guide = new URL('../../docs/ladder.md', import.meta.url);
  const place = /(?<=<!-- workflow -->\n)[\s\S]*(?=<!-- \/workflow -->)/;

  test('in the docs is made from the definition', () => {
    const picture = `\n\`\`\`mermaid\n${workflowPicture(definition as unknown as Machine)}\n\`\`\`\n\n`;
    const text = readFileSync(guide, 'utf8');
    // UPDATE_DOCS=1 writes it anew.
    if (process.env.UPDATE_DOCS === '1') writeFileSync(guide, text.replace(place, picture));
    expect(place.exec(readFileSync(guide, 'utf8'))?.[0]).toBe(picture);
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
    const { DefinitionString } = workflowNamed(template, 'Forewarn-prod-dissuasion');

    expect(JSON.parse(flat(DefinitionString))).toEqual(
      dissuasionDefinition({
        invoke: 'arn:<AWS::Partition>:states:::lambda:invoke',
        invokeAndWait: 'arn:<AWS::Partition>:states:::lambda:invoke.waitForTaskToken',
        planMoveArn: 'DissuasionPlanMoveFunction.Arn',
        offerTaskArn: 'DissuasionOfferTaskFunction.Arn',
        settleTaskArn: 'DissuasionSettleTaskFunction.Arn',
        awaitNewsArn: 'DissuasionAwaitNewsFunction.Arn',
        closeCaseArn: 'DissuasionCloseCaseFunction.Arn',
      }),
    );
  });
});
