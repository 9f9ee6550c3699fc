import { contactsOf } from '../../lib/domain/ladder/by-hand.ts';
import {
  type Attempt,
  type AttemptOutcome,
  addedRelatives,
  type CaseHead,
} from '../../lib/domain/ladder/case-head.ts';
import { WORKFLOW } from '../../lib/domain/ladder/timeline-event.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Station } from '../../lib/domain/registers/register-rows.ts';
import { isStationOpen, queueOfStation } from '../../lib/domain/registers/station-hours.ts';
import type { CaseStore } from '../adapters/cases-table.ts';
import type { TaskResult } from '../adapters/report-outcome.ts';
import type { Task, TaskStore } from '../adapters/tasks-table.ts';

/** What the workflow hands over for a task that a person answers. */
export interface TaskOffer {
  readonly taskToken: string;
  readonly caseId: string;
  readonly taskId: string;
}

export interface OfferTaskPorts {
  readonly cases: CaseStore;
  readonly tasks: Pick<TaskStore, 'keepClosed' | 'offer' | 'read'>;
  /** Answers the workflow in the place of a person. */
  readonly answer: (taskToken: string, result: TaskResult) => Promise<unknown>;
  /** Calls off a task that stands on a queue. */
  readonly callOff: (taskId: string) => Promise<void>;
  /** The person's relatives by the contacts register, whom to ask first first. */
  readonly relativesOf: (subject: NumberToken) => Promise<readonly NumberToken[]>;
  /** By the register of stations; undefined where none is known for the district. */
  readonly stationOf: (district: string) => Promise<Station | undefined>;
}

/** A task that stands on its queue. */
export type OfferedTask = Pick<Task, 'caseId' | 'taskId' | 'step' | 'tier' | 'queue'>;

/** A task's record outlives its due time by this much, for questions about it. */
const KEPT_SECONDS = 400 * 86_400;
const MINUTE_MS = 60_000;

function attemptOf(head: CaseHead | undefined, taskId: string): Attempt | undefined {
  return head?.climb.find((attempt) => attempt.taskId === taskId);
}

/** An attempt of a former round is not listed any more. */
function isOver(attempt: Attempt | undefined): boolean {
  return attempt === undefined || attempt.ended !== undefined || attempt.calledOff === true;
}

function ordinalOf({ climb }: CaseHead, { step, taskId }: Attempt): number {
  const ofStep = climb.filter((attempt) => attempt.step === step);
  return ofStep.findIndex((attempt) => attempt.taskId === taskId) + 1;
}

async function placeOf(
  head: CaseHead,
  attempt: Attempt,
  ports: OfferTaskPorts,
  now: number,
): Promise<Pick<Task, 'queue' | 'backupQueue' | 'backupFrom'>> {
  const { district, ladder, utcOffsetMinutes } = head;
  const station = attempt.step === 'visit' ? await ports.stationOf(district) : undefined;
  if (station === undefined) return { queue: ladder.queue };
  const queue = queueOfStation(station.id);
  if (station.backup === undefined) return { queue };
  // While the station is closed its neighbour sees the visit from the beginning.
  const isOpen = isStationOpen(station, now, utcOffsetMinutes);
  const backupFrom = isOpen ? now + ladder.backupAfterMinutes * MINUTE_MS : now;
  return { queue, backupQueue: queueOfStation(station.backup), backupFrom };
}

/** Those of the register, then those that officers added to the case. */
async function relativesFor(head: CaseHead, ports: OfferTaskPorts): Promise<NumberToken[]> {
  const contacts = await ports.relativesOf(head.subject);
  return contactsOf({ contacts }, { contacts: addedRelatives(head) });
}

/**
 * Puts a task on its queue. One that was called off meanwhile is answered at once: it is looked up before and after
 * it is put, so that whoever calls it off either finds it on the queue or is seen here. One that is over, because its
 * report got lost on the way to the workflow or its due time passed while that was broken, is answered at once: a
 * workflow that tries again, or was redriven, would wait for all of its time a second time.
 *
 * @param now epoch ms
 * @returns the task, where it stands on a queue now
 */
export async function offerTask(
  { caseId, taskId, taskToken }: TaskOffer,
  ports: OfferTaskPorts,
  now: number,
): Promise<OfferedTask | undefined> {
  const answer = async (outcome: AttemptOutcome, by?: string) => {
    await ports.answer(taskToken, { outcome, ...(by !== undefined && { by }) });
    return undefined;
  };
  const head = await ports.cases.read(caseId);
  const attempt = attemptOf(head, taskId);
  if (head === undefined || attempt === undefined) return answer('cancelled');
  const { kind, district, ladder, subject, tier } = head;
  const { dueAt, offerAt, step } = attempt;
  const expiresAt = Math.floor(dueAt / 1000) + KEPT_SECONDS;
  const unplaced = {
    taskId,
    caseId,
    subject,
    step,
    attempt: ordinalOf(head, attempt),
    tier,
    kind,
    district,
    assignedAt: offerAt,
    dueAt,
    taskToken,
  };
  if (isOver(attempt)) {
    // What an earlier try put may still be on its way. It must find a record, or a task would stand on a queue that
    // nobody waits for.
    const closed = { outcome: 'cancelled', by: WORKFLOW, at: now } as const;
    const over = { ...unplaced, queue: ladder.queue, closed };
    if (!(await ports.tasks.keepClosed(over, expiresAt))) await ports.callOff(taskId);
    return answer('cancelled');
  }
  if (now >= dueAt) return answer('overdue');
  const relatives = step === 'relatives' ? await relativesFor(head, ports) : [];
  if (step === 'relatives' && relatives.length === 0) return answer('no-relatives');
  const task: Task = {
    ...unplaced,
    ...(await placeOf(head, attempt, ports, now)),
    ...(relatives.length > 0 && { contacts: relatives }),
  };
  const stands = await ports.tasks.offer(task, expiresAt);
  if (!stands) {
    // With the token of now: the one on the record is of an attempt of the workflow that is over.
    const closed = (await ports.tasks.read(taskId))?.closed;
    return answer(closed?.outcome ?? 'cancelled', closed?.by);
  }
  if (isOver(attemptOf(await ports.cases.read(caseId), taskId))) await ports.callOff(taskId);
  return { caseId, taskId, step, tier, queue: task.queue };
}
