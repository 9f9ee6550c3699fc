import { setTimeout as delay } from 'node:timers/promises';
import { type OfficersClient, RefusedError } from '../../lib/api/officers-client.ts';
import type { ProblemCode } from '../../lib/api/problem.ts';
import type { TaskView } from '../../lib/api/schemas.ts';
import type { TaskOutcome } from '../../lib/domain/task-outcome.ts';
import {
  type HandledTask,
  handlingOf,
  minutesUnseen,
} from '../../lib/simulation/officers/officer-habits.ts';
import { meet, type Standing } from '../../lib/simulation/officers/person-script.ts';

/** What the simulation knows of a case's person, and no officer does. */
export interface PersonOfCase {
  readonly name: string;
  readonly standing: Standing;
  /** Epoch ms. */
  readonly openedAt: number;
}

/** What an officer did with a task. */
export interface TaskNews {
  readonly officer: string;
  readonly task: TaskView;
  readonly what:
    | { readonly kind: 'claimed' }
    /** A colleague was faster. */
    | { readonly kind: 'lost' }
    /** The case went another way meanwhile. */
    | { readonly kind: 'called-off' }
    | { readonly kind: 'vanished' }
    | {
        readonly kind: 'reported';
        readonly outcome: TaskOutcome;
        readonly result: 'accepted' | 'late';
      };
}

/** Somebody who works on tasks. */
export interface WorkingOfficer {
  readonly name: string;
  readonly client: OfficersClient;
}

export interface OfficersAtWork {
  readonly officers: readonly WorkingOfficer[];
  readonly seed: number;
  /** Simulated minutes a real one. */
  readonly speed: number;
  readonly personOf: (caseId: string) => Promise<PersonOfCase | undefined>;
  readonly onNews?: (news: TaskNews) => void;
  readonly signal: AbortSignal;
  /** Epoch ms, and how to wait; the clock of this machine by default. */
  readonly now?: () => number;
  readonly pause?: (ms: number) => Promise<void>;
}

const MINUTE_MS = 60_000;
/** Between two looks at an empty queue. */
const POLL_MS = 500;
/** Heartbeats come so many times a lease … */
const HEARTBEATS_A_LEASE = 3;
const LEAST_HEARTBEAT_MS = 200;
/** … and a late report so many minutes after the due time. */
const LATE_MINUTES = 2;

/** What happens among people who share a queue, and for whom no case waits: nobody's fault. */
const NORMAL: ReadonlySet<ProblemCode> = new Set([
  'task-taken',
  'task-closed',
  'task-not-yours',
  'case-closed',
  'no-change',
  'not-found',
]);
/** Refused once, refused for ever: going on would only hide it. */
const LASTING: ReadonlySet<ProblemCode> = new Set([
  'bad-request',
  'unauthenticated',
  'not-allowed',
]);
/** Of what may be over in a moment, an officer puts up with so much in a row. */
const MOST_FAILURES = 20;

function codeOf(error: unknown): ProblemCode | undefined {
  return error instanceof RefusedError
    ? (error.problem.type.replace('urn:forewarn:problem:', '') as ProblemCode)
    : undefined;
}

function isNormal(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && NORMAL.has(code);
}

const NOTES: Partial<Record<TaskOutcome, string>> = {
  dissuaded: 'Understands now what the caller wanted, and has hung up.',
  refused: 'Does not believe that we are the police.',
  busy: 'On the line all the time.',
  'no-answer': 'Nobody there.',
  'money-lost': 'Has sent money already; the bank is to be told.',
  'wrong-person': 'Does not know the person.',
  'not-a-fraud': 'The caller is an acquaintance; nothing to worry about.',
};

const PURPOSES = { call: 'to warn the person', relatives: 'to ask a relative for help' } as const;

/**
 * Officers who work through the officers' API as people do: they look at their queue, take what has stood there a while,
 * keep it by heartbeats while they dial, drive and talk, look up the number that they need, and report. Some vanish,
 * some report twice or too late. Everybody works on one task at a time.
 *
 * @returns when the signal is aborted, and nobody is in the middle of a request any more
 * @throws what an officer met with: a refusal that will last, or one failure after the other
 */
export async function workOnTasks(work: OfficersAtWork): Promise<void> {
  // One officer's trouble ends the work of all: nobody would look at the others any more.
  const broken = new AbortController();
  const signal = AbortSignal.any([work.signal, broken.signal]);
  const dissuaded = new Set<string>();
  await Promise.all(
    work.officers.map(async (officer) => {
      try {
        await new OfficerAtWork(officer, { ...work, signal }, dissuaded).work();
      } catch (error) {
        broken.abort();
        throw error;
      }
    }),
  );
}

class OfficerAtWork {
  readonly #officer: WorkingOfficer;
  readonly #work: OfficersAtWork;
  readonly #now: () => number;
  readonly #pause: (ms: number) => Promise<void>;
  /** Cases whose person believes an officer, whoever it was: what people remember, all officers meet with. */
  readonly #dissuaded: Set<string>;
  /** Tasks that this officer will not take again. */
  readonly #left = new Set<string>();
  #keys = 0;

  constructor(officer: WorkingOfficer, work: OfficersAtWork, dissuaded: Set<string>) {
    this.#dissuaded = dissuaded;
    this.#officer = officer;
    this.#work = work;
    this.#now = work.now ?? Date.now;
    this.#pause =
      work.pause ?? ((ms) => delay(ms, undefined, { signal: work.signal }).catch(() => undefined));
  }

  async work(): Promise<void> {
    const { signal } = this.#work;
    let failures = 0;
    while (!signal.aborted) {
      try {
        const task = await this.#nextTask();
        if (task === undefined) await this.#pause(POLL_MS);
        else await this.#take(task);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        const code = codeOf(error);
        const isLasting = code !== undefined && LASTING.has(code);
        if (isLasting || ++failures > MOST_FAILURES) throw error;
        await this.#pause(POLL_MS);
      }
    }
  }

  /** The first task due that is free, to be done by now, and has stood there long enough to be seen. */
  async #nextTask(): Promise<TaskView | undefined> {
    const { signal } = this.#work;
    let next: string | undefined;
    do {
      const query = next === undefined ? {} : { next };
      const page = await this.#officer.client('listTasks', { query, signal });
      const now = this.#now();
      for (const task of page.tasks) {
        const isFree = task.claim === undefined || task.claim.until <= now;
        if (isFree && !this.#left.has(task.taskId) && (await this.#hasSeen(task, now))) return task;
      }
      next = page.next;
    } while (next !== undefined);
    return undefined;
  }

  async #hasSeen(task: TaskView, now: number): Promise<boolean> {
    if (task.assignedAt > now) return false;
    const person = await this.#work.personOf(task.caseId);
    if (person === undefined) return false;
    const unseen = minutesUnseen(this.#work.seed, handled(task, person));
    return now >= task.assignedAt + this.#realMs(unseen);
  }

  #realMs(minutes: number): number {
    return (minutes * MINUTE_MS) / this.#work.speed;
  }

  #tell(task: TaskView, what: TaskNews['what']): void {
    this.#work.onNews?.({ officer: this.#officer.name, task, what });
  }

  async #take(listed: TaskView): Promise<void> {
    const { personOf, seed, signal, speed } = this.#work;
    const { client, name } = this.#officer;
    const parameters = { taskId: listed.taskId };
    const person = await personOf(listed.caseId);
    if (person === undefined) return;
    let task: TaskView;
    try {
      task = await client('claimTask', { parameters, signal });
    } catch (error) {
      if (!isNormal(error)) throw error;
      this.#tell(listed, { kind: 'lost' });
      return;
    }
    this.#tell(task, { kind: 'claimed' });
    const habit = handlingOf(seed, name, handled(task, person));
    if (habit === 'vanishes') {
      this.#left.add(task.taskId);
      this.#tell(task, { kind: 'vanished' });
      return;
    }
    const elapsedMinutes = ((this.#now() - person.openedAt) * speed) / MINUTE_MS;
    const { minutes, outcome } = meet(
      seed,
      { name: person.name, kind: task.kind, standing: person.standing },
      {
        step: task.step,
        attempt: task.attempt,
        elapsedMinutes,
        wasDissuaded: this.#dissuaded.has(task.caseId),
      },
    );
    try {
      await this.#lookUpNumber(task);
      const doneAt = this.#now() + this.#realMs(minutes);
      const isLate = habit === 'reports-late';
      const reportsAt = isLate ? Math.max(doneAt, task.dueAt + this.#realMs(LATE_MINUTES)) : doneAt;
      // Who is late has lost sight of the time, and of what the list says of the task.
      await (isLate ? this.#until(reportsAt) : this.#keepUntil(task, reportsAt));
      if (signal.aborted) return;
      await this.#report(task, outcome, habit === 'reports-twice');
    } catch (error) {
      if (!isNormal(error)) throw error;
      this.#left.add(task.taskId);
      this.#tell(task, { kind: 'called-off' });
    }
  }

  /** Nobody needs a number to ring a doorbell. */
  async #lookUpNumber(task: TaskView): Promise<void> {
    const { signal } = this.#work;
    const { step, taskId } = task;
    if (step === 'visit') return;
    await this.#officer.client('revealNumber', {
      parameters: { taskId },
      body: { purpose: PURPOSES[step], ...(step === 'relatives' && { contact: 1 }) },
      signal,
    });
  }

  async #until(time: number): Promise<void> {
    const ms = time - this.#now();
    if (ms > 0) await this.#pause(ms);
  }

  /** Keeps a task until then. @throws {RefusedError} when it was called off, or its time passed */
  async #keepUntil(task: TaskView, time: number): Promise<void> {
    const { signal } = this.#work;
    const lease = (task.claim?.until ?? time) - this.#now();
    const beat = Math.max(LEAST_HEARTBEAT_MS, lease / HEARTBEATS_A_LEASE);
    for (let left = time - this.#now(); left > 0; left = time - this.#now()) {
      await this.#pause(Math.min(left, beat));
      if (signal.aborted) return;
      if (time - this.#now() > 0) {
        await this.#officer.client('keepTask', { parameters: { taskId: task.taskId }, signal });
      }
    }
  }

  async #report(task: TaskView, outcome: TaskOutcome, twice: boolean): Promise<void> {
    const { signal } = this.#work;
    if (outcome === 'dissuaded') this.#dissuaded.add(task.caseId);
    const notes = NOTES[outcome];
    const send = (key: string) =>
      this.#officer.client('reportTask', {
        parameters: { taskId: task.taskId },
        body: { outcome, ...(notes !== undefined && { notes }) },
        key,
        signal,
      });
    const key = `${task.taskId}-${this.#officer.name}-${++this.#keys}`;
    const { result } = await send(key);
    this.#tell(task, { kind: 'reported', outcome, result });
    this.#left.add(task.taskId);
    if (twice) await send(key);
  }
}

function handled({ attempt, step }: TaskView, { name }: PersonOfCase): HandledTask {
  return { name, step, attempt };
}
