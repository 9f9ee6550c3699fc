import { setTimeout as delay } from 'node:timers/promises';
import type { TaskView } from '../../lib/api/schemas.ts';
import type {
  CompleteOptions,
  HandOverOptions,
  KeepOptions,
  RevealOptions,
  TaskListOptions,
  TaskOptions,
} from '../commands/task.ts';
import { EXIT } from '../exit-codes.ts';
import { interruptible } from '../interruption.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { isPassing } from '../officers/patient-client.ts';
import { readPages } from '../officers/read-pages.ts';
import { taskInWords, tasksInWords } from '../officers/task-words.ts';
import { pairs } from '../terminal/pairs.ts';
import { printAnswer, remark } from '../terminal/print.ts';
import { localTime } from '../terminal/spoken-time.ts';

/** Lists the open tasks of a queue. Returns the exit code. */
export async function listTasks(options: TaskListOptions): Promise<number> {
  const { mine, queue, step, tier } = options;
  const call = await openOfficersApi(options);
  const pages = await readPages((next) =>
    call('listTasks', {
      query: {
        ...(queue !== undefined && { queue }),
        ...(tier !== undefined && { tier }),
        ...(step !== undefined && { step }),
        ...(mine && { mine: 'true' }),
        ...next,
      },
    }),
  );
  const tasks = pages.flatMap((page) => page.tasks);
  return printAnswer(options, { tasks }, (list) =>
    list.tasks.length === 0 ? 'No open tasks.' : tasksInWords(list.tasks, Date.now()),
  );
}

/** Shows one task. Returns the exit code. */
export async function showTask(taskId: string, options: TaskOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const task = await call('readTask', { parameters: { taskId } });
  return printAnswer(options, task, (plain) => taskInWords(plain, Date.now()));
}

/** Takes a task. Returns the exit code. */
export async function claimTask(taskId: string, options: TaskOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const task = await call('claimTask', { parameters: { taskId } });
  return printAnswer(
    options,
    task,
    (plain) => `${taskInWords(plain, Date.now())}\n\nIt is yours. ${untilWhen(plain)}`,
  );
}

function untilWhen({ claim }: TaskView): string {
  return claim === undefined
    ? ''
    : `Without a heartbeat (forewarn task keep) it goes back to its queue at ${localTime(claim.until)}.`;
}

/** Keeps a task, once or until Ctrl-C. Returns the exit code. */
export async function keepTask(taskId: string, options: KeepOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const keep = () => call('keepTask', { parameters: { taskId } });
  const task = await keep();
  printAnswer(options, task, (plain) => `Task ${plain.taskId} is kept. ${untilWhen(plain)}`);
  if (options.every === undefined) return EXIT.ok;
  return keepOn(keep, task, options.every);
}

const SHORTEST_BEAT_MS = 1_000;

/** Beats three times within a claim's time, so that two may get lost. */
function beatOf({ claim }: TaskView, now: number): number {
  return Math.max(SHORTEST_BEAT_MS, ((claim?.until ?? now) - now) / 3);
}

async function keepOn(
  keep: () => Promise<TaskView>,
  first: TaskView,
  every: number | true,
): Promise<number> {
  const interruption = interruptible();
  const { signal } = interruption;
  let task = first;
  remark('Keeping on until Ctrl-C.');
  try {
    while (!signal.aborted) {
      const wait = every === true ? beatOf(task, Date.now()) : every * 1_000;
      await delay(wait, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) task = await keepOrRemark(keep, task);
    }
    return EXIT.ok;
  } finally {
    interruption.release();
  }
}

/** What passes by itself must not end a shift's heartbeats; that the task is lost must. */
async function keepOrRemark(keep: () => Promise<TaskView>, before: TaskView): Promise<TaskView> {
  try {
    return await keep();
  } catch (error) {
    if (!isPassing(error)) throw error;
    remark('A heartbeat did not reach the API; trying on.');
    return before;
  }
}

/** Puts a task back. Returns the exit code. */
export async function releaseTask(taskId: string, options: TaskOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const task = await call('releaseTask', { parameters: { taskId } });
  return printAnswer(options, task, (plain) => `Task ${plain.taskId} is back on ${plain.queue}.`);
}

/** Reports what came of a task. Returns the exit code. */
export async function completeTask(taskId: string, options: CompleteOptions): Promise<number> {
  const { notes, outcome } = options;
  const call = await openOfficersApi(options);
  const reported = await call('reportTask', {
    parameters: { taskId },
    body: { outcome, ...(notes !== undefined && { notes }) },
  });
  printAnswer(options, reported, ({ message, result }) =>
    result === 'accepted' ? `Task ${taskId} is completed: ${outcome}. ${message}` : message,
  );
  return reported.result === 'accepted' ? EXIT.ok : EXIT.rejected;
}

/** Puts a task on another queue. Returns the exit code. */
export async function handOverTask(taskId: string, options: HandOverOptions): Promise<number> {
  const { queue, reason } = options;
  const call = await openOfficersApi(options);
  const task = await call('handOverTask', { parameters: { taskId }, body: { queue, reason } });
  return printAnswer(options, task, (plain) => `Task ${plain.taskId} is on ${plain.queue} now.`);
}

/** Shows a number. Returns the exit code. */
export async function revealNumber(taskId: string, options: RevealOptions): Promise<number> {
  const { contact, purpose } = options;
  const call = await openOfficersApi(options);
  const revealed = await call('revealNumber', {
    parameters: { taskId },
    body: { purpose, ...(contact !== undefined && { contact }) },
  });
  return printAnswer(options, revealed, ({ auditEntry, number, relation }) =>
    pairs([
      ['number', number],
      ['relation', relation],
      ['audit', `entry ${auditEntry}`],
    ]),
  );
}
