import { randomUUID } from 'node:crypto';
import type { StateMachine } from 'aws-local-stepfunctions';
import type { JsonValue } from '../json-value.ts';
import { createExecutionHistory, type EventLog, type HistoryEvent } from './execution-history.ts';
import { runTask, type TaskEnvironment } from './run-task.ts';
import { StateError } from './state-error.ts';
import type { TaskInput } from './translate-definition.ts';

type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Execution {
  arn: string;
  name: string;
  stateMachineArn: string;
  status: ExecutionStatus;
  /** JSON text as it was given. */
  input: string;
  output?: string;
  error?: string;
  cause?: string;
  startedAt: Date;
  endedAt?: Date;
  /** What happened so far, oldest first. */
  history: readonly HistoryEvent[];
  /** True while a state other than a wait or a token task is being run. */
  busy(): boolean;
  stop(error: string | undefined, cause: string | undefined): void;
  finished: Promise<void>;
}

type ExecutionEnvironment = Omit<TaskEnvironment, 'signal' | 'onWaiting' | 'startChild'> & {
  /** A map's child is started by the machine's role. @throws AwsError */
  authorizeChild(): void;
};

/** What the ARNs of a machine's executions begin with. */
function executionsOf(stateMachineArn: string): string {
  return stateMachineArn.replace(':stateMachine:', ':execution:');
}

/** States that stand still, or only hold the states inside them. */
const idleTypes = new Set(['Wait', 'Parallel', 'Map']);

/** What runs: a machine, or the item processor of one of its distributed maps. */
export interface Runnable {
  readonly interpreter: StateMachine;
  readonly taskNames: readonly string[];
}

/** A machine with its distributed maps. */
export interface RunnableMachine extends Runnable {
  readonly maps: ReadonlyMap<string, Runnable>;
}

/** Starts one run of a machine. */
export function startExecution(
  { interpreter, maps, taskNames }: RunnableMachine,
  identity: Pick<Execution, 'arn' | 'name' | 'stateMachineArn' | 'input'>,
  environment: ExecutionEnvironment,
): Execution {
  const abort = new AbortController();
  const active = new Map<string, number>();
  const history = createExecutionHistory(maps);
  const children = new Set<Execution>();
  let waiting = 0;
  const taskEnvironment: TaskEnvironment = {
    ...environment,
    signal: abort.signal,
    startChild(map, label, input) {
      try {
        environment.authorizeChild();
      } catch (error) {
        throw new StateError('States.Runtime', (error as Error).message);
      }
      const processor = maps.get(map);
      if (processor === undefined) throw new StateError('States.Runtime', `No map ${map}`);
      const name = randomUUID();
      const child = startExecution(
        { ...processor, maps },
        {
          arn: `${executionsOf(identity.stateMachineArn)}/${label}:${name}`,
          name,
          stateMachineArn: identity.stateMachineArn,
          input: JSON.stringify(input),
        },
        environment,
      );
      children.add(child);
      void child.finished.finally(() => children.delete(child));
      return child;
    },
    onWaiting: (change) => {
      waiting += change;
    },
  };
  const override = (input: unknown): Promise<JsonValue> =>
    runTask(taskEnvironment, input as TaskInput);
  const startedAt = environment.now();

  type Json = Parameters<StateMachine['run']>[0];
  const run = interpreter.run(JSON.parse(identity.input) as Json, {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(
        taskNames.map((name) => [name, override as (input: Json) => Promise<Json>]),
      ),
    },
    context: {
      Execution: { Id: identity.arn, Name: identity.name, RoleArn: '' },
      StateMachine: {
        Id: identity.stateMachineArn,
        Name: identity.stateMachineArn.split(':').pop(),
      },
    },
  });

  const execution: Execution = {
    ...identity,
    status: 'RUNNING',
    startedAt,
    history: history.events,
    busy: () => {
      const states = [...active.values()].reduce((sum, count) => sum + count, 0);
      if (execution.status !== 'RUNNING') return false;
      return states > waiting || [...children].some((child) => child.busy());
    },
    stop(error, cause) {
      if (execution.status !== 'RUNNING') return;
      end('ABORTED', {
        ...(error === undefined ? {} : { error }),
        ...(cause === undefined ? {} : { cause }),
      });
      abort.abort();
      run.abort();
    },
    finished: Promise.resolve(),
  };
  const end = (
    status: ExecutionStatus,
    outcome: { output?: string; error?: string; cause?: string },
  ): void => {
    if (execution.status !== 'RUNNING') return;
    Object.assign(execution, outcome, { status, endedAt: environment.now() });
    // Tokens that branches still wait on end with the execution.
    abort.abort();
  };

  const follow = async (events: AsyncGenerator<EventLog>): Promise<void> => {
    for await (const event of events) {
      history.add(event);
      if (!('state' in event) || idleTypes.has(event.state.type)) continue;
      const count = active.get(event.state.name) ?? 0;
      if (event.type === 'StateEntered') active.set(event.state.name, count + 1);
      else if (event.type === 'StateExited') active.set(event.state.name, count - 1);
    }
  };
  execution.finished = Promise.all([
    run.result.then(
      (output) => end('SUCCEEDED', { output: JSON.stringify(output) }),
      (failure: Error) => {
        if (failure.name === 'ExecutionTimeoutError') {
          end('TIMED_OUT', { error: 'States.Timeout', cause: 'Execution timed out' });
          return;
        }
        // The interpreter wraps what went wrong in an error of its own.
        const reason = failure.cause instanceof Error ? failure.cause : failure;
        end('FAILED', { error: reason.name, cause: reason.message });
      },
    ),
    follow(run.eventLogs),
  ]).then(() => undefined);
  return execution;
}
