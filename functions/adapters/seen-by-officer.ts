import { maySeeCase, mayWorkOn } from '../../lib/api/access.ts';
import type { Officer } from '../../lib/api/officer.ts';
import { ProblemError } from '../../lib/api/problem.ts';
import type { CaseHead } from '../../lib/domain/ladder/case-head.ts';
import { isClaimed } from '../../lib/domain/ladder/task-lease.ts';
import type { CaseStore } from './cases-table.ts';
import type { Task, TaskStore } from './tasks-table.ts';

/** Whether a task is or was an officer's: who reported it may look at it after it is over. */
function isOrWasOf({ claim, closed }: Task, { name }: Officer): boolean {
  return claim?.by === name || closed?.by === name;
}

/**
 * A task that an officer may see. Of another district's it is not even said that they are there.
 *
 * @throws {ProblemError}
 */
export async function taskFor(
  tasks: Pick<TaskStore, 'read'>,
  taskId: string,
  officer: Officer,
  now: number,
): Promise<Task> {
  const task = await tasks.read(taskId);
  if (task !== undefined && (mayWorkOn(officer, task, now) || isOrWasOf(task, officer)))
    return task;
  throw new ProblemError('not-found', 'There is no such task on your queues.');
}

/** @throws {ProblemError} where the task is not the officer's to work on now */
export function requireHeld(task: Task, officer: Officer, now: number): void {
  if (task.closed !== undefined) {
    throw new ProblemError('task-closed', `It was closed as ${task.closed.outcome}.`);
  }
  if (task.claim?.by === officer.name && isClaimed(task, now)) return;
  throw new ProblemError('task-not-yours', 'Claim the task first.');
}

/**
 * A case that an officer may see: of the own district, or one with a task of the own.
 *
 * @throws {ProblemError}
 */
export async function caseFor(
  {
    cases,
    tasks,
  }: { readonly cases: Pick<CaseStore, 'read'>; readonly tasks: Pick<TaskStore, 'ofCase'> },
  caseId: string,
  officer: Officer,
  now: number,
): Promise<CaseHead> {
  const head = await cases.read(caseId);
  if (head !== undefined) {
    if (maySeeCase(officer, head)) return head;
    const all = await tasks.ofCase(caseId);
    if (all.some((task) => task.closed === undefined && mayWorkOn(officer, task, now))) return head;
  }
  throw new ProblemError('not-found', 'There is no such case in your districts.');
}
