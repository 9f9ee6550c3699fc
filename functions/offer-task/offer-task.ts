import type { DissuasionCase } from '../../lib/domain/ladder/dissuasion-case.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { CaseStore } from '../adapters/cases-table.ts';
import type { OpenTask } from '../adapters/tasks-table.ts';

/** What the workflow hands over for a task that a person answers. */
export interface TaskOffer {
  readonly taskToken: string;
  readonly caseId: string;
  readonly taskId: string;
}

export interface OfferTaskPorts {
  readonly cases: CaseStore;
  /** @returns false when the task has been closed already */
  readonly putTask: (task: OpenTask) => Promise<boolean>;
  /** Answers the workflow in the place of a person. */
  readonly answer: (taskToken: string, outcome: 'cancelled' | 'no-relatives') => Promise<unknown>;
  /** Whether the contacts register knows relatives of the person. */
  readonly hasRelatives: (subject: NumberToken) => Promise<boolean>;
}

function isOver({ attempts }: DissuasionCase, taskId: string): boolean {
  const attempt = attempts.find((one) => one.taskId === taskId);
  // An attempt of a former round is not listed any more.
  return attempt === undefined || attempt.ended !== undefined;
}

/**
 * Puts a task on its queue. One that was called off meanwhile is answered at once: it is looked up before and after
 * it is put, so that whoever calls it off either finds it on the queue or is seen here.
 *
 * @returns whether it stands on a queue now
 */
export async function offerTask(offer: TaskOffer, ports: OfferTaskPorts): Promise<boolean> {
  const { caseId, taskId, taskToken } = offer;
  const stored = await ports.cases.read(caseId);
  const attempt = stored?.current.attempts.find((one) => one.taskId === taskId);
  if (stored === undefined || attempt === undefined || attempt.ended !== undefined) {
    await ports.answer(taskToken, 'cancelled');
    return false;
  }
  const { ladder, subject, tier } = stored.current;
  const { dueAt, offerAt, step } = attempt;
  if (step === 'relatives' && !(await ports.hasRelatives(subject))) {
    await ports.answer(taskToken, 'no-relatives');
    return false;
  }
  const queue = ladder.queues[step];
  const isNew = await ports.putTask({
    taskId,
    queue,
    caseId,
    subject,
    step,
    tier,
    assignedAt: offerAt,
    dueAt,
    taskToken,
  });
  const after = await ports.cases.read(caseId);
  if (after !== undefined && isOver(after.current, taskId)) {
    await ports.answer(taskToken, 'cancelled');
  }
  return isNew;
}
