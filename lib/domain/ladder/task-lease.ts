import type { TimelineEvent } from './timeline-event.ts';
import { WORKFLOW } from './timeline-event.ts';

/** What a claim's holder and time are read off. */
interface Claimable {
  readonly taskId: string;
  readonly claim?: { readonly by: string; readonly until: number };
}

/** Whether somebody works on a task: a claim whose time ran out without a heartbeat holds no more. */
export function isClaimed({ claim }: Claimable, now: number): boolean {
  return claim !== undefined && claim.until > now;
}

/**
 * Says of a claim that ran out that the task went back to its queue then. Nobody watches for that moment: whoever
 * looks next (the next claimant, or the workflow when it settles the task) writes it down, always under one name.
 *
 * @returns undefined where no claim ran out
 */
export function lapseOf(task: Claimable, now: number): TimelineEvent | undefined {
  const { claim, taskId } = task;
  if (claim === undefined || isClaimed(task, now)) return undefined;
  return {
    id: `${taskId}-lapsed-${claim.until}`,
    at: claim.until,
    kind: 'task-lapsed',
    by: WORKFLOW,
    taskId,
    details: { claimedBy: claim.by },
  };
}
