import { randomBytes, randomUUID } from 'node:crypto';
import { LocalCloudError } from '../errors.ts';
import { AwsError } from '../gateway/aws-error.ts';
import type { RecordMetric } from '../metrics/metric-history.ts';
import { type ExecutionEnvironment, startExecutionEnvironment } from './execution-environment.ts';
import type { FunctionDefinition, FunctionResult } from './function-definition.ts';

/** Runs the functions: one environment for each concurrent invocation, kept warm after it. */
export interface FunctionRuntime {
  add(definition: FunctionDefinition): void;
  /** @throws AwsError `ResourceNotFoundException` for an unknown function. */
  invoke(nameOrArn: string, payload: string): Promise<FunctionResult>;
  has(nameOrArn: string): boolean;
  /** Starts one environment of each function ahead of its first invocation, as provisioned concurrency does. */
  warm(): void;
  /** Crashes every environment of the functions with this label; answers how many were busy. */
  kill(label: string): number;
  /**
   * How many environments of a function may run at once from now on, 0 for none; undefined for no limit of its own.
   * @throws AwsError `ResourceNotFoundException` for an unknown function.
   */
  reserveConcurrency(nameOrArn: string, most: number | undefined): void;
  /** Invocations that are running now. */
  running(): number;
  /** Invocations started so far. */
  started(): number;
  close(): Promise<void>;
}

/** Lambda's default for an account. */
const accountConcurrency = 1_000;

interface Pool {
  definition: FunctionDefinition;
  idle: ExecutionEnvironment[];
  busy: Set<ExecutionEnvironment>;
}

function traceId(now: number): string {
  const epoch = Math.floor(now / 1_000).toString(16);
  return `Root=1-${epoch}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}

/** The name in a function's name, ARN, or qualified ARN. */
export function functionNameOf(nameOrArn: string): string {
  const parts = nameOrArn.split(':');
  const marker = parts.lastIndexOf('function');
  return (marker >= 0 ? parts[marker + 1] : parts[0]) ?? nameOrArn;
}

/** Cuts a stream of output into lines. */
function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}

export function createFunctionRuntime(options: {
  /** Environment variables that every function has, beside its own. */
  environment: Record<string, string>;
  onLine(label: string, line: string): void;
  /** Told what Lambda measures of each invocation. */
  record: RecordMetric;
}): FunctionRuntime {
  const pools = new Map<string, Pool>();
  let started = 0;
  let closed = false;

  const start = ({ definition }: Pool): ExecutionEnvironment => {
    const environment = {
      TZ: ':UTC',
      ...options.environment,
      AWS_LAMBDA_FUNCTION_NAME: definition.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
      AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      LAMBDA_TASK_ROOT: definition.codeDir,
      _HANDLER: definition.handler,
      ...definition.environment,
    };
    const toLines = lineSplitter((line) => options.onLine(definition.label, line));
    return startExecutionEnvironment(definition, environment, toLines);
  };

  const pool = (nameOrArn: string): Pool => {
    const found = pools.get(functionNameOf(nameOrArn));
    if (found === undefined) {
      throw new AwsError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
    }
    return found;
  };

  const measure = ({ name }: FunctionDefinition, metric: string, value: number): void =>
    options.record(
      { namespace: 'AWS/Lambda', name: metric, dimensions: { FunctionName: name } },
      value,
    );

  return {
    add(definition) {
      pools.set(definition.name, { definition, idle: [], busy: new Set() });
    },
    reserveConcurrency(nameOrArn, most) {
      const owner = pool(nameOrArn);
      const { reservedConcurrency: _, ...definition } = owner.definition;
      owner.definition =
        most === undefined ? definition : { ...definition, reservedConcurrency: most };
    },
    has: (nameOrArn) => pools.has(functionNameOf(nameOrArn)),
    warm() {
      for (const owner of pools.values()) owner.idle.push(start(owner));
    },

    async invoke(nameOrArn, payload) {
      if (closed) throw new LocalCloudError('closed', 'The local cloud has been closed');
      const owner = pool(nameOrArn);
      const { definition, idle, busy } = owner;
      if (busy.size >= (definition.reservedConcurrency ?? accountConcurrency)) {
        measure(definition, 'Throttles', 1);
        throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
      }
      let environment = idle.pop();
      while (environment !== undefined && !environment.usable()) environment = idle.pop();
      environment ??= start(owner);
      busy.add(environment);
      started += 1;
      const startedAt = performance.now();
      // When it begins, as Lambda dates it.
      measure(definition, 'Invocations', 1);
      try {
        const result = await environment.run(randomUUID(), payload, traceId(Date.now()));
        measure(definition, 'Duration', performance.now() - startedAt);
        measure(definition, 'Errors', result.functionError === undefined ? 0 : 1);
        if (result.functionError !== undefined) {
          options.onLine(definition.label, `FunctionError ${JSON.stringify(result.payload)}`);
        }
        return result;
      } finally {
        busy.delete(environment);
        if (environment.usable()) idle.push(environment);
      }
    },

    kill(label) {
      const named = [...pools.values()].filter(
        ({ definition }) => definition.label === label || definition.name === label,
      );
      if (named.length === 0) {
        throw new LocalCloudError('function-unknown', `There is no function ${label}`);
      }
      let interrupted = 0;
      for (const { idle, busy } of named) {
        interrupted += busy.size;
        for (const environment of [...busy, ...idle.splice(0)]) void environment.kill();
      }
      return interrupted;
    },

    running: () => [...pools.values()].reduce((sum, { busy }) => sum + busy.size, 0),
    started: () => started,

    async close() {
      closed = true;
      const all = [...pools.values()].flatMap(({ idle, busy }) => [...idle, ...busy]);
      await Promise.all(all.map((environment) => environment.kill()));
    },
  };
}
