import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { LOCAL_STACK } from '../../bin/replay/local-stack.ts';
import { createCasesTable } from '../../functions/adapters/cases-table.ts';
import {
  answerTask,
  callOffTask,
  NEWS as LOOK,
  reportOutcome,
} from '../../functions/adapters/report-outcome.ts';
import { startCase } from '../../functions/adapters/start-case.ts';
import { createTasksTable } from '../../functions/adapters/tasks-table.ts';
import { tellCase } from '../../functions/adapters/tell-case.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import {
  type CaseHead,
  type CaseOpening,
  openAttempts,
  openCase,
} from '../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../lib/domain/ladder/case-news.ts';
import {
  CASE_TIERS,
  type CaseTier,
  type LadderPolicy,
  STEPS,
} from '../../lib/domain/ladder/ladder-policy.ts';
import { longestCaseMs } from '../../lib/domain/ladder/longest-case.ts';
import { TASK_OUTCOMES, type TaskOutcome } from '../../lib/domain/task-outcome.ts';
import { readAssembly } from '../../lib/local/template/read-assembly.ts';
import { SUBJECT, tokenOf } from '../domain/factories.ts';
import { BY_ITSELF, type CoveringWalk, coveringWalks, placeOf } from '../support/ladder-cover.ts';
import { type News, progressAfter } from '../support/ladder-paths.ts';
import {
  type Dials,
  type Expected,
  type ExpectedTask,
  expectedAfter,
  expectedAtFirst,
  expectedWhenBegun,
} from '../support/ladder-table.ts';
import {
  edgesOfDefinition,
  edgesOfHistory,
  type TransitionStates,
} from '../support/workflow-edges.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

const SECOND = 1 / 60;
const MINUTE_MS = 60_000;
const { ladder: SHIPPED } = loadDefaultPolicy();

/** Few dials, and seconds for minutes and hours. */
const QUICK: LadderPolicy = {
  ...SHIPPED,
  dueMinutes: dueMinutes(() => SECOND),
  redial: { busyMinutes: SECOND / 2, noAnswerMinutes: [SECOND / 2], mostDials: 2 },
  watchHours: 1 / 3600,
  mostReopenings: 0,
};
/** Step Functions counts whole seconds and waits before it tries again, and a machine may be busy. */
const SLACK_MS = 40_000;
/** The longest time of a case whose due times are all short; whoever answers here answers sooner than that. */
const LATEST_MS = longestCaseMs(QUICK) + SLACK_MS;
const DEADLINE_MS = 110_000;
/** Walks under way at a time: more would only wait for each other. */
const SIDE_BY_SIDE = 8;

function dueMinutes(of: (place: string) => number): LadderPolicy['dueMinutes'] {
  const [medium, high, urgent] = CASE_TIERS.map((tier) => {
    const [call, relatives, visit] = STEPS.map((step) => of(`${tier} ${step} overdue`));
    return { call: call ?? 0, relatives: relatives ?? 0, visit: visit ?? 0 };
  });
  if (!medium || !high || !urgent) throw new Error('a tier is missing');
  return { medium, high, urgent };
}

let pipeline: LocalPipeline;
let stepFunctions: SFNClient;
let dynamo: DynamoDBClient;

const output = (name: string) => pipeline.cloud.outputs[name] ?? '';
const tasks = () => createTasksTable(dynamo, output('TasksTableName'));
const cases = () => createCasesTable(dynamo, output('CasesTableName'), 86_400);
const until = <Result>(check: () => Promise<Result>, interval = 200) =>
  vi.waitFor(check, { timeout: DEADLINE_MS, interval });

async function read(caseId: string): Promise<CaseHead> {
  const head = await cases().read(caseId);
  if (head === undefined) throw new Error(`there is no case ${caseId}`);
  return head;
}

function openingOf(caseId: string, tier: CaseTier, ladder: LadderPolicy): CaseOpening {
  return {
    caseId,
    subject: SUBJECT,
    kind: 'loan',
    tier,
    district: '',
    openedBy: 'policy',
    policyVersion: 5,
    ladder,
    utcOffsetMinutes: 480,
    reasons: [],
    heard: nothingHeard(tier),
  };
}

/** Opens a case whose workflow has not begun. */
async function create(opening: CaseOpening, knowsRelatives: boolean): Promise<void> {
  const now = Date.now();
  const { changed, events } = openCase(opening, now);
  const son = { contact: tokenOf(3_000), relation: 'son', at: now };
  for (const event of events) {
    await cases().create({ ...changed, ...(knowsRelatives && { contacts: [son] }) }, event);
  }
}

const start = (opening: CaseOpening) =>
  startCase(opening, cases(), stepFunctions, output('DissuasionStateMachineArn'), Date.now());

async function begin(opening: CaseOpening, knowsRelatives = true): Promise<void> {
  await create(opening, knowsRelatives);
  expect(await start(opening)).toBe(false);
}

/** A workflow that failed says why. */
async function statusOf(caseId: string): Promise<string | undefined> {
  const executionArn = output('DissuasionStateMachineArn')
    .replace(':stateMachine:', ':execution:')
    .concat(`:${caseId}`);
  const { cause, error, status } = await stepFunctions.send(
    new DescribeExecutionCommand({ executionArn }),
  );
  return error === undefined ? status : `${status}: ${error}: ${cause}`;
}

/** Reports as an officer's page does: once more when it did not work. @returns false while there is no such task */
async function report(taskId: string, outcome: TaskOutcome): Promise<boolean> {
  const told = { outcome, by: 'ada', idempotencyKey: taskId, now: Date.now() };
  const stores = { cases: cases(), tasks: tasks() };
  const say = () => reportOutcome(stores, stepFunctions, taskId, told);
  const result = await say().catch(say);
  if (result === 'missing') return false;
  expect([taskId, result]).toEqual([taskId, 'accepted']);
  return true;
}

async function tell(caseId: string, news: News, now: number) {
  const head = await read(caseId);
  await tellCase(
    caseId,
    progressAfter(head, news, now),
    {
      cases: cases(),
      callOff: (taskId) => callOffTask(tasks(), stepFunctions, taskId, now),
      tellNews: (token) => answerTask(stepFunctions, token, LOOK),
    },
    now,
  );
}

/** Waits until a case is closed, and its workflow has ended well. */
async function ended(caseId: string): Promise<CaseHead> {
  await until(async () => expect(await statusOf(caseId)).not.toBe('RUNNING'));
  expect(await statusOf(caseId)).toBe('SUCCEEDED');
  return read(caseId);
}

const isReportable = (outcome: string): outcome is TaskOutcome =>
  TASK_OUTCOMES.some((known) => known === outcome);

/** What an officer has to say next by a walk's script; what comes by itself is waited for. */
function nextReport({ climb }: CaseHead, { ends }: CoveringWalk) {
  const seen = new Map<string, number>();
  for (const { outcome, step } of ends) {
    const nth = seen.get(step) ?? 0;
    seen.set(step, nth + 1);
    const attempt = climb.filter((one) => one.step === step)[nth];
    if (attempt?.ended !== undefined || outcome === 'cancelled') continue;
    if (attempt === undefined || BY_ITSELF.has(outcome) || !isReportable(outcome)) return undefined;
    return { taskId: attempt.taskId, outcome };
  }
  return undefined;
}

const wordsOf = (ends: readonly { step: string; outcome: string | undefined }[]) =>
  ends.map(({ outcome, step }) => `${step} ${outcome}`).sort();

async function expectToldInFull(caseId: string): Promise<void> {
  const { events } = await cases().timeline(caseId);
  const kinds = events.map(({ kind }) => kind);
  expect([kinds[0], kinds.at(-1)]).toEqual(['opened', 'closed']);
  const ends = kinds.filter((kind) => /^task-(ended|overdue|cancelled)$/.test(kind));
  expect(ends).toHaveLength(kinds.filter((kind) => kind === 'task-offered').length);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  const times = events.map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  const open = (await tasks().ofCase(caseId)).filter(({ closed }) => closed === undefined);
  expect(open).toEqual([]);
}

const { places, walks } = coveringWalks({
  ...SHIPPED,
  mostReopenings: 0,
  redial: { ...SHIPPED.redial, mostDials: 2, noAnswerMinutes: [5] },
});

/** Walks a path of the enumeration, as its people would. */
async function follow(caseId: string, walk: CoveringWalk): Promise<void> {
  const reached = new Set(walk.ends.map(placeOf));
  const ladder = {
    ...QUICK,
    dueMinutes: dueMinutes((place) => (reached.has(place) ? SECOND : 10)),
  };
  const knowsRelatives = !walk.ends.some(({ outcome }) => outcome === 'no-relatives');
  const opening = openingOf(caseId, walk.tier, ladder);
  await begin(opening, knowsRelatives);
  const reported = new Set<string>();
  await until(async () => {
    const head = await read(caseId);
    const next = nextReport(head, walk);
    if (next !== undefined && !reported.has(next.taskId)) {
      if (await report(next.taskId, next.outcome)) reported.add(next.taskId);
      // The event that started it comes a second time.
      if (reported.size === 1) expect(await start(opening)).toBe(false);
    }
    expect(head.state).toBe('closed');
  });
  const head = await ended(caseId);
  expect(head.outcome).toBe(walk.last.head.outcome);
  expect(head.paymentStopAt !== undefined).toBe(walk.last.head.paymentStopAt !== undefined);
  expect(
    wordsOf(head.climb.map(({ ended: end, step }) => ({ step, outcome: end?.outcome }))),
  ).toEqual(wordsOf(walk.ends));
  expect((head.closedAt ?? Number.NaN) - head.openedAt).toBeLessThan(LATEST_MS);
  expect(await start(opening)).toBe(false);
  await expectToldInFull(caseId);
}

const TOLD = ['raised to urgent', 'exposure', 'line free', 'undeliverable'] as const;
/** What a case does when it hears of something, and what was reported of its first call until then. */
const STATES: readonly (readonly [state: string, tier: CaseTier, call?: TaskOutcome])[] = [
  ['open, before its workflow looks at it', 'medium'],
  ['open, while a step waits', 'medium'],
  ['open, while a dial waits', 'high', 'no-answer'],
  ['open, while a dial waits beside other steps', 'high', 'busy'],
  ['watching', 'medium', 'dissuaded'],
  ['closed', 'medium', 'not-a-fraud'],
];
const [FIRST] = STATES[0] ?? [];
/** Enough to be told something in. */
const WATCHED: LadderPolicy = { ...SHIPPED, watchHours: 12 / 3600 };

/** As much of a case as is compared with the table. */
type Seen = Pick<Expected, 'state' | 'tier' | 'reopened' | 'banksTold'> & {
  readonly open: readonly Omit<ExpectedTask, 'due'>[];
};

function seen(head: CaseHead): Seen {
  const { paymentStopAt, reopened, state, tier } = head;
  const open = openAttempts(head).map(({ calledOff, offerAt, step }) => ({
    step,
    from: offerAt,
    calledOff: calledOff === true,
  }));
  return { state, tier, reopened, banksTold: paymentStopAt !== undefined, open };
}

/** @param now epoch ms: a task that is to be done a minute later or more is one that waits */
function inWords({ banksTold, open, reopened, state, tier }: Seen, now: number): string {
  const steps = open.map(({ calledOff, from, step }) =>
    [step, ...(calledOff ? ['off'] : []), ...(from > now + MINUTE_MS ? ['later'] : [])].join(' '),
  );
  return `${state} ${tier} ${reopened} ${banksTold}: ${steps.sort().join(', ')}`;
}

/** What a case comes to when those have been told whose tasks are called off. */
function whenSettled(expected: Expected, at: number, dials: Dials): Expected {
  const off = expected.open.find(({ calledOff }) => calledOff);
  if (off === undefined) return expected;
  const turn = { kind: 'end', attempt: off, outcome: 'cancelled', at } as const;
  return whenSettled(expectedAfter(expected, turn, dials), at, dials);
}

async function hear(caseId: string, state: (typeof STATES)[number], news: News): Promise<void> {
  const [name, tier, outcome] = state;
  const { mostReopenings, redial } = SHIPPED;
  const dials: Dials = { ...redial, mostReopenings };
  const opening = openingOf(caseId, tier, WATCHED);
  const comesTo = (expected: Expected, now: number) =>
    until(async () => expect(inWords(seen(await read(caseId)), now)).toBe(inWords(expected, now)));

  let expected = expectedAtFirst(tier);
  await create(opening, true);
  if (name !== FIRST) {
    await start(opening);
    expected = expectedWhenBegun(tier, Date.now(), dials);
    await comesTo(expected, Date.now());
  }
  if (outcome !== undefined) {
    const [call] = openAttempts(await read(caseId));
    await until(async () => expect(await report(call?.taskId ?? '', outcome)).toBe(true));
    const turn = { kind: 'end', attempt: { step: 'call' }, outcome, at: Date.now() } as const;
    expected = expectedAfter(expected, turn, dials);
    await comesTo(expected, Date.now());
  }
  const now = Date.now();
  const before = await read(caseId);
  await tell(caseId, news, now);
  if (before.state === 'closed') expect(await read(caseId)).toEqual(before);
  await start(opening);
  expected = whenSettled(
    expectedAfter(expected, { kind: 'news', news, at: now }, dials),
    now,
    dials,
  );
  await comesTo(expected, now);

  if (expected.state === 'open') {
    await until(async () => {
      const { climb, state: comesTo } = await read(caseId);
      const isReported = climb.some(({ ended: end }) => end?.outcome === 'not-a-fraud');
      const task = climb.find(({ ended: end }) => end === undefined);
      if (task !== undefined && !isReported) await report(task.taskId, 'not-a-fraud');
      expect(comesTo).toBe('closed');
    });
  }
  const head = await ended(caseId);
  expect(head.outcome).toBe(expected.state === 'watching' ? 'dissuaded' : 'not-a-fraud');
  await expectToldInFull(caseId);
}

const WORKFLOW_FUNCTIONS = ['PlanMove', 'OfferTask', 'SettleTask', 'AwaitNews', 'CloseCase'];
const MOST_KILLS_OF_ONE = 6;

/** Kills the functions of the workflow in the middle of their work, those of all other walks with them. */
async function followKilling(caseId: string, unharmed: Set<string>): Promise<void> {
  const kills = new Map<string, number>();
  const kill = (part: string) => {
    const so = kills.get(part) ?? 0;
    if (!unharmed.has(part) || so >= MOST_KILLS_OF_ONE) return;
    kills.set(part, so + 1);
    const name = Object.keys(pipeline.cloud.usedActions()).find((one) => one.includes(part));
    if (pipeline.cloud.killFunction(name ?? part) > 0) unharmed.delete(part);
  };
  await begin(openingOf(caseId, 'medium', { ...QUICK, dueMinutes: SHIPPED.dueMinutes }));
  kill('PlanMove');
  let isReported = false;
  await until(async () => {
    const head = await read(caseId);
    const [task] = openAttempts(head);
    if (task !== undefined && !isReported) {
      isReported = await report(task.taskId, 'dissuaded');
      kill(isReported ? 'SettleTask' : 'OfferTask');
    }
    if (head.state === 'watching' && head.newsToken === undefined) kill('AwaitNews');
    if (head.state === 'closed') kill('CloseCase');
    expect(await statusOf(caseId)).not.toBe('RUNNING');
  }, 10);
  expect(await ended(caseId)).toMatchObject({ outcome: 'dissuaded' });
  await expectToldInFull(caseId);
}

async function reportLate(caseId: string): Promise<void> {
  await begin(openingOf(caseId, 'medium', QUICK));
  const [call] = await until(async () => {
    const { climb } = await read(caseId);
    expect(climb[0]?.ended?.outcome).toBe('overdue');
    return climb;
  });
  const late = { outcome: 'dissuaded', by: 'ada', idempotencyKey: 'k', now: Date.now() } as const;
  const stores = { cases: cases(), tasks: tasks() };
  const say = () => reportOutcome(stores, stepFunctions, call?.taskId ?? '', late);
  expect(await say()).toBe('late');
  expect(await say()).toBe('late');
  expect(await ended(caseId)).toMatchObject({ outcome: 'not-dissuaded' });
  const { events } = await cases().timeline(caseId);
  expect(events.filter(({ kind }) => kind === 'late-result')).toHaveLength(1);
}

/** Everything that is walked, by name. The slowest begin first. */
const unharmed = new Set(WORKFLOW_FUNCTIONS);
const newsWalks = STATES.flatMap((state) =>
  TOLD.map((news) => [`${news}: ${state[0]}`, state, news] as const),
).toSorted(([, [a]], [, [b]]) => Number(b === 'watching') - Number(a === 'watching'));
const coverWalks = walks.map((walk, i) => {
  const ends = walk.ends.map(({ outcome, step }) => `${step} ${outcome}`).join(', ');
  return [`${walk.tier}: ${ends}`, `walk-${i + 1}`, walk] as const;
});
const killedWalks = ['killed-1', 'killed-2', 'killed-3'];
const jobs: readonly (readonly [name: string, walk: () => Promise<void>])[] = [
  ...killedWalks.map((name) => [name, () => followKilling(name, unharmed)] as const),
  ...newsWalks.map(
    ([name, state, news], i) => [name, () => hear(`news-${i + 1}`, state, news)] as const,
  ),
  ...coverWalks.map(([name, caseId, walk]) => [name, () => follow(caseId, walk)] as const),
  ['late', () => reportLate('late')],
];
const results = new Map(jobs.map(([name]) => [name, Promise.withResolvers<void>()]));
const resultOf = (name: string) => results.get(name)?.promise;

async function walkAll(): Promise<void> {
  const waiting = [...jobs];
  const workers = Array.from({ length: SIDE_BY_SIDE }, async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const [name, walk] = job;
      await walk().then(results.get(name)?.resolve, results.get(name)?.reject);
    }
  });
  await Promise.all(workers);
}

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  const { credentials, endpoint, faults, region } = pipeline.cloud;
  stepFunctions = new SFNClient({ credentials, endpoint, region });
  dynamo = new DynamoDBClient({ credentials, endpoint, region });
  const outage = { code: 'InternalServerError', status: 500 };
  faults.failNext('states:SendTaskSuccess', outage, 8);
  faults.failNext('dynamodb:TransactWriteItems', outage, 8);
  faults.failNext('sns:Publish', outage, 4);
  // Awaited by the tests, one by one.
  for (const { promise } of results.values()) promise.catch(() => undefined);
  void walkAll();
});

afterAll(async () => {
  stepFunctions?.destroy();
  dynamo?.destroy();
  await pipeline?.close();
});

describe('A case on the deployed ladder', () => {
  test.each(coverWalks)('ends as its path says: %s', (name) => resultOf(name), DEADLINE_MS);

  test.each(newsWalks)('hears of news in every state: %s', (name) => resultOf(name), DEADLINE_MS);

  test.each(killedWalks)(
    'ends well when functions are killed in the middle of their work: %s',
    (name) => resultOf(name),
    DEADLINE_MS,
  );

  test('keeps a report that comes too late, and goes on', () => resultOf('late'), DEADLINE_MS);
});

describe('The walks together', () => {
  beforeAll(
    () => Promise.allSettled([...results.values()].map(({ promise }) => promise)),
    DEADLINE_MS,
  );

  test('end a task in every way in which one can end, in each step and tier', () => {
    const covered = new Set(walks.flatMap(({ ends }) => ends.map(placeOf)));
    expect(covered).toEqual(places);
    expect(places.size).toBe(80);
  });

  test('kill every function of the workflow', () => {
    expect([...unharmed]).toEqual([]);
  });

  test('tell the banks of the cases that the table says, and of no other', async () => {
    const told = pipeline.cloud.published
      .map(({ message }) => JSON.parse(message) as { notice?: string; caseId: string })
      .filter(({ notice }) => notice === 'payment-stop')
      .map(({ caseId }) => caseId);
    const expected = coverWalks
      .filter(([, , walk]) => walk.last.head.paymentStopAt !== undefined)
      .map(([, caseId]) => caseId);
    // A crash at the wrong moment tells a case's banks once more, under the same name.
    const ofWalks = [...new Set(told)].filter((caseId) => caseId.startsWith('walk-'));
    expect(ofWalks.sort()).toEqual(expected.sort());
  });

  test('take every transition of the deployed definition', async () => {
    const { template } = await readAssembly(inject('assemblyDir'), LOCAL_STACK);
    const machine = Object.values(template.Resources).find(
      ({ Type }) => Type === 'AWS::StepFunctions::StateMachine',
    );
    const definition = JSON.parse(flat(machine?.Properties?.DefinitionString)) as TransitionStates;
    const taken = new Set<string>();
    const stateMachineArn = output('DissuasionStateMachineArn');
    for await (const { executions } of paginateListExecutions(
      { client: stepFunctions },
      { stateMachineArn },
    )) {
      for (const { executionArn, name = '' } of executions ?? []) {
        expect([name, await statusOf(name)]).toEqual([name, 'SUCCEEDED']);
        const pages = paginateGetExecutionHistory({ client: stepFunctions }, { executionArn });
        const events = [];
        for await (const page of pages) events.push(...(page.events ?? []));
        for (const edge of edgesOfHistory(events)) taken.add(edge);
      }
    }
    expect([...taken].sort()).toEqual([...edgesOfDefinition(definition)].sort());
  });
});

/** A text of a template, with a stand-in for what is known only when it is deployed. */
function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const parts = (value as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
  return parts.map((part) => (typeof part === 'string' ? part : 'arn')).join('');
}
