import validate from 'asl-validator';
import { Match } from 'aws-cdk-lib/assertions';
import { StateMachine } from 'aws-local-stepfunctions';
import { describe, expect, test } from 'vitest';
import { campaignDefinition } from '../../lib/infrastructure/campaign-definition.ts';
import { stageDefaults } from '../../lib/infrastructure/stage-config.ts';
import { flat, synthesized, workflowNamed } from './synthesized-stack.ts';

const arn = (name: string) => `arn:aws:lambda:eu-west-1:111122223333:function:${name}`;

const definition = campaignDefinition({
  invoke: 'arn:aws:states:::lambda:invoke',
  getObject: 'arn:aws:states:::s3:getObject',
  listsBucket: 'lists',
  campaignAudienceArn: arn('campaign-audience'),
  sendNoticesArn: arn('send-notices'),
  keepCampaignArn: arn('keep-campaign'),
  timeoutSeconds: 930,
});

interface State {
  readonly Type: string;
  readonly Retry?: { readonly ErrorEquals: string[] }[];
  readonly TimeoutSeconds?: number;
  readonly TimestampPath?: string;
  readonly ItemProcessor?: { readonly States: Record<string, State> };
  readonly Catch?: { readonly Next: string }[];
}

const states = definition.States as Record<string, State>;
const batch = states.TextPeople?.ItemProcessor?.States ?? {};

describe('The workflow of a campaign', () => {
  test('is valid in the Amazon States Language', () => {
    const { isValid, errorsText } = validate(definition);

    expect(errorsText()).toBe('');
    expect(isValid).toBe(true);
  });

  test('maps over a list of S3 in batches, as many at a time as the pace asks for', () => {
    expect(states.TextPeople).toMatchObject({
      Type: 'Map',
      ItemReader: {
        ReaderConfig: { InputType: 'JSONL' },
        Parameters: { Bucket: 'lists', 'Key.$': '$.list.key' },
      },
      ItemBatcher: { MaxItemsPerBatch: 100 },
      MaxConcurrencyPath: '$.list.concurrency',
      ToleratedFailurePercentage: 5,
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
    });
  });

  test('waits within a batch until the time that it is told, and sends again after it', async () => {
    const steps = [
      { next: 'wait', until: new Date(Date.now() + 300).toISOString() },
      { next: 'again' },
      { next: 'done' },
    ];
    const calls: number[] = [];
    const processor = { StartAt: 'SendNotices', States: batch };
    const machine = new StateMachine(processor as never, {
      validationOptions: { noValidate: true },
    });
    const { result } = machine.run({ Items: [], BatchInput: {} } as never, {
      overrides: {
        taskResourceLocalHandlers: {
          SendNotices: async () => {
            calls.push(Date.now());
            return { Payload: steps.shift() ?? null } as never;
          },
        },
      },
    });
    expect(await result).toEqual({});
    expect(calls).toHaveLength(3);
    const [first = 0, second = 0] = calls;
    expect(second).toBeGreaterThan(first);
    expect(steps).toEqual([]);
  });

  test('retries every task, waits for none for ever, and keeps every failure', () => {
    const tasks = [...Object.values(states), ...Object.values(batch)].filter(
      ({ Type }) => Type === 'Task',
    );
    expect(tasks).toHaveLength(4);
    for (const { Retry, TimeoutSeconds } of tasks) {
      expect(Retry?.flatMap(({ ErrorEquals }) => ErrorEquals)).toContain('States.TaskFailed');
      expect(TimeoutSeconds).toBeGreaterThan(0);
    }
    for (const state of [states.ListPeople, states.TextPeople]) {
      expect(state?.Catch?.[0]?.Next).toBe('KeepFailed');
    }
  });

  test('is deployed as a traced standard workflow that logs no data, with ARNs of every partition', () => {
    const template = synthesized('prod');
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'Forewarn-prod-campaigns',
      StateMachineType: 'STANDARD',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: Match.objectLike({ Level: 'ALL', IncludeExecutionData: false }),
    });
    const { DefinitionString } = workflowNamed(template, 'Forewarn-prod-campaigns');
    const { functions } = stageDefaults.prod;
    expect(JSON.parse(flat(DefinitionString))).toEqual(
      campaignDefinition({
        invoke: 'arn:<AWS::Partition>:states:::lambda:invoke',
        getObject: 'arn:<AWS::Partition>:states:::s3:getObject',
        listsBucket: 'CampaignsLists',
        campaignAudienceArn: 'CampaignsCampaignAudienceFunction.Arn',
        sendNoticesArn: 'CampaignsSendNoticesFunction.Arn',
        keepCampaignArn: 'CampaignsKeepCampaignFunction.Arn',
        timeoutSeconds: functions['campaign-audience'].timeoutSeconds + 30,
      }),
    );
  });
});
