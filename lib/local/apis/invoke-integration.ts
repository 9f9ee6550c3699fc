import type { FunctionResult } from '../functions/function-definition.ts';
import type { JsonObject } from '../json-value.ts';
import type { InvocationQueue } from './invocation-queue.ts';
import type { InvokePermissions } from './invoke-permissions.ts';

/** A Lambda proxy integration. */
export interface LambdaIntegration {
  functionArn: string;
  timeoutMs: number;
}

/** What came of calling a function for a route. */
export type IntegrationOutcome =
  | { kind: 'answered'; payload: unknown }
  | { kind: 'failed' | 'forbidden' | 'timed-out' | 'throttled' };

/** Calls the function of an integration, for the route with this ARN. */
export type InvokeIntegration = (
  integration: LambdaIntegration,
  routeArn: string,
  event: JsonObject,
) => Promise<IntegrationOutcome>;

export function createInvokeIntegration(options: {
  invoke(functionArn: string, payload: string): Promise<FunctionResult>;
  permissions: InvokePermissions;
  queue: InvocationQueue;
}): InvokeIntegration {
  const { invoke, permissions, queue } = options;

  const call = async (functionArn: string, event: JsonObject): Promise<IntegrationOutcome> => {
    try {
      const { payload, functionError } = await invoke(functionArn, JSON.stringify(event));
      return functionError === undefined ? { kind: 'answered', payload } : { kind: 'failed' };
    } catch (error) {
      const throttled = error instanceof Error && error.name === 'TooManyRequestsException';
      return { kind: throttled ? 'throttled' : 'failed' };
    }
  };

  return async ({ functionArn, timeoutMs }, routeArn, event) => {
    if (!permissions.allow(functionArn, routeArn)) return { kind: 'forbidden' };
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const timeout = new Promise<IntegrationOutcome>((resolve) => {
      timer = setTimeout(() => {
        isOver = true;
        resolve({ kind: 'timed-out' });
      }, timeoutMs);
    });
    // A function that runs is not stopped by the time-out; one that still waits is not started.
    const called = queue.run(functionArn, async () =>
      isOver ? ({ kind: 'timed-out' } as const) : call(functionArn, event),
    );
    try {
      return await Promise.race([called, timeout]);
    } finally {
      clearTimeout(timer);
    }
  };
}
