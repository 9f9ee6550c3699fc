import { ExecutionAlreadyExists } from '@aws-sdk/client-sfn';
import type { InvocationResult } from '../../../lib/local/event-sources/event-source.ts';
import type { BatchFaultKind } from '../history.ts';
import type { Scheduler } from '../scheduler.ts';

type Json = Record<string, unknown>;

/** A state of the Amazon States Language, as far as the dissuasion workflow goes. */
interface State {
  readonly Type: 'Task' | 'Choice' | 'Map' | 'Pass';
  readonly Resource?: string;
  readonly Parameters?: {
    readonly FunctionName: string;
    readonly Payload: Readonly<Record<string, string>>;
  };
  readonly ResultSelector?: Readonly<Record<string, string>>;
  readonly ResultPath?: string | null;
  readonly InputPath?: string;
  readonly Result?: Json;
  readonly ItemsPath?: string;
  readonly ItemProcessor?: Machine;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly ResultPath?: string | null;
    readonly Next: string;
  }[];
  readonly Choices?: readonly Choice[];
  readonly Default?: string;
  readonly Next?: string;
  readonly End?: boolean;
}

interface Choice {
  readonly Variable: string;
  readonly StringEquals?: string;
  readonly BooleanEquals?: boolean;
  readonly Next: string;
}

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds: number;
}

interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

class StateError extends Error {
  override readonly name: string;

  constructor(name: string) {
    super(name);
    this.name = name;
  }
}

/** What an execution came to. */
export interface Execution {
  readonly name: string;
  readonly input: string;
  status: 'RUNNING' | 'SUCCEEDED';
  /** How often a person had to redrive it, because its retries ran out. */
  redriven: number;
}

interface Waiting {
  readonly answer: (output: unknown) => void;
}

export interface WorkflowsOptions {
  readonly scheduler: Scheduler;
  readonly machine: Machine;
  /** Rejects when Lambda throttles. */
  readonly invoke: (functionName: string, payload: unknown) => Promise<InvocationResult>;
  readonly fault: () => BatchFaultKind | undefined;
  /** A text that goes through the service. */
  readonly wrote: (text: string) => void;
  readonly tell: (what: string) => void;
}

/** After which somebody has seen the alarm of a failed workflow, and redrives it. */
const REDRIVEN_AFTER_MS = 600_000;
const TASK_FAILED = 'States.TaskFailed';
const TIMEOUT = 'States.Timeout';

function at(path: string, data: unknown): unknown {
  let value = data;
  for (const part of path.split('.').slice(1)) value = (value as Json | undefined)?.[part];
  return value;
}

function selected(template: Readonly<Record<string, string>>, data: unknown, token: string): Json {
  return Object.fromEntries(
    Object.entries(template).map(([name, path]) =>
      name.endsWith('.$')
        ? [name.slice(0, -2), path === '$$.Task.Token' ? token : at(path, data)]
        : [name, path],
    ),
  );
}

function withResult(state: Pick<State, 'ResultPath'>, input: Json, result: unknown): Json {
  if (state.ResultPath === null) return input;
  if (state.ResultPath === undefined) return result as Json;
  return { ...input, [state.ResultPath.slice(2)]: result };
}

/** Standard workflows of Step Functions: runs the deployed definition in virtual time. */
export class Workflows {
  readonly executions = new Map<string, Execution>();
  readonly #options: WorkflowsOptions;
  readonly #waiting = new Map<string, Waiting>();
  #tokens = 0;

  constructor(options: WorkflowsOptions) {
    this.#options = options;
  }

  execute(operation: string, input: unknown): unknown {
    if (operation === 'StartExecution') return this.#start(input);
    const { output, taskToken } = input as { readonly output: string; readonly taskToken: string };
    this.#options.wrote(output);
    const waiting = this.#waiting.get(taskToken);
    if (waiting === undefined) {
      throw Object.assign(new Error('Task Timed Out'), { name: 'TaskTimedOut' });
    }
    this.#waiting.delete(taskToken);
    waiting.answer(JSON.parse(output));
    return {};
  }

  #start(request: unknown): unknown {
    const { input, name } = request as { readonly input: string; readonly name: string };
    this.#options.wrote(`${name} ${input}`);
    const known = this.executions.get(name);
    if (known !== undefined) {
      // The same start of a running execution is no second one, and no error.
      if (known.status === 'RUNNING' && known.input === input) return {};
      throw new ExecutionAlreadyExists({ $metadata: {}, message: 'Execution Already Exists' });
    }
    const execution: Execution = { name, input, status: 'RUNNING', redriven: 0 };
    this.executions.set(name, execution);
    this.#options.tell(`the workflow of ${name} starts`);
    // Begins on its own, not within the request.
    this.#options.scheduler.after(50, () => {
      void this.#run(this.#options.machine, JSON.parse(input) as Json, execution).then(() => {
        execution.status = 'SUCCEEDED';
        this.#options.tell(`the workflow of ${name} has ended`);
      });
    });
    return {};
  }

  async #run(machine: Machine, input: Json, execution: Execution): Promise<Json> {
    let data = input;
    for (let name: string | undefined = machine.StartAt; name !== undefined; ) {
      const state: State | undefined = machine.States[name];
      if (state === undefined) throw new RangeError(`no state ${name}`);
      const step: { data: Json; next: string | undefined } = await this.#enter(
        state,
        data,
        execution,
      );
      data = step.data;
      name = step.next;
    }
    return data;
  }

  async #enter(
    state: State,
    input: Json,
    execution: Execution,
  ): Promise<{ data: Json; next: string | undefined }> {
    switch (state.Type) {
      case 'Pass': {
        const result = state.InputPath === undefined ? state.Result : at(state.InputPath, input);
        return { data: withResult(state, input, result ?? input), next: state.Next };
      }
      case 'Choice':
        return { data: input, next: choiceOf(state, input) };
      case 'Map': {
        const items = at(state.ItemsPath ?? '$', input) as readonly Json[];
        const { ItemProcessor } = state;
        if (ItemProcessor === undefined) throw new RangeError('a map without a processor');
        await Promise.all(items.map((item) => this.#run(ItemProcessor, item, execution)));
        return { data: input, next: state.Next };
      }
      case 'Task':
        return this.#work(state, input, execution);
    }
  }

  async #work(
    state: State,
    input: Json,
    execution: Execution,
  ): Promise<{ data: Json; next: string | undefined }> {
    const tries = new Map<Retrier, number>();
    for (;;) {
      try {
        const result = await this.#attempt(state, input);
        const { ResultSelector } = state;
        const kept = ResultSelector === undefined ? result : selected(ResultSelector, result, '');
        return { data: withResult(state, input, kept), next: state.Next };
      } catch (error) {
        if (!(error instanceof StateError)) throw error;
        const fits = ({ ErrorEquals }: { readonly ErrorEquals: readonly string[] }) =>
          ErrorEquals.includes(error.name) ||
          (error.name !== TIMEOUT && ErrorEquals.includes(TASK_FAILED));
        const retrier = state.Retry?.find(fits);
        const tried = retrier === undefined ? 0 : (tries.get(retrier) ?? 0);
        if (retrier !== undefined && tried < retrier.MaxAttempts) {
          tries.set(retrier, tried + 1);
          const { BackoffRate, IntervalSeconds, MaxDelaySeconds } = retrier;
          const seconds = Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** tried);
          await this.#options.scheduler.delay(seconds * 1000);
          continue;
        }
        const caught = state.Catch?.find(fits);
        if (caught !== undefined) {
          return { data: withResult(caught, input, { Error: error.name }), next: caught.Next };
        }
        execution.redriven++;
        tries.clear();
        await this.#options.scheduler.delay(REDRIVEN_AFTER_MS);
      }
    }
  }

  async #attempt(state: State, input: Json): Promise<unknown> {
    const { Parameters, Resource = '', TimeoutSecondsPath } = state;
    const waits = Resource.endsWith('.waitForTaskToken');
    const token = waits ? `token-${++this.#tokens}` : '';
    const payload = selected(Parameters?.Payload ?? {}, input, token);
    const seconds =
      TimeoutSecondsPath === undefined
        ? (state.TimeoutSeconds ?? 60)
        : (at(TimeoutSecondsPath, input) as number);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    // A state that waits for its token has all of its time from now; an answer may come before the function is done.
    if (waits) this.#waiting.set(token, { answer: resolve });
    this.#options.scheduler.after(seconds * 1000, () => {
      this.#waiting.delete(token);
      reject(new StateError(TIMEOUT));
    });
    const invoked = this.#invoke(Parameters?.FunctionName ?? '', payload);
    invoked.then(
      (answer) => {
        if (!waits) resolve({ Payload: answer });
      },
      (error) => {
        this.#waiting.delete(token);
        reject(error);
      },
    );
    return promise;
  }

  async #invoke(functionName: string, payload: unknown): Promise<unknown> {
    this.#options.wrote(JSON.stringify(payload));
    const kind = this.#options.fault();
    if (kind === 'not-invoked') throw new StateError('Lambda.TooManyRequestsException');
    const twin =
      kind === 'overlapping' || kind === 'redelivered'
        ? this.#options.invoke(functionName, payload)
        : undefined;
    const result = await this.#options.invoke(functionName, payload);
    await twin;
    if (kind === 'answer-lost') throw new StateError('Lambda.ServiceException');
    if (result.functionError !== undefined) throw new StateError(TASK_FAILED);
    this.#options.wrote(JSON.stringify(result.payload ?? null));
    return result.payload;
  }
}

function choiceOf({ Choices = [], Default }: State, input: Json): string | undefined {
  const found = Choices.find(({ BooleanEquals, StringEquals, Variable }) => {
    const value = at(Variable, input);
    return StringEquals === undefined ? value === BooleanEquals : value === StringEquals;
  });
  return found?.Next ?? Default;
}
