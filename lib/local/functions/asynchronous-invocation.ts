import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionRuntime } from './function-runtime.ts';

/** Lambda waits one minute and then two before it tries again; a second stands for each here. */
const PAUSES_MS = [1_000, 2_000];

/**
 * Invokes a function as Lambda does for whoever waits for no answer: twice more when it fails. There is no on-failure
 * destination for such invocations here: what fails to the end is told to `onGivenUp`.
 */
export async function invokeAsynchronously(
  runtime: FunctionRuntime,
  nameOrArn: string,
  payload: string,
  onGivenUp: (message: string) => void,
): Promise<void> {
  for (const pause of [...PAUSES_MS, undefined]) {
    const failure = await runtime.invoke(nameOrArn, payload).then(
      ({ functionError }) => functionError,
      (error: unknown) => String(error),
    );
    if (failure === undefined) return;
    if (pause !== undefined) await sleep(pause, undefined, { ref: false });
    else onGivenUp(`${nameOrArn} failed three times: ${failure}`);
  }
}
