import { setTimeout as sleep } from 'node:timers/promises';
import type { KeptInvocations } from '../kept/invocations.ts';
import type { FunctionRuntime } from './function-runtime.ts';

/** Lambda waits one minute and then two before it tries again; a second stands for each here. */
const PAUSES_MS = [1_000, 2_000];

/** Invokes functions as Lambda does for whoever waits for no answer. */
export interface AsynchronousInvocations {
  /** Takes an invocation; resolves when it has ended, well or not. */
  invoke(nameOrArn: string, payload: string): Promise<void>;
  /** Goes on with what an earlier run left. */
  resume(): void;
  /** What has not ended stays for the next run. */
  close(): void;
}

/**
 * A function that fails is invoked twice more. There is no on-failure destination for such invocations here: what fails
 * to the end is told to `onGivenUp`.
 */
export function createAsynchronousInvocations(options: {
  runtime: Pick<FunctionRuntime, 'invoke'>;
  kept: KeptInvocations;
  onGivenUp(message: string): void;
}): AsynchronousInvocations {
  const { kept, onGivenUp, runtime } = options;
  let closed = false;
  const run = async (id: number, nameOrArn: string, payload: string): Promise<void> => {
    for (const pause of [...PAUSES_MS, undefined]) {
      const failure = await runtime.invoke(nameOrArn, payload).then(
        ({ functionError }) => functionError,
        (error: unknown) => String(error),
      );
      if (closed) return;
      if (failure === undefined) break;
      if (pause !== undefined) await sleep(pause, undefined, { ref: false });
      else onGivenUp(`${nameOrArn} failed three times: ${failure}`);
    }
    kept.remove(id);
  };
  return {
    invoke: (nameOrArn, payload) => run(kept.add(nameOrArn, payload), nameOrArn, payload),
    resume() {
      for (const { functionName, id, payload } of kept.left()) void run(id, functionName, payload);
    },
    close() {
      closed = true;
    },
  };
}
