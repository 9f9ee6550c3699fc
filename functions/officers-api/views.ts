import type { CaseDetail, CaseView, TaskView, TimelineEventView } from '../../lib/api/schemas.ts';
import { contactsOf, openSteps } from '../../lib/domain/ladder/by-hand.ts';
import type { CaseHead } from '../../lib/domain/ladder/case-head.ts';
import { isClaimed } from '../../lib/domain/ladder/task-lease.ts';
import type { TimelineEvent } from '../../lib/domain/ladder/timeline-event.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { PersonRecord } from '../adapters/episodes-table.ts';
import type { Masks } from '../adapters/masked-numbers.ts';
import type { Task } from '../adapters/tasks-table.ts';

/** Whose tails a view of a task shows. */
export function numbersOfTask(task: Task, head?: CaseHead): NumberToken[] {
  return [task.subject, ...contactsOf(task, head)];
}

/**
 * A task as an officer sees it: without its token, numbers masked.
 *
 * @param head of its case, for the contacts that were added since; may be left out in lists
 */
export function taskView(
  task: Task,
  me: string,
  now: number,
  masks: Masks,
  head?: CaseHead,
): TaskView {
  const { attempt, backupQueue, claim, closed, district, kind, queue, step, subject, tier } = task;
  const contacts = contactsOf(task, head);
  return {
    taskId: task.taskId,
    caseId: task.caseId,
    step,
    attempt,
    tier,
    kind,
    queue,
    district,
    assignedAt: task.assignedAt,
    dueAt: task.dueAt,
    subject: masks.get(subject) ?? '',
    ...(contacts.length > 0 && { contacts: contacts.map((token) => masks.get(token) ?? '') }),
    ...(backupQueue !== undefined && { backupQueue }),
    ...(claim !== undefined &&
      closed === undefined &&
      isClaimed(task, now) && {
        claim: { by: claim.by, until: claim.until, mine: claim.by === me },
      }),
    ...(closed !== undefined && {
      closed: {
        outcome: closed.outcome,
        by: closed.by,
        at: closed.at,
        ...(closed.notes !== undefined && { notes: closed.notes }),
      },
    }),
  };
}

export function caseView(head: CaseHead, masks: Masks): CaseView {
  const { closedAt, lastOfficer, outcome, watchUntil } = head;
  return {
    caseId: head.caseId,
    subject: masks.get(head.subject) ?? '',
    tier: head.tier,
    state: head.state,
    kind: head.kind,
    district: head.district,
    openedAt: head.openedAt,
    openedBy: head.openedBy,
    policyVersion: head.policyVersion,
    reopened: head.reopened,
    openSteps: openSteps(head),
    ...(watchUntil !== undefined && { watchUntil }),
    ...(lastOfficer !== undefined && { lastOfficer }),
    ...(outcome !== undefined && { outcome }),
    ...(closedAt !== undefined && { closedAt }),
  };
}

export function eventView({ at, by, details, id, kind, step, taskId }: TimelineEvent) {
  return {
    id,
    at,
    kind,
    by,
    ...(step !== undefined && { step }),
    ...(taskId !== undefined && { taskId }),
    details: { ...details },
  } satisfies TimelineEventView;
}

function groundsView({ grounds }: PersonRecord): Pick<CaseDetail, 'grounds'> {
  // Nothing was weighed for a case that was opened by hand.
  if (grounds === undefined || grounds.openedBy !== undefined) return {};
  const { facts, kind, openedAt, points, policyVersion, probability, tier } = grounds;
  const plain = (reasons: readonly { readonly id: string; readonly points: number }[]) =>
    reasons.map((reason) => ({ id: reason.id, points: reason.points }));
  return {
    grounds: {
      tier,
      kind,
      points,
      probability,
      calls: facts.calls,
      minutes: facts.minutes,
      terms: plain(grounds.terms),
      reasons: plain(grounds.reasons),
      policyVersion,
      decidedAt: openedAt * 1000,
    },
  };
}

/** All that officers see of a case beside its tasks and its timeline. */
export function personView(
  person: PersonRecord,
  masks: Masks,
): Pick<CaseDetail, 'grounds' | 'exposures' | 'texts'> {
  return {
    ...groundsView(person),
    exposures: person.exposures.map(
      ({ answered, caller, circumstances, duration, finding, start }) => {
        const kind = finding?.kind ?? circumstances?.kind;
        return {
          at: start * 1000,
          seconds: duration,
          answered,
          caller: masks.get(caller) ?? '',
          ...(kind !== undefined && { kind }),
        };
      },
    ),
    texts: person.warnings.map(({ reason, settledAt, status, warning }) => ({
      decidedAt: warning.decidedAt * 1000,
      state: status,
      ...(settledAt !== undefined && { settledAt }),
      ...(reason !== undefined && { reason }),
    })),
  };
}
