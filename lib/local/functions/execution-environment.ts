import { Worker } from 'node:worker_threads';
import type {
  EnvironmentData,
  EnvironmentMessage,
  FunctionErrorDocument,
  InvocationMessage,
} from './environment-messages.ts';
import type { FunctionDefinition, FunctionResult } from './function-definition.ts';

/** One worker thread that runs one invocation at a time. */
export interface ExecutionEnvironment {
  /** False once it has crashed, timed out or been stopped: it must not be used again. */
  usable(): boolean;
  run(requestId: string, payload: string, traceId: string): Promise<FunctionResult>;
  /** Ends the thread at once; a running invocation fails as a crash. */
  kill(): Promise<void>;
}

function failure(error: FunctionErrorDocument): FunctionResult {
  return { payload: error, functionError: 'Unhandled' };
}

/** A thread that has not loaded its code by then never will (Lambda's own limit is 10 s). */
const initTimeoutMs = 30_000;

/**
 * Starts a thread with the function's bundle.
 *
 * @param onOutput gets what the function prints, in order, before the result that follows it.
 */
export function startExecutionEnvironment(
  definition: FunctionDefinition,
  environment: Record<string, string>,
  onOutput: (text: string) => void,
): ExecutionEnvironment {
  const workerData: EnvironmentData = {
    codeDir: definition.codeDir,
    handler: definition.handler,
    functionName: definition.name,
    functionArn: definition.arn,
    memoryMegabytes: definition.memoryMegabytes,
  };
  const worker = new Worker(new URL('./environment-worker.ts', import.meta.url), {
    workerData,
    env: environment,
    execArgv: [],
    name: definition.label,
    resourceLimits: { maxOldGenerationSizeMb: definition.memoryMegabytes },
  });
  let alive = true;
  let running: ((result: FunctionResult) => void) | undefined;
  let crash: FunctionErrorDocument | undefined;

  let initialised: (failed?: FunctionErrorDocument) => void = () => undefined;
  const init = new Promise<FunctionErrorDocument | undefined>((resolve) => {
    initialised = resolve;
  });
  const finish = (result: FunctionResult): void => {
    const settle = running;
    running = undefined;
    settle?.(result);
  };
  worker.on('message', (message: EnvironmentMessage) => {
    if (message.type === 'output') onOutput(message.text);
    else if (message.type === 'ready') initialised();
    else if (message.type === 'init-error') {
      alive = false;
      initialised(message.error);
      void worker.terminate();
    } else if (message.type === 'result') finish({ payload: JSON.parse(message.payload) });
    else finish(failure(message.error));
  });
  worker.on('error', (error: Error & { code?: string }) => {
    alive = false;
    crash ??=
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? {
            errorType: 'Runtime.OutOfMemory',
            errorMessage: 'Error: Runtime exited with error: signal: killed',
          }
        : { errorType: error.name, errorMessage: error.message };
  });
  worker.on('exit', (code) => {
    alive = false;
    crash ??= {
      errorType: 'Runtime.ExitError',
      errorMessage: `Error: Runtime exited with error: exit status ${code}`,
    };
    initialised(crash);
    finish(failure(crash));
  });

  return {
    usable: () => alive,
    async run(requestId, payload, traceId) {
      const initTimer = setTimeout(() => {
        crash ??= { errorType: 'Sandbox.Timedout', errorMessage: 'Error: init timed out' };
        void worker.terminate();
      }, initTimeoutMs);
      const failed = await init;
      clearTimeout(initTimer);
      // Of a thread that is killed when it is ready, both may have been told at once: nothing more will be.
      const gone = failed ?? crash;
      if (gone !== undefined) return failure(gone);
      const timeoutMs = definition.timeoutSeconds * 1_000;
      const message: InvocationMessage = {
        requestId,
        payload,
        traceId,
        deadline: Date.now() + timeoutMs,
      };
      const ended = new Promise<FunctionResult>((resolve) => {
        running = resolve;
      });
      const timer = setTimeout(() => {
        crash ??= {
          errorType: 'Sandbox.Timedout',
          errorMessage: `RequestId: ${requestId} Error: Task timed out after ${definition.timeoutSeconds.toFixed(2)} seconds`,
        };
        alive = false;
        void worker.terminate();
      }, timeoutMs);
      worker.postMessage(message);
      try {
        return await ended;
      } finally {
        clearTimeout(timer);
      }
    },
    async kill() {
      crash ??= {
        errorType: 'Runtime.ExitError',
        errorMessage: 'Error: Runtime exited with error: signal: killed',
      };
      alive = false;
      await worker.terminate();
    },
  };
}
