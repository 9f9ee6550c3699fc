import type { FunctionResult } from '../functions/function-definition.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { isJsonObject, type JsonValue } from '../json-value.ts';
import {
  isMapInput,
  type MapEnvironment,
  type MapInput,
  runDistributedMap,
} from './distributed-map.ts';
import { StateError } from './state-error.ts';
import type { TaskTokens } from './task-tokens.ts';
import { fillPlaceholders, longestTimeoutSeconds, type TaskInput } from './translate-definition.ts';

export interface TaskEnvironment extends MapEnvironment {
  stateMachineArn: string;
  tokens: TaskTokens;
  /** Calls a function under the machine's role. */
  invoke(functionArn: string, payload: string): Promise<FunctionResult>;
  now(): Date;
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
  enteredTime: string,
): Promise<JsonValue> {
  const { tokens, signal, stateMachineArn, onWaiting } = environment;
  const wait = tokens.issue({ stateMachineArn, ...input });
  // The promise may fail while the function still runs; it is awaited below in any case.
  wait.answered.catch(() => undefined);
  const onAbort = (): void => wait.cancel(new StateError('ExecutionAborted', 'Stopped', false));
  signal.addEventListener('abort', onAbort, { once: true });
  void wait.ended.then(() => signal.removeEventListener('abort', onAbort));
  const parameters = fillPlaceholders(input.parameters, {
    '$$.Task.Token': wait.token,
    '$$.State.EnteredTime': enteredTime,
  });
  const { functionName, payload } = lambdaParameters(parameters);
  try {
    await invokeFunction(environment, functionName, payload);
  } catch (error) {
    wait.cancel(error as Error);
    throw error;
  }
  onWaiting(1);
  void wait.ended.then(() => onWaiting(-1));
  return wait.answered;
}

function lambdaParameters(parameters: JsonValue): { functionName: string; payload: JsonValue } {
  if (!isJsonObject(parameters) || typeof parameters.FunctionName !== 'string') {
    throw new StateError('States.Runtime', 'lambda:invoke needs Parameters.FunctionName');
  }
  return { functionName: parameters.FunctionName, payload: parameters.Payload ?? {} };
}

/**
 * Runs one task state: the optimised Lambda integration, with or without a task token, a function
 * named as the resource itself, or a distributed map.
 */
export function runTask(
  environment: TaskEnvironment,
  input: TaskInput | MapInput,
): Promise<JsonValue> {
  if (isMapInput(input as JsonValue)) return runMap(environment, input as MapInput);
  return runFunction(environment, input as TaskInput);
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

function runFunction(environment: TaskEnvironment, input: TaskInput): Promise<JsonValue> {
  if (input.timeoutSeconds > longestTimeoutSeconds) {
    // Thrown before the interpreter sets its timer, which such a time would overflow.
    throw new StateError(
      'States.Runtime',
      `The local cloud waits at most ${longestTimeoutSeconds} seconds`,
    );
  }
  const enteredTime = environment.now().toISOString();
  if (input.resource.endsWith('.waitForTaskToken')) {
    return waitForToken(environment, input, enteredTime);
  }
  const parameters = fillPlaceholders(input.parameters, {
    '$$.Task.Token': '',
    '$$.State.EnteredTime': enteredTime,
  });
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
