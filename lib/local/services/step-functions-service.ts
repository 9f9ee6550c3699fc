import { randomUUID } from 'node:crypto';
import { LocalCloudError } from '../errors.ts';
import type { FunctionResult } from '../functions/function-definition.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { AwsRequest } from '../gateway/aws-request.ts';
import { type AwsService, jsonResponse } from '../gateway/aws-service.ts';
import type { JsonObject, JsonValue } from '../json-value.ts';
import type { KeptExecution, KeptExecutions } from '../kept/executions.ts';
import type { RecordMetric } from '../metrics/metric-history.ts';
import {
  type Execution,
  type Runnable,
  type RunnableMachine,
  startExecution,
} from '../workflows/execution.ts';
import { createExecutionJournal } from '../workflows/execution-journal.ts';
import { createTaskTokens } from '../workflows/task-tokens.ts';
import {
  taskStateNames,
  translateDefinition,
  waitStateSeconds,
} from '../workflows/translate-definition.ts';
import { arnOf, type CloudIdentity } from './aws-names.ts';

export interface StepFunctionsService extends AwsService {
  /** @throws LocalCloudError `state-machine-unsupported` when we cannot run it faithfully. */
  addStateMachine(machine: {
    name: string;
    definition: JsonValue;
    /** Calls a function under the machine's role. */
    invoke(functionArn: string, payload: string): Promise<FunctionResult>;
    /** Reads an object from S3 under the machine's role. @throws AwsError */
    readObject(bucket: string, key: string): Promise<Buffer>;
    /** Whether the machine's role may start executions of itself. @throws AwsError */
    authorizeChild(stateMachineArn: string): void;
    /** Calls an operation of a JSON service under the machine's role. */
    call(target: string, parameters: JsonObject): Promise<JsonObject>;
  }): Promise<string>;
  /** Goes on with the executions that an earlier run left; to be called once functions can be called. */
  resume(): void;
  /** True while an execution does something else than wait. */
  busy(): boolean;
  /** Executions that are under way stay so for the next run. */
  close(): Promise<void>;
}

interface Machine extends RunnableMachine {
  name: string;
  arn: string;
  timeoutSeconds: number | undefined;
  /** The same machine with another time-out: what is left of its own. */
  withTimeout(seconds: number): RunnableMachine;
  invoke(functionArn: string, payload: string): Promise<FunctionResult>;
  readObject(bucket: string, key: string): Promise<Buffer>;
  authorizeChild(stateMachineArn: string): void;
  call(target: string, parameters: JsonObject): Promise<JsonObject>;
}

const validName = /^[^\s\p{Cc}<>{}[\]?*"#%\\^|~`$&,;:/]{1,80}$/u;

function text(parameters: JsonObject, name: string): string {
  const value = parameters[name];
  return typeof value === 'string' ? value : '';
}

function seconds(date: Date): number {
  return date.getTime() / 1_000;
}

function describe(execution: Execution): JsonObject {
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.stateMachineArn,
    name: execution.name,
    status: execution.status,
    startDate: seconds(execution.startedAt),
    ...(execution.endedAt === undefined ? {} : { stopDate: seconds(execution.endedAt) }),
  };
}

/** What Step Functions counts an execution as, by how it ended. */
const MEASURED_ENDS: Partial<Record<Execution['status'], string>> = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};
function endedExecution(kept: KeptExecution): Execution {
  return {
    ...kept,
    busy: () => false,
    stop: () => undefined,
    finished: Promise.resolve(),
  };
}

const defaultPage = 100;

/** A page of a list, as `maxResults` and `nextToken` ask for it. */
function pageOf(field: string, all: readonly JsonObject[], parameters: JsonObject): JsonObject {
  const limit = Number(parameters.maxResults ?? 0) || defaultPage;
  const from = Number(text(parameters, 'nextToken') || 0);
  const more = from + limit < all.length;
  return {
    [field]: all.slice(from, from + limit),
    ...(more ? { nextToken: String(from + limit) } : {}),
  };
}

function parseInput(input: string): string {
  try {
    JSON.parse(input);
    return input;
  } catch {
    throw new AwsError('InvalidExecutionInput', 'Invalid Execution Input: not JSON');
  }
}

/** Step Functions, Standard workflows, on the interpreter aws-local-stepfunctions. */
export function createStepFunctionsService(
  cloud: CloudIdentity,
  kept: KeptExecutions,
  now: () => Date,
  record: RecordMetric,
): StepFunctionsService {
  const machines = new Map<string, Machine>();
  const tokens = createTaskTokens();

  const machineOf = (arn: string): Machine => {
    const machine = machines.get(arn);
    if (machine === undefined) {
      throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    }
    return machine;
  };
  /** By ARN, oldest first. */
  const executions = new Map<string, Execution>();
  const running = new Set<Execution>();
  const executionOf = (arn: string): Execution => {
    const execution = executions.get(arn);
    if (execution === undefined) {
      throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    }
    return execution;
  };

  const measure = (machine: Machine, name: string): void =>
    record({ namespace: 'AWS/States', name, dimensions: { StateMachineArn: machine.arn } }, 1);

  let closing = false;
  const run = (
    machine: Machine,
    runnable: RunnableMachine,
    identity: Pick<KeptExecution, 'arn' | 'name' | 'stateMachineArn' | 'input' | 'startedAt'>,
  ): Execution => {
    const execution = startExecution(
      runnable,
      identity,
      {
        stateMachineArn: machine.arn,
        tokens,
        invoke: machine.invoke,
        readObject: machine.readObject,
        authorizeChild: () => machine.authorizeChild(machine.arn),
        call: machine.call,
        now,
      },
      createExecutionJournal(kept, identity.arn, () => now().getTime()),
    );
    executions.set(identity.arn, execution);
    running.add(execution);
    void execution.finished.finally(() => {
      running.delete(execution);
      if (!closing) kept.end(execution);
      const ended = MEASURED_ENDS[execution.status];
      if (ended !== undefined) measure(machine, ended);
    });
    return execution;
  };

  const resumeOne = (identity: KeptExecution): void => {
    const machine = machines.get(identity.stateMachineArn);
    if (machine === undefined) return;
    const { timeoutSeconds } = machine;
    if (timeoutSeconds === undefined) {
      run(machine, machine, identity);
      return;
    }
    const passed = (now().getTime() - identity.startedAt.getTime()) / 1_000;
    const left = Math.max(1, Math.ceil(timeoutSeconds - passed));
    run(machine, machine.withTimeout(left), identity);
  };

  const start = (parameters: JsonObject): JsonObject => {
    const machine = machineOf(text(parameters, 'stateMachineArn'));
    const name = text(parameters, 'name') || randomUUID();
    const input = parseInput(text(parameters, 'input') || '{}');
    if (!validName.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
    const arn = arnOf(cloud, 'states', `execution:${machine.name}:${name}`);
    const known = executions.get(arn);
    if (known !== undefined) {
      // The same name and input while it runs is the same start; anything else is a conflict.
      if (known.status === 'RUNNING' && known.input === input) {
        return { executionArn: known.arn, startDate: seconds(known.startedAt) };
      }
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${known.arn}'`);
    }
    const identity = { arn, name, stateMachineArn: machine.arn, input, startedAt: now() };
    kept.add({ ...identity, status: 'RUNNING', history: [] });
    const execution = run(machine, machine, identity);
    measure(machine, 'ExecutionsStarted');
    return { executionArn: execution.arn, startDate: seconds(execution.startedAt) };
  };

  const operations: Record<string, (parameters: JsonObject) => JsonObject> = {
    StartExecution: start,
    DescribeExecution(parameters) {
      const execution = executionOf(text(parameters, 'executionArn'));
      const { input, output, error, cause } = execution;
      return {
        ...describe(execution),
        input,
        ...(output === undefined ? {} : { output }),
        ...(error === undefined ? {} : { error }),
        ...(cause === undefined ? {} : { cause }),
      };
    },
    ListExecutions(parameters) {
      const machine = machineOf(text(parameters, 'stateMachineArn'));
      const wanted = text(parameters, 'statusFilter');
      const listed = [...executions.values()]
        .filter(({ stateMachineArn }) => stateMachineArn === machine.arn)
        .filter(({ status }) => wanted === '' || status === wanted)
        .reverse()
        .map(describe);
      return pageOf('executions', listed, parameters);
    },
    GetExecutionHistory(parameters) {
      const { history } = executionOf(text(parameters, 'executionArn'));
      const ordered = parameters.reverseOrder === true ? history.toReversed() : history;
      return pageOf('events', ordered, parameters);
    },
    StopExecution(parameters) {
      const execution = executionOf(text(parameters, 'executionArn'));
      execution.stop(
        text(parameters, 'error') || undefined,
        text(parameters, 'cause') || undefined,
      );
      return { stopDate: seconds(execution.endedAt ?? now()) };
    },
    SendTaskSuccess(parameters) {
      tokens.succeed(text(parameters, 'taskToken'), text(parameters, 'output'));
      return {};
    },
    SendTaskFailure(parameters) {
      tokens.fail(
        text(parameters, 'taskToken'),
        text(parameters, 'error'),
        text(parameters, 'cause'),
      );
      return {};
    },
    SendTaskHeartbeat(parameters) {
      tokens.heartbeat(text(parameters, 'taskToken'));
      return {};
    },
  };

  return {
    permissions({ operation, parameters }: AwsRequest) {
      const token = text(parameters, 'taskToken');
      const resource =
        text(parameters, 'stateMachineArn') ||
        text(parameters, 'executionArn') ||
        (token === '' ? '' : (tokens.owner(token) ?? ''));
      return [{ action: `states:${operation}`, resource: resource || '*' }];
    },
    async handle(request) {
      const operation = operations[request.operation];
      if (operation === undefined) {
        throw new AwsError(
          'UnknownOperationException',
          `Step Functions ${request.operation} is not emulated`,
        );
      }
      return jsonResponse(operation(request.parameters));
    },
    async addStateMachine({ name, definition, ...permitted }) {
      const translated = translateDefinition(definition);
      // Loaded only when a template has a workflow: it brings SDK clients of its own.
      const { StateMachine } = await import('aws-local-stepfunctions');
      type Definition = ConstructorParameters<typeof StateMachine>[0];
      try {
        new StateMachine(definition as unknown as Definition, {
          validationOptions: { checkArn: false },
        });
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new LocalCloudError('state-machine-unsupported', `State machine ${name}: ${why}`, {
          cause,
        });
      }
      const runnable = (machine: JsonObject): Runnable => ({
        interpreter: new StateMachine(machine as unknown as Definition, {
          validationOptions: { noValidate: true },
        }),
        taskNames: taskStateNames(machine),
        waitSeconds: waitStateSeconds(machine),
      });
      const maps = new Map(
        [...translated.maps].map(([map, processor]) => [map, runnable(processor)]),
      );
      const { TimeoutSeconds } = translated.definition;
      const arn = arnOf(cloud, 'states', `stateMachine:${name}`);
      machines.set(arn, {
        name,
        arn,
        ...runnable(translated.definition),
        maps,
        timeoutSeconds: typeof TimeoutSeconds === 'number' ? TimeoutSeconds : undefined,
        withTimeout: (left) => ({
          ...runnable({ ...translated.definition, TimeoutSeconds: left }),
          maps,
        }),
        ...permitted,
      });
      return arn;
    },
    resume() {
      for (const execution of kept.all()) {
        if (execution.status === 'RUNNING') resumeOne(execution);
        else executions.set(execution.arn, endedExecution(execution));
      }
    },
    busy: () => [...running].some((execution) => execution.busy()),
    async close() {
      closing = true;
      const ending = [...running];
      for (const execution of ending) execution.stop(undefined, 'The local cloud was closed');
      await Promise.all(ending.map(({ finished }) => finished));
    },
  };
}
