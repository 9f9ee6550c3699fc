import { INVOCATION_RETRIES, invocation } from './workflow-tasks.ts';

/** The functions that the workflow invokes, and how. */
export interface CampaignTasks {
  /** `…:states:::lambda:invoke` */
  readonly invoke: string;
  /** `…:states:::s3:getObject` */
  readonly getObject: string;
  readonly listsBucket: string;
  readonly campaignAudienceArn: string;
  readonly sendNoticesArn: string;
  readonly keepCampaignArn: string;
  /** Seconds after which an invocation is not waited for any more: longer than any of them may run. */
  readonly timeoutSeconds: number;
}

/** People in one batch. At ten texts a second a batch takes ten seconds, and the stop button works within it. */
export const PEOPLE_A_BATCH = 100;
/** Batches that may fail to the end before the stage fails with them. */
export const TOLERATED_FAILURE_PERCENTAGE = 5;
/** Quiet hours and budgets make a campaign last; Step Functions runs none for more than a year. */
const CAMPAIGN_TIMEOUT_SECONDS = 364 * 86_400;

/**
 * A stage of a campaign in the Amazon States Language with JSONPath: draws the audience, and works through its list in
 * batches, so many at a time. A batch waits by itself for the end of quiet hours, the next day's budget, or the carrier.
 *
 * Input: `CampaignRunInput`.
 */
export function campaignDefinition(tasks: CampaignTasks): Record<string, unknown> {
  const end = (act: 'done' | 'failed') =>
    invoke(tasks, tasks.keepCampaignArn, {
      act,
      'campaignId.$': '$.campaignId',
      'run.$': '$.run',
    });
  const onFailure = [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'KeepFailed' }];
  return {
    Comment: 'Forewarn campaign: texts the people of a stage, at its pace and within its budget',
    StartAt: 'ListPeople',
    TimeoutSeconds: CAMPAIGN_TIMEOUT_SECONDS,
    States: {
      ListPeople: {
        ...invoke(tasks, tasks.campaignAudienceArn, {
          act: 'list',
          'campaignId.$': '$.campaignId',
          'stage.$': '$.stage',
        }),
        Comment: 'Draws the audience, once for all stages',
        ResultSelector: {
          'key.$': '$.Payload.key',
          'people.$': '$.Payload.people',
          'concurrency.$': '$.Payload.concurrency',
        },
        ResultPath: '$.list',
        Catch: onFailure,
        Next: 'IsAnybodyThere',
      },
      IsAnybodyThere: {
        Type: 'Choice',
        Comment: 'A map has nothing to read of an empty list',
        Choices: [{ Variable: '$.list.people', NumericGreaterThan: 0, Next: 'TextPeople' }],
        Default: 'KeepDone',
      },
      TextPeople: {
        Type: 'Map',
        Comment: 'The list, in batches',
        Label: 'TextPeople',
        ItemReader: {
          Resource: tasks.getObject,
          ReaderConfig: { InputType: 'JSONL' },
          Parameters: { Bucket: tasks.listsBucket, 'Key.$': '$.list.key' },
        },
        ItemBatcher: {
          MaxItemsPerBatch: PEOPLE_A_BATCH,
          BatchInput: {
            'campaignId.$': '$.campaignId',
            'run.$': '$.run',
            'concurrency.$': '$.list.concurrency',
          },
        },
        MaxConcurrencyPath: '$.list.concurrency',
        ToleratedFailurePercentage: TOLERATED_FAILURE_PERCENTAGE,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          ...batchOf(tasks),
        },
        ResultPath: null,
        Catch: onFailure,
        Next: 'KeepDone',
      },
      KeepDone: { ...end('done'), ResultPath: null, End: true },
      KeepFailed: { ...end('failed'), ResultPath: null, Next: 'Failed' },
      Failed: {
        Type: 'Fail',
        Error: 'CampaignFailed',
        Cause: 'The stage was not worked through; forewarn campaign resume goes on with it',
      },
    },
  };
}

function batchOf(tasks: CampaignTasks) {
  return {
    StartAt: 'SendNotices',
    States: {
      SendNotices: {
        Type: 'Task',
        Resource: tasks.invoke,
        Comment: 'Texts each person of the batch once',
        Parameters: { FunctionName: tasks.sendNoticesArn, 'Payload.$': '$' },
        ResultSelector: { 'step.$': '$.Payload' },
        ResultPath: '$.sent',
        TimeoutSeconds: tasks.timeoutSeconds,
        Retry: INVOCATION_RETRIES,
        Next: 'WhatNext',
      },
      WhatNext: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.sent.step.next', StringEquals: 'wait', Next: 'Wait' },
          { Variable: '$.sent.step.next', StringEquals: 'again', Next: 'SendNotices' },
        ],
        Default: 'BatchDone',
      },
      Wait: {
        Type: 'Wait',
        Comment: 'For the end of quiet hours, the budget of the next day, or the carrier',
        TimestampPath: '$.sent.step.until',
        Next: 'SendNotices',
      },
      // Small: all batches together must not give the map more than it may hand on.
      BatchDone: { Type: 'Pass', Result: {}, End: true },
    },
  };
}

function invoke(tasks: CampaignTasks, functionArn: string, payload: Record<string, string>) {
  return invocation(tasks.invoke, functionArn, payload, tasks.timeoutSeconds);
}
