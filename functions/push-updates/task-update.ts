import { mayWorkOn } from '../../lib/api/access.ts';
import type { Officer } from '../../lib/api/officer.ts';
import type { CaseTier, Step } from '../../lib/domain/ladder/ladder-policy.ts';
import type { Task } from '../adapters/tasks-table.ts';

/** What happened to a task, as far as a list of tasks shows it. */
export type TaskChange = 'offered' | 'claimed' | 'released' | 'closed' | 'moved';

/** What an officer's page is told: to look again, and at what. Says nothing about the person. */
export interface TaskUpdate {
  readonly what: 'task';
  readonly taskId: string;
  readonly caseId: string;
  /** Where it stands now; of a closed task, where it stood. */
  readonly queue: string;
  readonly step: Step;
  readonly tier: CaseTier;
  /** Epoch ms. */
  readonly dueAt: number;
  readonly change: TaskChange;
}

/** A task before and after a write on it; `before` is absent for a new one. */
export interface TaskWrite {
  readonly before?: Task;
  readonly after: Task;
}

/** @returns undefined where a list would look as before: after a heartbeat, say */
export function changeOf({ after, before }: TaskWrite): TaskChange | undefined {
  if (before === undefined) return after.closed === undefined ? 'offered' : undefined;
  if (after.closed !== undefined) return before.closed === undefined ? 'closed' : undefined;
  if (after.queue !== before.queue) return 'moved';
  if (after.claim === undefined) return before.claim === undefined ? undefined : 'released';
  const isSame = after.claim.by === before.claim?.by && after.claim.at === before.claim.at;
  return isSame ? undefined : 'claimed';
}

/** What to tell of a write; undefined where there is nothing to tell. */
export function updateOf(write: TaskWrite): TaskUpdate | undefined {
  const change = changeOf(write);
  if (change === undefined) return undefined;
  const { caseId, dueAt, queue, step, taskId, tier } = write.after;
  return { what: 'task', taskId, caseId, queue, step, tier, dueAt, change };
}

/**
 * Whether an officer is told of a write: who may work on the task, or might before it.
 *
 * @param now epoch ms
 */
export function isTold(officer: Officer, { after, before }: TaskWrite, now: number): boolean {
  return (
    mayWorkOn(officer, after, now) || (before !== undefined && mayWorkOn(officer, before, now))
  );
}
