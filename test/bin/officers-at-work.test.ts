import { describe, expect, it } from 'vitest';
import { storyOfCase } from '../../bin/replay/ladder-report.ts';
import { type TaskNews, workOnTasks } from '../../bin/replay/officers-at-work.ts';
import type { EndpointName } from '../../lib/api/endpoints.ts';
import { type OfficersClient, RefusedError } from '../../lib/api/officers-client.ts';
import { type ProblemCode, ProblemError, problemDetails } from '../../lib/api/problem.ts';
import type { TaskView } from '../../lib/api/schemas.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { openCase } from '../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../lib/domain/ladder/case-news.ts';
import type { CaseTier } from '../../lib/domain/ladder/ladder-policy.ts';
import { hastenLadder } from '../../lib/simulation/officers/hasten-ladder.ts';
import { SUBJECT } from '../domain/factories.ts';
import { officersOnStores } from '../support/officers-on-stores.ts';
import { VirtualTime } from '../support/virtual-time.ts';
import { WorkflowInMemory } from '../support/workflow-in-memory.ts';

const START = 1_795_000_000_000;
const SPEED = 90;
const LADDER = hastenLadder(loadDefaultPolicy().ladder, SPEED);
/** Longer than any way up the ladder without a watch. */
const MOST_MS = 20 * 60_000;
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);
const DESKS = ['desk-1', 'desk-2', 'desk-3'];

interface Call {
  readonly name: EndpointName;
  readonly refused: ProblemCode | undefined;
}

/** A case from its opening until it is closed or watched, worked on by three officers in virtual time. */
async function live(seed: number, tier: CaseTier) {
  const time = new VirtualTime(START);
  const trouble = { losesAnswer: () => false, losesToken: () => false };
  const workflow = new WorkflowInMemory(time, trouble, seed % 4 !== 0);
  const { changed, events } = openCase(
    {
      caseId: 'case',
      subject: SUBJECT,
      kind: 'loan',
      tier,
      district: '',
      openedBy: 'policy',
      policyVersion: 1,
      ladder: LADDER,
      utcOffsetMinutes: 480,
      reasons: [],
      heard: nothingHeard(tier),
    },
    START,
  );
  for (const event of events) await workflow.cases.create(changed, event);
  const calls: Call[] = [];
  const news: TaskNews[] = [];
  const clientOf = officersOnStores({
    cases: workflow.cases,
    tasks: workflow.tasks,
    stepFunctions: workflow.client,
    now: () => time.now,
    onCall: (_, name, refused) => calls.push({ name, refused }),
  });
  const stop = new AbortController();
  const person = { name: `person ${seed}`, standing: 'deceived', openedAt: START } as const;
  const working = workOnTasks({
    officers: DESKS.map((name) => ({
      name,
      client: clientOf({ name, groups: ['call-desk'], districts: [] }),
    })),
    seed,
    speed: SPEED,
    personOf: async () => person,
    onNews: (one) => news.push(one),
    signal: stop.signal,
    now: () => time.now,
    pause: (ms) => new Promise((resolve) => time.at(time.now + ms, resolve)),
  });
  void workflow.run('case');
  let isOver = false;
  const look = async () => {
    const head = await workflow.cases.read('case');
    isOver = head?.state !== 'open';
    if (!isOver) time.at(time.now + 1_000, () => void look());
  };
  void look();
  await time.run(() => isOver || time.now > START + MOST_MS);
  stop.abort();
  let ended = false;
  void working.then(() => {
    ended = true;
  });
  await time.run(() => ended);
  const head = await workflow.cases.read('case');
  const { events: timeline } = await workflow.cases.timeline('case');
  if (head === undefined) throw new Error('there is no such case');
  const recorded = { head, events: timeline };
  const story = storyOfCase(recorded, SPEED, time.now, { seed, person });
  return { calls, ended, head, news, story, timeline };
}

const tierOf = (seed: number): CaseTier =>
  (['medium', 'high', 'urgent'] as const)[seed % 3] ?? 'high';
let lives: Promise<Awaited<ReturnType<typeof live>>[]> | undefined;
const allLives = () => {
  lives ??= Promise.all(SEEDS.map((seed) => live(seed, tierOf(seed))));
  return lives;
};

describe('officers at work', () => {
  it('bring every case to an end, and stop when they are told to', async () => {
    for (const { ended, head } of await allLives()) {
      expect(head.state).not.toBe('open');
      expect(ended).toBe(true);
    }
  });

  it('do all that goes wrong in life, too', async () => {
    const all = await allLives();
    const calls = all.flatMap((one) => one.calls);
    const news = all.flatMap((one) => one.news.map(({ what }) => what));
    expect(new Set(news.map(({ kind }) => kind))).toEqual(
      new Set(['claimed', 'reported', 'vanished', 'called-off']),
    );
    const reported = news.flatMap((what) => (what.kind === 'reported' ? [what] : []));
    expect(new Set(reported.map(({ result }) => result))).toEqual(new Set(['accepted', 'late']));
    const outcomes = new Set(reported.map(({ outcome }) => outcome));
    for (const outcome of ['dissuaded', 'refused', 'busy', 'no-answer', 'money-lost'] as const) {
      expect(outcomes).toContain(outcome);
    }
    const done = calls.filter(
      ({ name, refused }) => name === 'reportTask' && refused === undefined,
    );
    expect(done.length).toBeGreaterThan(reported.length);
  });

  it('look up a number only for a task of theirs, and none for a visit', async () => {
    for (const { calls, timeline } of await allLives()) {
      const looks = calls.filter(({ name }) => name === 'revealNumber');
      expect(looks.filter(({ refused }) => refused === 'task-not-yours')).toEqual([]);
      const revealed = timeline.filter(({ kind }) => kind === 'revealed');
      expect(revealed.filter(({ step }) => step === 'visit')).toEqual([]);
    }
  });

  it('leave the same story behind when the same seed is lived through again', async () => {
    const [first] = await allLives();
    expect(await live(0, tierOf(0))).toMatchObject({ story: first?.story });
  });

  it('go on to the next task when a colleague was faster', async () => {
    const stop = new AbortController();
    const listed: TaskView = {
      taskId: 'case-1',
      caseId: 'case',
      step: 'call',
      attempt: 1,
      tier: 'high',
      kind: 'loan',
      queue: 'call-desk',
      district: '',
      assignedAt: START - MOST_MS,
      dueAt: START + MOST_MS,
      subject: '+86*******0000',
    };
    const claims: string[] = [];
    const client = (async (name: EndpointName) => {
      if (name === 'listTasks') return { tasks: [listed] };
      if (claims.push(name) === 2) stop.abort();
      throw new RefusedError(problemDetails(new ProblemError('task-taken', 'taken')));
    }) as OfficersClient;
    const kinds: string[] = [];
    await workOnTasks({
      officers: [{ name: 'desk-1', client }],
      seed: 1,
      speed: SPEED,
      personOf: async () => ({ name: 'a', standing: 'deceived', openedAt: START }),
      onNews: ({ what }) => kinds.push(what.kind),
      signal: stop.signal,
      now: () => START,
      pause: async () => undefined,
    });
    expect(claims).toEqual(['claimTask', 'claimTask']);
    expect(kinds).toEqual(['lost', 'lost']);
  });

  it.each([
    ['not-allowed', 1],
    ['internal', 21],
  ] as const)('give up when the API goes on refusing them: %s', async (code, tries) => {
    let calls = 0;
    const client: OfficersClient = async () => {
      calls++;
      throw new RefusedError(problemDetails(new ProblemError(code, 'no')));
    };
    const working = workOnTasks({
      officers: [{ name: 'desk-1', client }],
      seed: 1,
      speed: 1,
      personOf: async () => undefined,
      signal: new AbortController().signal,
      pause: async () => undefined,
    });
    await expect(working).rejects.toThrow(RefusedError);
    expect(calls).toBe(tries);
  });
});
