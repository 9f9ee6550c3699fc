/** What an execution environment is started with. */
export interface EnvironmentData {
  codeDir: string;
  handler: string;
  functionName: string;
  functionArn: string;
  memoryMegabytes: number;
}

/** To an environment: run the handler once. */
export interface InvocationMessage {
  requestId: string;
  /** The event as JSON text. */
  payload: string;
  /** Epoch milliseconds at which the invocation times out. */
  deadline: number;
  traceId: string;
}

export interface FunctionErrorDocument {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** From an environment. */
export type EnvironmentMessage =
  | { type: 'ready' }
  | { type: 'init-error'; error: FunctionErrorDocument }
  | { type: 'output'; text: string }
  | { type: 'result'; payload: string }
  | { type: 'error'; error: FunctionErrorDocument };
