// The inside of an execution environment: a worker thread that loads one function's bundle and
// runs its handler, one event at a time, as Lambda's runtime does.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type {
  EnvironmentData,
  EnvironmentMessage,
  FunctionErrorDocument,
  InvocationMessage,
} from './environment-messages.ts';

type Handler = (event: unknown, context: object) => unknown;

const data = workerData as EnvironmentData;

function post(message: EnvironmentMessage): void {
  parentPort?.postMessage(message);
}

/** Output goes by the same port as results, so that it never arrives after them. */
function captureOutput(stream: NodeJS.WriteStream): void {
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    post({
      type: 'output',
      text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString(),
    });
    const done = rest.find((argument) => typeof argument === 'function');
    if (done !== undefined) queueMicrotask(done as () => void);
    return true;
  };
}

function errorDocument(error: unknown): FunctionErrorDocument {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
  return {
    errorType: error.name,
    errorMessage: error.message,
    trace: (error.stack ?? '').split('\n'),
  };
}

async function loadHandler(): Promise<Handler> {
  const split = data.handler.lastIndexOf('.');
  const file = data.handler.slice(0, split);
  const path = ['.js', '.mjs', '.cjs', '']
    .map((extension) => join(data.codeDir, `${file}${extension}`))
    .find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw Object.assign(new Error(`Cannot find module '${file}'`), {
      name: 'Runtime.ImportModuleError',
    });
  }
  const loaded = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  const name = data.handler.slice(split + 1);
  const exported = loaded.default as Record<string, unknown> | undefined;
  const handler = loaded[name] ?? exported?.[name];
  if (typeof handler !== 'function') {
    throw Object.assign(new Error(`${data.handler} is undefined or not exported`), {
      name: 'Runtime.HandlerNotFound',
    });
  }
  return handler as Handler;
}

function createContext(message: InvocationMessage): object {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: data.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: data.functionArn,
    memoryLimitInMB: String(data.memoryMegabytes),
    awsRequestId: message.requestId,
    logGroupName: `/aws/lambda/${data.functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, message.deadline - Date.now()),
  };
}

async function run(handler: Handler, message: InvocationMessage): Promise<void> {
  process.env._X_AMZN_TRACE_ID = message.traceId;
  try {
    const result = await handler(JSON.parse(message.payload), createContext(message));
    post({ type: 'result', payload: JSON.stringify(result) ?? 'null' });
  } catch (error) {
    post({ type: 'error', error: errorDocument(error) });
  }
}

captureOutput(process.stdout);
captureOutput(process.stderr);
try {
  const handler = await loadHandler();
  parentPort?.on('message', (message: InvocationMessage) => void run(handler, message));
  post({ type: 'ready' });
} catch (error) {
  post({ type: 'init-error', error: errorDocument(error) });
}
