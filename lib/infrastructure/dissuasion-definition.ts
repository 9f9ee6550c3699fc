/** The functions that the workflow's tasks invoke, and the resources of the two ways to invoke. */
export interface DissuasionTasks {
  /** `…:states:::lambda:invoke` */
  readonly invoke: string;
  /** `…:states:::lambda:invoke.waitForTaskToken` */
  readonly invokeAndWait: string;
  readonly assignTaskArn: string;
  readonly closeTaskArn: string;
}

/** A case that outlives this is broken: no task of version 1 is due in more than a day. */
const CASE_TIMEOUT_SECONDS = 2 * 86_400;
const CLOSE_TIMEOUT_SECONDS = 60;

/** Lambda's own failures, which AWS advises to retry, and the functions' failures after them. */
const retries = [
  {
    ErrorEquals: [
      'Lambda.ClientExecutionTimeoutException',
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.TooManyRequestsException',
    ],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxAttempts: 8,
    MaxDelaySeconds: 60,
    JitterStrategy: 'FULL',
  },
  {
    // Matches every error but States.Timeout, which means that the task is overdue.
    ErrorEquals: ['States.TaskFailed'],
    IntervalSeconds: 5,
    BackoffRate: 2,
    MaxAttempts: 4,
    MaxDelaySeconds: 60,
    JitterStrategy: 'FULL',
  },
];

/**
 * The dissuasion workflow, version 1, in the Amazon States Language with JSONPath: one police call,
 * which an officer answers for through a task token, or which is overdue when its time has passed.
 *
 * Input: `{caseId, subject, tier, taskId, queue, dueSeconds, policyVersion}`.
 */
export function dissuasionDefinition(tasks: DissuasionTasks): Record<string, unknown> {
  return {
    Comment: 'Forewarn dissuasion, version 1: one police call, then its outcome',
    StartAt: 'PoliceCall',
    TimeoutSeconds: CASE_TIMEOUT_SECONDS,
    States: {
      PoliceCall: {
        Type: 'Task',
        Comment: 'Waits for an officer to report what came of the call',
        Resource: tasks.invokeAndWait,
        Parameters: {
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
        },
        TimeoutSecondsPath: '$.dueSeconds',
        ResultPath: '$.result',
        Retry: retries,
        Catch: [
          { ErrorEquals: ['States.Timeout'], ResultPath: '$.timeout', Next: 'RecordOverdue' },
        ],
        Next: 'RecordOutcome',
      },
      RecordOutcome: {
        ...closeTask(tasks, { 'outcome.$': '$.result.outcome', 'result.$': '$.result' }),
        Comment: 'Keeps what the officer reported',
      },
      RecordOverdue: {
        ...closeTask(tasks, { outcome: 'overdue' }),
        Comment: 'The due time passed without a report',
      },
    },
  };
}

function closeTask(tasks: DissuasionTasks, outcome: Record<string, string>) {
  return {
    Type: 'Task',
    Resource: tasks.invoke,
    Parameters: {
      FunctionName: tasks.closeTaskArn,
      Payload: {
        'caseId.$': '$.caseId',
        'subject.$': '$.subject',
        'taskId.$': '$.taskId',
        ...outcome,
      },
    },
    TimeoutSeconds: CLOSE_TIMEOUT_SECONDS,
    ResultPath: null,
    Retry: retries,
    End: true,
  };
}
