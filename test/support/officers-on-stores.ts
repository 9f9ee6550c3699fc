import type { SFNClient } from '@aws-sdk/client-sfn';
import type { CaseStore } from '../../functions/adapters/cases-table.ts';
import { reportOutcome } from '../../functions/adapters/report-outcome.ts';
import type { Task, TaskStore } from '../../functions/adapters/tasks-table.ts';
import { mayWorkOn, stationQueueOf } from '../../lib/api/access.ts';
import type { Answers, EndpointName } from '../../lib/api/endpoints.ts';
import type { Officer } from '../../lib/api/officer.ts';
import {
  type CallParts,
  type OfficersClient,
  RefusedError,
} from '../../lib/api/officers-client.ts';
import { type ProblemCode, ProblemError, problemDetails } from '../../lib/api/problem.ts';
import type { TaskView } from '../../lib/api/schemas.ts';
import type { EventKind } from '../../lib/domain/ladder/timeline-event.ts';

/** What a client works on. */
export interface OfficersStores {
  readonly tasks: TaskStore;
  readonly cases: CaseStore;
  readonly stepFunctions: Pick<SFNClient, 'send'>;
  /** Epoch ms. */
  readonly now: () => number;
  /** Told of every call, and of what it was refused for. */
  readonly onCall?: (officer: string, name: EndpointName, refused?: ProblemCode) => void;
}

const MINUTE_MS = 60_000;

/** The part of the officers' API that officers at work call, straight on the stores. */
export function officersOnStores(stores: OfficersStores): (officer: Officer) => OfficersClient {
  return (officer) =>
    (async (name: EndpointName, parts: CallParts<EndpointName> = {}) => {
      try {
        const answer = await answerCall(stores, officer, name, parts);
        stores.onCall?.(officer.name, name);
        return answer;
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        stores.onCall?.(officer.name, name, error.code);
        throw new RefusedError(problemDetails(error));
      }
    }) as OfficersClient;
}

async function answerCall(
  stores: OfficersStores,
  officer: Officer,
  name: EndpointName,
  parts: CallParts<EndpointName>,
): Promise<Answers[EndpointName]> {
  const { now, tasks } = stores;
  if (name === 'listTasks') {
    const queue = stationQueueOf(officer) ?? 'call-desk';
    const { tasks: open } = await tasks.openIn(queue, now());
    return { tasks: open.map((task) => viewOf(task, officer)) };
  }
  const { taskId = '' } = (parts.parameters ?? {}) as { readonly taskId?: string };
  const task = await tasks.read(taskId);
  if (task === undefined || !mayWorkOn(officer, task, now())) throw refusal('not-found');
  switch (name) {
    case 'claimTask':
      return claim(stores, officer, task);
    case 'keepTask':
      return keep(stores, officer, task);
    case 'revealNumber':
      return reveal(stores, officer, task);
    case 'reportTask':
      return report(stores, officer, task, parts as CallParts<'reportTask'>);
    default:
      throw refusal('bad-request');
  }
}

function refusal(code: ProblemCode): ProblemError {
  return new ProblemError(code, code);
}

function viewOf(task: Task, { name }: Officer): TaskView {
  const { claim: held, closed, contacts, subject: _subject, taskToken: _token, ...rest } = task;
  const { backupFrom: _from, ...shown } = rest;
  return {
    ...shown,
    subject: '+86*******0000',
    ...(contacts !== undefined && { contacts: contacts.map(() => '+86*******1111') }),
    ...(held !== undefined && {
      claim: { by: held.by, until: held.until, mine: held.by === name },
    }),
    ...(closed !== undefined && {
      closed: { outcome: closed.outcome, by: closed.by, at: closed.at },
    }),
  };
}

async function read({ tasks }: OfficersStores, officer: Officer, taskId: string) {
  const task = await tasks.read(taskId);
  if (task === undefined) throw refusal('not-found');
  return viewOf(task, officer);
}

async function leaseMs({ cases }: OfficersStores, caseId: string): Promise<number> {
  return ((await cases.read(caseId))?.ladder.leaseMinutes ?? 0) * MINUTE_MS;
}

async function say(
  { cases, now }: OfficersStores,
  { caseId, step, taskId }: Task,
  kind: EventKind,
  by: string,
) {
  const at = now();
  const id = `${taskId}-${kind}-${by}-${at}`;
  await cases.append(caseId, [{ id, at, kind, by, step, taskId, details: {} }]);
}

async function claim(stores: OfficersStores, officer: Officer, task: Task): Promise<TaskView> {
  const now = stores.now();
  const until = now + (await leaseMs(stores, task.caseId));
  const result = await stores.tasks.claim(task.taskId, officer.name, now, until);
  if (result === 'taken') throw refusal('task-taken');
  if (result !== 'claimed') throw refusal('task-closed');
  await say(stores, task, 'task-claimed', officer.name);
  return read(stores, officer, task.taskId);
}

async function keep(stores: OfficersStores, officer: Officer, task: Task): Promise<TaskView> {
  const now = stores.now();
  const until = now + (await leaseMs(stores, task.caseId));
  if (!(await stores.tasks.heartbeat(task.taskId, officer.name, now, until))) {
    throw refusal(task.closed === undefined ? 'task-not-yours' : 'task-closed');
  }
  return read(stores, officer, task.taskId);
}

async function reveal(stores: OfficersStores, officer: Officer, task: Task) {
  if (task.closed !== undefined) throw refusal('task-closed');
  if (task.claim?.by !== officer.name) throw refusal('task-not-yours');
  await say(stores, task, 'revealed', officer.name);
  return { number: '+8613800000000', auditEntry: 1 };
}

async function report(
  stores: OfficersStores,
  officer: Officer,
  task: Task,
  { body, key = '' }: CallParts<'reportTask'>,
) {
  if (task.claim?.by !== officer.name) throw refusal('task-not-yours');
  const result = await reportOutcome(stores, stores.stepFunctions, task.taskId, {
    outcome: body?.outcome ?? 'refused',
    by: officer.name,
    idempotencyKey: key,
    now: stores.now(),
    ...(body?.notes !== undefined && { notes: body.notes }),
  });
  if (result !== 'accepted' && result !== 'late') throw refusal('task-closed');
  return { result, message: result, task: await read(stores, officer, task.taskId) };
}
