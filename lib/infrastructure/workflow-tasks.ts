/** With full jitter up to a minute each: ten minutes, give or take two, longer than a table that is down for five. */
const ATTEMPTS = 24;

/** Lambda's own failures, which AWS advises to retry, and the functions' failures after them. */
export const retriesOf = (failures: readonly string[]) => [
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
    MaxAttempts: ATTEMPTS,
    MaxDelaySeconds: 60,
    JitterStrategy: 'FULL',
  },
  {
    ErrorEquals: failures,
    IntervalSeconds: 5,
    BackoffRate: 2,
    MaxAttempts: ATTEMPTS,
    MaxDelaySeconds: 60,
    JitterStrategy: 'FULL',
  },
];

/** An invocation that was not answered is repeated like one that failed: every function can be repeated. */
export const INVOCATION_RETRIES = retriesOf(['States.TaskFailed', 'States.Timeout']);

/** Everything again after so many seconds: what passes by itself, as too many questions to Athena at once. */
export const patience = (seconds: number) => [
  { ErrorEquals: ['States.ALL'], IntervalSeconds: seconds, BackoffRate: 2, MaxAttempts: 3 },
];

/**
 * A task that calls a function and waits for its answer.
 *
 * @param invoke `…:states:::lambda:invoke`
 * @param payload in the States Language: names that end in `.$` are paths
 */
export function invocation(
  invoke: string,
  functionArn: string,
  payload: Readonly<Record<string, string>>,
  timeoutSeconds: number,
) {
  return {
    Type: 'Task',
    Resource: invoke,
    Parameters: { FunctionName: functionArn, Payload: payload },
    TimeoutSeconds: timeoutSeconds,
    Retry: INVOCATION_RETRIES,
  };
}
