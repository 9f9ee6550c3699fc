import { setTimeout as delay } from 'node:timers/promises';
import type { TaskOptions } from '../commands/task.ts';
import { EXIT } from '../exit-codes.ts';
import { interruptible } from '../interruption.ts';
import { followLiveUpdates, type LiveUpdate } from '../officers/live-updates.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { plainValue, safeJson } from '../terminal/plain-text.ts';
import { print, remark } from '../terminal/print.ts';
import { fromNow, localTime } from '../terminal/spoken-time.ts';

/** How long the other side has to answer a goodbye. */
const GOODBYE_MS = 1_000;

/** Prints what happens to tasks until Ctrl-C. Returns the exit code. */
export async function watchTasks(options: TaskOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const interruption = interruptible();
  try {
    await followLiveUpdates({
      takeTicket: () => call('takeTicket', { signal: interruption.signal }),
      onUpdate: (update) =>
        print(options.json ? safeJson(update) : updateInWords(update, Date.now())),
      onConnected: (isFirst) =>
        remark(
          isFirst
            ? 'Watching; Ctrl-C ends.'
            : 'Watching again. What happened in between is in forewarn task list.',
        ),
      onLost: (wait) => remark(`The connection is lost; again in ${(wait / 1_000).toFixed(1)} s.`),
      signal: interruption.signal,
      delay: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
      random: Math.random,
    });
    return EXIT.ok;
  } finally {
    interruption.release();
    // A WebSocket waits for the other side's goodbye, for ever where the network has dropped it.
    setTimeout(() => process.exit(), GOODBYE_MS).unref();
  }
}

/** An update as one line. */
export function updateInWords(update: LiveUpdate, now: number): string {
  const { change, dueAt, queue, step, taskId, tier } = plainValue(update);
  return `${localTime(now)}  ${change}  ${taskId}  ${tier} ${step}, due ${fromNow(dueAt - now)}, on ${queue}`;
}
