import { realDelay } from '../event-sources/delay.ts';
import type { FunctionResult } from '../functions/function-definition.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import {
  isMapInput,
  type MapEnvironment,
  type MapInput,
  runDistributedMap,
} from './distributed-map.ts';
import type { JournaledTask } from './execution-journal.ts';
import { StateError } from './state-error.ts';
import type { TaskTokens } from './task-tokens.ts';
import { fillPlaceholders, longestTimeoutSeconds, type TaskInput } from './translate-definition.ts';

const queryPollMs = 20;
const athenaResource = /:states:[\w-]*:\d*:athena:(\w+?)(\.sync)?$/;

export interface TaskEnvironment extends MapEnvironment {
  stateMachineArn: string;
  tokens: TaskTokens;
  /** Calls a function under the machine's role. */
  invoke(functionArn: string, payload: string): Promise<FunctionResult>;
  /** Calls an operation of a JSON service, such as `AmazonAthena.GetQueryResults`, under the machine's role. */
  call(target: string, parameters: JsonObject): Promise<JsonObject>;
  /** Told when a task begins (+1) and ends (-1) to wait on a token. */
  onWaiting(change: 1 | -1): void;
}

async function invokeFunction(
  environment: TaskEnvironment,
  functionArn: string,
  payload: JsonValue,
): Promise<JsonValue> {
  let result: FunctionResult;
  try {
    result = await environment.invoke(functionArn, JSON.stringify(payload));
  } catch (error) {
    if (error instanceof AwsError) throw new StateError(`Lambda.${error.code}`, error.message);
    throw error;
  }
  if (result.functionError === undefined) return result.payload as JsonValue;
  const document = result.payload as { errorType?: string };
  throw new StateError(document.errorType ?? 'Error', JSON.stringify(document));
}

async function waitForToken(
  environment: TaskEnvironment,
  input: TaskInput,
  task: JournaledTask,
): Promise<JsonValue> {
  const { tokens, signal, stateMachineArn, onWaiting } = environment;
  const wait = tokens.issue({ stateMachineArn, ...input, token: task.token });
  task.keepToken(wait.token);
  // The promise may fail while the function still runs; it is awaited below in any case.
  wait.answered.catch(() => undefined);
  const onAbort = (): void => wait.cancel(new StateError('ExecutionAborted', 'Stopped', false));
  signal.addEventListener('abort', onAbort, { once: true });
  void wait.ended.then(() => signal.removeEventListener('abort', onAbort));
  const parameters = fillPlaceholders(input.parameters, {
    '$$.Task.Token': wait.token,
    '$$.State.EnteredTime': enteredTimeOf(task),
  });
  const { functionName, payload } = lambdaParameters(parameters);
  try {
    if (!task.invoked) await invokeFunction(environment, functionName, payload);
    task.keepInvoked();
  } catch (error) {
    wait.cancel(error as Error);
    throw error;
  }
  onWaiting(1);
  void wait.ended.then(() => onWaiting(-1));
  return wait.answered;
}

function enteredTimeOf({ enteredAt }: JournaledTask): string {
  return new Date(enteredAt).toISOString();
}

function lambdaParameters(parameters: JsonValue): { functionName: string; payload: JsonValue } {
  if (!isJsonObject(parameters) || typeof parameters.FunctionName !== 'string') {
    throw new StateError('States.Runtime', 'lambda:invoke needs Parameters.FunctionName');
  }
  return { functionName: parameters.FunctionName, payload: parameters.Payload ?? {} };
}

async function callAthena(
  environment: TaskEnvironment,
  operation: string,
  parameters: JsonObject,
): Promise<JsonObject> {
  try {
    return await environment.call(
      `AmazonAthena.${operation.charAt(0).toUpperCase()}${operation.slice(1)}`,
      parameters,
    );
  } catch (error) {
    if (error instanceof AwsError) throw new StateError(`Athena.${error.code}`, error.message);
    throw error;
  }
}

/** One call, or with `.sync` the whole query: its end is waited for, and a stopped execution stops it. */
async function askAthena(
  environment: TaskEnvironment,
  operation: string,
  sync: boolean,
  parameters: JsonValue,
): Promise<JsonValue> {
  const given = isJsonObject(parameters) ? parameters : {};
  const answer = await callAthena(environment, operation, given);
  if (!sync) return answer;
  const query = { QueryExecutionId: answer.QueryExecutionId ?? null };
  for (;;) {
    const described = await callAthena(environment, 'getQueryExecution', query);
    const execution = described.QueryExecution;
    const status = isJsonObject(execution) ? execution.Status : undefined;
    const state = isJsonObject(status) ? status.State : undefined;
    if (state === 'SUCCEEDED') return described;
    if (state === 'FAILED' || state === 'CANCELLED') {
      throw new StateError('States.TaskFailed', JSON.stringify(execution));
    }
    if (environment.signal.aborted) {
      await callAthena(environment, 'stopQueryExecution', query);
      throw new StateError('ExecutionAborted', 'Stopped', false);
    }
    await realDelay(queryPollMs, environment.signal);
  }
}

/**
 * Runs one task state: the optimised integrations of Lambda, with or without a task token, and of Athena, a function
 * named as the resource itself, or a distributed map.
 *
 * @param task what an earlier run did of it, whose token is waited on once more
 */
export function runTask(
  environment: TaskEnvironment,
  input: TaskInput | MapInput,
  task: JournaledTask,
): Promise<JsonValue> {
  if (isMapInput(input as JsonValue)) return runMap(environment, input as MapInput);
  return runFunction(environment, input as TaskInput, task);
}

/** The map itself only waits: what is busy is its children. */
async function runMap(environment: TaskEnvironment, input: MapInput): Promise<JsonValue> {
  environment.onWaiting(1);
  try {
    return await runDistributedMap(input, environment);
  } finally {
    environment.onWaiting(-1);
  }
}

function runFunction(
  environment: TaskEnvironment,
  input: TaskInput,
  task: JournaledTask,
): Promise<JsonValue> {
  if (input.timeoutSeconds > longestTimeoutSeconds) {
    // Thrown before the interpreter sets its timer, which such a time would overflow.
    throw new StateError(
      'States.Runtime',
      `The local cloud waits at most ${longestTimeoutSeconds} seconds`,
    );
  }
  if (input.resource.endsWith('.waitForTaskToken')) {
    return waitForToken(environment, input, task);
  }
  const parameters = fillPlaceholders(input.parameters, {
    '$$.Task.Token': '',
    '$$.State.EnteredTime': enteredTimeOf(task),
  });
  const [, operation, sync] = athenaResource.exec(input.resource) ?? [];
  if (operation !== undefined) {
    return askAthena(environment, operation, sync !== undefined, parameters);
  }
  if (!input.resource.endsWith(':lambda:invoke')) {
    return invokeFunction(environment, input.resource, parameters);
  }
  const { functionName, payload } = lambdaParameters(parameters);
  return invokeFunction(environment, functionName, payload).then((result) => ({
    ExecutedVersion: '$LATEST',
    Payload: result,
    StatusCode: 200,
    SdkHttpMetadata: { HttpStatusCode: 200 },
  }));
}
