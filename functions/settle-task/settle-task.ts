import {
  type Attempt,
  type AttemptOutcome,
  type CaseHead,
  calledOffAttempts,
  endAttempt,
  openAttempts,
} from '../../lib/domain/ladder/case-head.ts';
import { afterAttempt } from '../../lib/domain/ladder/next-move.ts';
import { lapseOf } from '../../lib/domain/ladder/task-lease.ts';
import { WORKFLOW } from '../../lib/domain/ladder/timeline-event.ts';
import { type CaseStore, changeCase } from '../adapters/cases-table.ts';
import { stopPayments, type TellBanks } from '../adapters/payment-stop.ts';
import type { TaskResult } from '../adapters/report-outcome.ts';
import type { TaskStore } from '../adapters/tasks-table.ts';
import { type StepToTake, stepOf } from '../plan-move/plan-move.ts';

/** What the workflow knows of a task that was answered, or whose due time passed. */
export interface TaskEnd {
  readonly caseId: string;
  readonly taskId: string;
  readonly result: TaskResult & { readonly outcome: AttemptOutcome };
}

export interface SettleTaskPorts {
  readonly cases: CaseStore;
  readonly tasks: Pick<TaskStore, 'close' | 'read'>;
  /** Calls a task off that somebody may be looking at; nothing where it never stood on a queue. */
  readonly callOff: (taskId: string) => Promise<void>;
  readonly tellBanks: TellBanks;
}

/** What the workflow does with the step: nothing more, or it is dialled again beside the others. */
export interface SettledStep {
  readonly dialAgain: boolean;
  readonly again: StepToTake | Record<string, never>;
}

/** What came of a task, and whether it was written just now. */
export interface Settled {
  readonly step: SettledStep;
  readonly outcome: AttemptOutcome;
  readonly isNew: boolean;
}

/** Outcomes after which the step may be taken again beside the others; a dial is called off when the line is free. */
const TAKEN_AGAIN: ReadonlySet<AttemptOutcome> = new Set(['busy', 'no-answer', 'cancelled']);

/** The call that is made after this one, if it is still to be made. */
function redialOf({ climb, ...head }: CaseHead, taskId: string): Attempt | undefined {
  const position = climb.findIndex((attempt) => attempt.taskId === taskId);
  const { ended, step } = climb[position] ?? {};
  if (ended === undefined || !TAKEN_AGAIN.has(ended.outcome)) return undefined;
  return openAttempts({ ...head, climb: climb.slice(position + 1) }).find(
    (attempt) => attempt.step === step,
  );
}

/** What counts: the first word on the task's record, the officer's or that its time had passed. */
async function wordOn(
  { result, taskId }: TaskEnd,
  { tasks }: SettleTaskPorts,
  now: number,
): Promise<{ outcome: AttemptOutcome; by: string; lapse: ReturnType<typeof lapseOf> }> {
  await tasks.close(taskId, { outcome: result.outcome, by: result.by ?? WORKFLOW, at: now });
  const task = await tasks.read(taskId);
  // A task that never stood on a queue has no record.
  if (task?.closed === undefined) {
    return { outcome: result.outcome, by: result.by ?? WORKFLOW, lapse: undefined };
  }
  const { by, outcome } = task.closed;
  return { by, outcome, lapse: by === WORKFLOW ? lapseOf(task, task.closed.at) : undefined };
}

/**
 * Ends an attempt with what came of it and follows it up: pointless tasks are called off, the banks are told of a loss,
 * a busy line is dialled again. Everything is read off what is written, so that a repeat does the same.
 *
 * @param now epoch ms
 */
export async function settleTask(
  end: TaskEnd,
  ports: SettleTaskPorts,
  now: number,
): Promise<Settled> {
  const { caseId, taskId } = end;
  const { by, lapse, outcome } = await wordOn(end, ports, now);
  let isNew = false;
  const head = await changeCase(ports.cases, caseId, (before) => {
    const ended = endAttempt(before, taskId, outcome, by, now);
    isNew = ended !== undefined;
    if (ended === undefined) return undefined;
    const after = afterAttempt(ended.changed, taskId, now);
    const lapsed = lapse === undefined ? [] : [lapse];
    return { changed: after.changed, events: [...lapsed, ...ended.events, ...after.events] };
  });
  const nothing: SettledStep = { dialAgain: false, again: {} };
  if (head === undefined) return { step: nothing, outcome, isNew };
  for (const { taskId: pointless } of calledOffAttempts(head)) await ports.callOff(pointless);
  await stopPayments(head, ports, now);
  const again = redialOf(head, taskId);
  const step =
    again === undefined ? nothing : { dialAgain: true, again: stepOf(caseId, again, now) };
  return { step, outcome, isNew };
}
