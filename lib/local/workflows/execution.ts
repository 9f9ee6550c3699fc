import { randomUUID } from 'node:crypto';
import type { StateMachine } from 'aws-local-stepfunctions';
import type { JsonValue } from '../json-value.ts';
import type { ExecutionStatus, TaskOutcome } from '../kept/executions.ts';
import { createExecutionHistory, type EventLog, type HistoryEvent } from './execution-history.ts';
import { createExecutionJournal, type ExecutionJournal } from './execution-journal.ts';
import { runTask, type TaskEnvironment } from './run-task.ts';
import { StateError } from './state-error.ts';
import type { TaskInput } from './translate-definition.ts';

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
  now(): Date;
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
  /** The seconds of the wait states that name them. */
  readonly waitSeconds: ReadonlyMap<string, number>;
}

/** A machine with its distributed maps. */
export interface RunnableMachine extends Runnable {
  readonly maps: ReadonlyMap<string, Runnable>;
}

/** How a task ended in an earlier run, as the interpreter is to take it now. */
function replay(outcome: TaskOutcome): Promise<JsonValue> {
  switch (outcome.type) {
    case 'output':
      return Promise.resolve(outcome.output);
    case 'error':
      return Promise.reject(new StateError(outcome.name, outcome.cause, outcome.recoverable));
    case 'timeout':
      // Left to the interpreter's timer, whose error is the only one that it takes for a time-out.
      return new Promise(() => undefined);
  }
}

function errorOutcome(error: unknown): TaskOutcome {
  const { message, name } = error instanceof Error ? error : new Error(String(error));
  const recoverable = !(error instanceof StateError) || error.isRetryable;
  return { type: 'error', name, cause: message, recoverable };
}

/** The shortest time-out that the interpreter takes. */
const SHORTEST_TIMEOUT_SECONDS = 1;

/**
 * Starts one run of a machine, or goes on with one that an earlier run of the local cloud began.
 *
 * @param journal what that run did
 */
export function startExecution(
  { interpreter, maps, taskNames, waitSeconds }: RunnableMachine,
  identity: Pick<Execution, 'arn' | 'name' | 'stateMachineArn' | 'input' | 'startedAt'>,
  environment: ExecutionEnvironment,
  journal: ExecutionJournal,
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
          startedAt: environment.now(),
        },
        environment,
        createExecutionJournal(undefined, '', () => environment.now().getTime()),
      );
      children.add(child);
      void child.finished.finally(() => children.delete(child));
      return child;
    },
    onWaiting: (change) => {
      waiting += change;
    },
  };
  const override = (state: string, input: TaskInput): Promise<JsonValue> => {
    const task = journal.task(state, input as unknown as JsonValue);
    // The interpreter reads the time-out after this: it gets what is left of it.
    const over = task.enteredAt + input.timeoutSeconds * 1_000;
    const leftMs =
      task.outcome?.type === 'timeout' ? 0 : Math.max(0, over - environment.now().getTime());
    input.timeoutSeconds = Math.max(SHORTEST_TIMEOUT_SECONDS, Math.ceil(leftMs / 1_000));
    if (task.outcome !== undefined) return replay(task.outcome);
    const running = runTask(taskEnvironment, input, task);
    const timer = setTimeout(() => task.end({ type: 'timeout' }), input.timeoutSeconds * 1_000);
    return running
      .then(
        (output) => {
          task.end({ type: 'output', output });
          return output;
        },
        (error: unknown) => {
          // What ends because the execution is stopped was not the task's own end.
          if (!abort.signal.aborted) task.end(errorOutcome(error));
          throw error;
        },
      )
      .finally(() => clearTimeout(timer));
  };
  const waitLeftMs = (state: string): number | undefined => {
    const { done, enteredAt, resumed } = journal.enterWait(state);
    if (done) return 0;
    const seconds = waitSeconds.get(state);
    if (!resumed || seconds === undefined) return undefined;
    return Math.max(0, enteredAt + seconds * 1_000 - environment.now().getTime());
  };

  type Json = Parameters<StateMachine['run']>[0];
  const run = interpreter.run(JSON.parse(identity.input) as Json, {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(
        taskNames.map((name) => [
          name,
          (input: Json) => override(name, input as unknown as TaskInput) as Promise<Json>,
        ]),
      ),
      // Asked for each wait as it begins.
      waitTimeOverrides: new Proxy({} as Record<string, number>, {
        get: (_, state) => waitLeftMs(String(state)),
      }),
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
      if (event.type === 'StateExited' && event.state.type === 'Wait') {
        journal.exitWait(event.state.name);
      }
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
