import {
  type Attempt,
  type AttemptOutcome,
  type DissuasionCase,
  endAttempt,
  openAttempts,
  WORKFLOW,
} from '../../lib/domain/ladder/dissuasion-case.ts';
import { afterAttempt } from '../../lib/domain/ladder/next-move.ts';
import type { CaseStore } from '../adapters/cases-table.ts';
import type { TaskClosing } from '../adapters/tasks-table.ts';
import { type StepToTake, stepOf } from '../plan-move/plan-move.ts';

/** What the workflow knows of a task that was answered, or whose due time passed. */
export interface TaskEnd {
  readonly caseId: string;
  readonly taskId: string;
  readonly result: {
    readonly outcome: AttemptOutcome;
    readonly by?: string;
    readonly notes?: string;
  };
}

export interface SettleTaskPorts {
  readonly cases: CaseStore;
  /** @returns false when it was closed before, or never stood on a queue */
  readonly closeTask: (taskId: string, closing: TaskClosing) => Promise<boolean>;
  /** Calls a task off that somebody may be looking at; nothing where it never stood on a queue. */
  readonly callOff: (taskId: string) => Promise<void>;
  /** Tells the banks. Once more after a crash: the case's id tells repeats. */
  readonly stopPayments: (caseId: string, at: number) => Promise<void>;
}

/** What the workflow does with the step: nothing more, or it is dialled again beside the others. */
export interface SettledStep {
  readonly dialAgain: boolean;
  readonly again: StepToTake | Record<string, never>;
}

/** The call that was made of this one being busy or unanswered, if it is still to be made. */
function redialOf(current: DissuasionCase, taskId: string): Attempt | undefined {
  const position = current.attempts.findIndex((attempt) => attempt.taskId === taskId);
  const { step } = current.attempts[position] ?? {};
  const outcome = current.attempts[position]?.ended?.outcome;
  if (outcome !== 'busy' && outcome !== 'no-answer') return undefined;
  return openAttempts(current).find(
    (attempt) => attempt.step === step && current.attempts.indexOf(attempt) > position,
  );
}

/**
 * Ends an attempt with what came of it and follows it up: pointless tasks are called off, the banks are told of a loss,
 * a busy line is dialled again. Everything is read off what is written, so that a repeat does the same.
 *
 * @param now epoch ms
 */
export async function settleTask(
  { caseId, taskId, result }: TaskEnd,
  ports: SettleTaskPorts,
  now: number,
): Promise<SettledStep & { readonly isNew: boolean }> {
  const by = result.by ?? WORKFLOW;
  let isNew = false;
  const stored = await ports.cases.change(caseId, (before) => {
    isNew = false;
    const ended = before && endAttempt(before.current, taskId, result.outcome, by, now);
    if (ended === undefined) return undefined;
    isNew = true;
    const after = afterAttempt(ended.changed, taskId, now);
    const events = [...ended.events, ...after.events];
    let { changed } = after;
    for (const { taskId: pointless } of after.cancel) {
      const off = endAttempt(changed, pointless, 'cancelled', WORKFLOW, now);
      if (off === undefined) continue;
      changed = off.changed;
      events.push(...off.events);
    }
    return { changed, events };
  });
  await ports.closeTask(taskId, {
    outcome: result.outcome,
    by,
    notes: result.notes,
    closedAt: now,
  });
  if (stored === undefined) return { dialAgain: false, again: {}, isNew };
  const { attempts, paymentStopAt } = stored.current;
  const calledOff = attempts.filter(
    ({ ended, taskId: other }) => ended?.outcome === 'cancelled' && other !== taskId,
  );
  for (const attempt of calledOff) await ports.callOff(attempt.taskId);
  if (result.outcome === 'money-lost' && paymentStopAt !== undefined) {
    await ports.stopPayments(caseId, paymentStopAt);
  }
  const again = redialOf(stored.current, taskId);
  return again === undefined
    ? { dialAgain: false, again: {}, isNew }
    : { dialAgain: true, again: stepOf(caseId, again, now), isNew };
}
