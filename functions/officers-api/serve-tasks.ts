import { stationQueueOf } from '../../lib/api/access.ts';
import type { Officer } from '../../lib/api/officer.ts';
import { ProblemError } from '../../lib/api/problem.ts';
import type { TaskView } from '../../lib/api/schemas.ts';
import type { CaseHead } from '../../lib/domain/ladder/case-head.ts';
import { lapseOf } from '../../lib/domain/ladder/task-lease.ts';
import type { EventKind, TimelineEvent } from '../../lib/domain/ladder/timeline-event.ts';
import { maskNumbersIn } from '../../lib/domain/mask-numbers.ts';
import { isStationQueue, queueOfStation } from '../../lib/domain/registers/station-hours.ts';
import { createBriefMemory } from '../adapters/brief-memory.ts';
import type { Servers } from '../adapters/http-api/answer-request.ts';
import { reportOutcome } from '../adapters/report-outcome.ts';
import { requireHeld, taskFor } from '../adapters/seen-by-officer.ts';
import type { Task, TaskPage } from '../adapters/tasks-table.ts';
import type { OfficersPorts } from './officers-ports.ts';
import { numbersOfTask, taskView } from './views.ts';

const MINUTE_MS = 60_000;
const DEFAULT_PAGE = 50;
/** How long a list of open tasks is good: those who look on see a change so much later at the most. */
const LIST_GOOD_MS = 500;
/** Pages of the table that one page of the API looks through for what its filters leave. */
const MOST_PAGES = 5;

type TaskEndpoints =
  | 'listTasks'
  | 'readTask'
  | 'claimTask'
  | 'keepTask'
  | 'releaseTask'
  | 'reportTask'
  | 'handOverTask';

const ofTask = (
  task: Task,
  kind: EventKind,
  officer: Officer,
  key: string,
  at: number,
  details: TimelineEvent['details'] = {},
): TimelineEvent => ({
  id: `${task.taskId}-${kind}-${key}`,
  at,
  kind,
  by: officer.name,
  step: task.step,
  taskId: task.taskId,
  details,
});

/** What officers do with tasks. */
export function taskServers(ports: OfficersPorts): Servers<TaskEndpoints> {
  const { cases, mask, policy, tasks, taskTaken } = ports;

  const lists = createBriefMemory<TaskPage>(LIST_GOOD_MS);

  async function view(
    task: Task,
    officer: Officer,
    now: number,
    head?: CaseHead,
  ): Promise<TaskView> {
    const known = head ?? (await cases.read(task.caseId));
    const masks = await mask(numbersOfTask(task, known));
    const station = await stationOf(task.queue);
    return {
      ...taskView(task, officer.name, now, masks, known),
      ...(station && { station: { name: station.name, dutyOfficer: station.dutyOfficer } }),
    };
  }

  /** The police station that works a queue, by the register. */
  const stationOf = async (queue: string) =>
    isStationQueue(queue)
      ? ports.registers.station(queue.slice(queueOfStation('').length))
      : undefined;

  /** Until when a claim made now holds without a heartbeat, and the case that says so. */
  async function leaseOf({ caseId }: Task, now: number) {
    const head = await cases.read(caseId);
    const { leaseMinutes } = head?.ladder ?? (await policy()).ladder;
    return { head, until: now + leaseMinutes * MINUTE_MS };
  }

  /** @throws {ProblemError} for a queue that is not the officer's to look at */
  async function queueFor(officer: Officer, asked: string | undefined): Promise<string> {
    const own = stationQueueOf(officer) ?? (await policy()).ladder.queue;
    const queue = asked ?? own;
    const isCentres = officer.groups.includes('call-desk') && !isStationQueue(queue);
    if (officer.groups.includes('supervisor') || isCentres || queue === own) return queue;
    throw new ProblemError('not-allowed', `Your queue is ${own}.`);
  }

  /** @throws {ProblemError} for a queue that nobody works */
  async function requireQueue(queue: string): Promise<void> {
    if (queue === (await policy()).ladder.queue) return;
    if ((await stationOf(queue)) !== undefined) return;
    throw new ProblemError('bad-request', 'Nobody works that queue.', [
      'queue: the centre’s own, or station-<id> of a station in the register',
    ]);
  }

  const notYours = () =>
    new ProblemError('task-not-yours', 'Your claim has run out, or never was.');

  return {
    async listTasks({ now, officer, query }) {
      const { mine, next, step, tier } = query;
      const limit = Number(query.limit ?? DEFAULT_PAGE);
      const queue = await queueFor(officer, query.queue);
      const wanted = (task: Task) =>
        (tier === undefined || task.tier === tier) &&
        (step === undefined || task.step === step) &&
        (mine !== 'true' || task.claim?.by === officer.name);
      const found: Task[] = [];
      let after = next;
      for (let pages = 0; pages < MOST_PAGES && found.length < limit; pages++) {
        const part = { limit: limit - found.length, ...(after !== undefined && { next: after }) };
        const page = await lists.recall(JSON.stringify([queue, part]), now, () =>
          tasks.openIn(queue, now, part),
        );
        found.push(...page.tasks.filter(wanted));
        after = page.next;
        if (after === undefined) break;
      }
      const masks = await mask(found.flatMap((task) => numbersOfTask(task)));
      return {
        tasks: found.map((task) => taskView(task, officer.name, now, masks)),
        ...(after !== undefined && { next: after }),
      };
    },

    async readTask({ now, officer, parameters }) {
      return view(await taskFor(tasks, parameters.taskId, officer, now), officer, now);
    },

    async claimTask({ key, now, officer, parameters: { taskId } }) {
      const task = await taskFor(tasks, taskId, officer, now);
      const { head, until } = await leaseOf(task, now);
      const result = await tasks.claim(taskId, officer.name, now, until);
      if (result === 'taken') {
        const { claim } = (await tasks.read(taskId)) ?? {};
        const who = claim === undefined ? 'Somebody' : claim.by;
        throw new ProblemError('task-taken', `${who} works on it.`);
      }
      if (result !== 'claimed') throw new ProblemError('task-closed', 'The case has gone on.');
      if (task.claim === undefined) taskTaken(Math.max(0, now - task.assignedAt));
      const lapse = lapseOf(task, now);
      await cases.append(task.caseId, [
        ...(lapse === undefined ? [] : [lapse]),
        ofTask(task, 'task-claimed', officer, key, now),
      ]);
      lists.clear();
      return view({ ...task, claim: { by: officer.name, at: now, until } }, officer, now, head);
    },

    async keepTask({ now, officer, parameters: { taskId } }) {
      const task = await taskFor(tasks, taskId, officer, now);
      const { head, until } = await leaseOf(task, now);
      if (!(await tasks.heartbeat(taskId, officer.name, now, until))) {
        requireHeld(task, officer, now);
        throw notYours();
      }
      const at = task.claim?.at ?? now;
      return view({ ...task, claim: { by: officer.name, at, until } }, officer, now, head);
    },

    async releaseTask({ key, now, officer, parameters: { taskId } }) {
      const task = await taskFor(tasks, taskId, officer, now);
      if (!(await tasks.release(taskId, officer.name))) {
        requireHeld(task, officer, now);
        throw notYours();
      }
      await cases.append(task.caseId, [ofTask(task, 'task-released', officer, key, now)]);
      lists.clear();
      const { claim: _claim, ...released } = task;
      return view(released, officer, now);
    },

    async reportTask({ body, key, now, officer, parameters: { taskId } }) {
      const task = await taskFor(tasks, taskId, officer, now);
      // A claim that ran out still shows whose work it was, as long as nobody else has taken the task.
      if (task.claim?.by !== officer.name) {
        throw new ProblemError('task-not-yours', 'Claim the task before you report on it.');
      }
      const notes = body.notes === undefined ? undefined : maskNumbersIn(body.notes);
      const result = await reportOutcome(ports, ports.stepFunctions, taskId, {
        outcome: body.outcome,
        by: officer.name,
        idempotencyKey: key,
        now,
        ...(notes !== undefined && { notes }),
      });
      if (result === 'missing') throw new ProblemError('not-found', 'There is no such task.');
      if (result === 'closed') {
        throw new ProblemError('task-closed', 'It was reported on before, and that counts.');
      }
      if (notes !== undefined) {
        await cases.append(task.caseId, [ofTask(task, 'note', officer, key, now, { notes })]);
      }
      lists.clear();
      const after = await view((await tasks.read(taskId)) ?? task, officer, now);
      const message =
        result === 'accepted'
          ? 'Thank you. The case goes on from here.'
          : `Your word is kept on the timeline. The case had gone on without it: ${after.closed?.outcome}.`;
      return { result, message, task: after };
    },

    async handOverTask({ body, key, now, officer, parameters: { taskId } }) {
      const task = await taskFor(tasks, taskId, officer, now);
      requireHeld(task, officer, now);
      await requireQueue(body.queue);
      if (!(await tasks.handOver(taskId, officer.name, body.queue))) throw notYours();
      const details = { from: task.queue, to: body.queue, reason: maskNumbersIn(body.reason) };
      await cases.append(task.caseId, [ofTask(task, 'handed-over', officer, key, now, details)]);
      lists.clear();
      return view((await tasks.read(taskId)) ?? task, officer, now);
    },
  };
}
