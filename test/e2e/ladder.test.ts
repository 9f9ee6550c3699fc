import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCasesTable } from '../../functions/adapters/cases-table.ts';
import {
  answerTask,
  callOffTask,
  NEWS,
  reportOutcome,
} from '../../functions/adapters/report-outcome.ts';
import { startCase } from '../../functions/adapters/start-case.ts';
import { createTasksTable } from '../../functions/adapters/tasks-table.ts';
import { tellCase } from '../../functions/adapters/tell-case.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { type CaseProgress, nothingHeard } from '../../lib/domain/ladder/case-news.ts';
import type { CaseTier, LadderPolicy, Step } from '../../lib/domain/ladder/ladder-policy.ts';
import { longestCaseMs } from '../../lib/domain/ladder/longest-case.ts';
import type { TaskOutcome } from '../../lib/domain/task-outcome.ts';
import { SUBJECT } from '../domain/factories.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

const SECOND = 1 / 60;
const DUE = { call: 3 * SECOND, relatives: 3 * SECOND, visit: 3 * SECOND };
const { ladder: shipped } = loadDefaultPolicy();

/** The shipped ladder, with seconds for minutes and hours. */
const LADDER: LadderPolicy = {
  ...shipped,
  dueMinutes: { medium: DUE, high: DUE, urgent: DUE },
  redial: { busyMinutes: SECOND / 2, noAnswerMinutes: [SECOND / 2, SECOND], mostDials: 4 },
  watchHours: 2 / 3600,
};
/** Time that no walk has to wait for. */
const SLOW: LadderPolicy = { ...LADDER, dueMinutes: shipped.dueMinutes };

/** Step Functions counts whole seconds, and a machine may be busy. */
const SLACK_MS = 30_000;

let pipeline: LocalPipeline;
let stepFunctions: SFNClient;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  const { credentials, endpoint, region } = pipeline.cloud;
  stepFunctions = new SFNClient({ credentials, endpoint, region });
  dynamo = new DynamoDBClient({ credentials, endpoint, region });
});

afterAll(async () => {
  stepFunctions?.destroy();
  dynamo?.destroy();
  await pipeline?.close();
});

const output = (name: string) => pipeline.cloud.outputs[name] ?? '';
const tasks = () => createTasksTable(dynamo, output('TasksTableName'));
const cases = () => createCasesTable(dynamo, output('CasesTableName'), 86_400);
const openTasks = async (caseId: string) =>
  (await tasks().ofCase(caseId)).filter(({ closed }) => closed === undefined);

/** Walks run side by side, so each waits by itself. */
const until = (check: () => Promise<void>, timeout = 20_000) =>
  vi.waitFor(check, { timeout, interval: 50 });

/** By step, to its first task of a round, its second … */
type Answers = Partial<Record<Step, readonly (TaskOutcome | 'nothing')[]>>;

function open(caseId: string, tier: CaseTier, ladder: LadderPolicy) {
  return startCase(
    {
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
    },
    cases(),
    stepFunctions,
    output('DissuasionStateMachineArn'),
    Date.now(),
  );
}

/** Answers a case's tasks by a script until its workflow has ended, and tells what its timeline says. */
async function answer(caseId: string, answers: Answers) {
  const executionArn = output('DissuasionStateMachineArn')
    .replace(':stateMachine:', ':execution:')
    .concat(`:${caseId}`);
  const seen = new Set<string>();
  const answerAll = async () => {
    for (const { attempt, step, taskId } of await openTasks(caseId)) {
      if (seen.has(taskId)) continue;
      seen.add(taskId);
      const outcome = answers[step]?.[attempt - 1];
      if (outcome === undefined || outcome === 'nothing') continue;
      const report = { outcome, by: 'ada', idempotencyKey: taskId, now: Date.now() };
      await reportOutcome({ cases: cases(), tasks: tasks() }, stepFunctions, taskId, report);
    }
    return (await stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status;
  };
  await until(async () => expect(await answerAll()).not.toBe('RUNNING'), 60_000);
  expect(await answerAll()).toBe('SUCCEEDED');
  const { events } = await cases().timeline(caseId);
  return { head: await cases().read(caseId), events, kinds: events.map(({ kind }) => kind) };
}

async function tell(caseId: string, news: Partial<CaseProgress>) {
  const head = await cases().read(caseId);
  return tellCase(
    caseId,
    { ...nothingHeard('medium'), ...head?.heard, ...news },
    {
      cases: cases(),
      callOff: (taskId) => callOffTask(tasks(), stepFunctions, taskId, Date.now()),
      tellNews: (token) => answerTask(stepFunctions, token, NEWS),
    },
    Date.now(),
  );
}

describe('a case on the deployed ladder', () => {
  test.concurrent.each<[string, CaseTier, Answers, string]>([
    ['dissuaded', 'medium', { call: ['dissuaded'] }, 'dissuaded'],
    ['wrong-person', 'high', { call: ['wrong-person'] }, 'wrong-person'],
    ['not-a-fraud', 'urgent', { visit: ['not-a-fraud'] }, 'not-a-fraud'],
    ['duplicate', 'medium', { call: ['duplicate'] }, 'duplicate'],
    ['nobody', 'medium', {}, 'not-dissuaded'],
    [
      'busy',
      'medium',
      { call: ['busy', 'no-answer', 'refused'], visit: ['dissuaded'] },
      'dissuaded',
    ],
    ['refused', 'high', { call: ['refused'], visit: ['refused'] }, 'not-dissuaded'],
    ['lost', 'medium', { call: ['money-lost'], visit: ['dissuaded'] }, 'money-lost'],
    ['lost-and-nobody-goes', 'high', { call: ['money-lost'] }, 'money-lost'],
    ['urgent', 'urgent', { call: ['no-answer', 'dissuaded'] }, 'dissuaded'],
  ])(
    'ends as its people say: %s',
    async (name, tier, answers, outcome) => {
      const caseId = `walk-${name}`;
      const begun = Date.now();
      expect(await open(caseId, tier, LADDER)).toBe(true);
      expect(await open(caseId, tier, LADDER)).toBe(false);
      const { events, head, kinds } = await answer(caseId, answers);

      expect(head).toMatchObject({ state: 'closed', outcome });
      expect(Date.now() - begun).toBeLessThan(longestCaseMs(LADDER) + SLACK_MS);
      expect(kinds[0]).toBe('opened');
      expect(kinds.at(-1)).toBe('closed');
      const ends = kinds.filter((kind) => /^task-(ended|overdue|cancelled)$/.test(kind));
      expect(ends).toHaveLength(kinds.filter((kind) => kind === 'task-offered').length);
      expect(await openTasks(caseId)).toEqual([]);
      expect(kinds.includes('payment-stop')).toBe(outcome === 'money-lost' || tier === 'urgent');
      expect(events.map(({ at }) => at)).toEqual(
        events.map(({ at }) => at).toSorted((a, b) => a - b),
      );
    },
    90_000,
  );

  test.concurrent('is taken to a higher tier at once, and what waited in the lower one is called off', async () => {
    await open('raised', 'medium', SLOW);
    await until(async () => expect(await openTasks('raised')).toHaveLength(1));
    await tell('raised', { tier: 'urgent' });
    const { head, kinds } = await answer('raised', { visit: ['dissuaded'] });
    expect(head).toMatchObject({ tier: 'urgent', outcome: 'dissuaded' });
    expect(kinds).toContain('tier-raised');
    expect(kinds).toContain('task-cancelled');
  }, 90_000);

  test.concurrent('that is watched is reopened one tier higher by a further call, and closed by quiet', async () => {
    await open('watched', 'medium', { ...SLOW, watchHours: 4 / 3600 });
    const ending = answer('watched', { call: ['dissuaded', 'dissuaded'] });
    const state = async () => (await cases().read('watched'))?.newsToken;
    await until(async () => expect(await state()).toBeDefined());
    await tell('watched', { calls: 1 });
    const { head, kinds } = await ending;
    expect(head).toMatchObject({ tier: 'high', outcome: 'dissuaded', reopened: 1 });
    expect(kinds.filter((kind) => kind === 'watch-began')).toHaveLength(2);
    expect(kinds).toContain('reopened');
  }, 90_000);

  test.concurrent('dials at once when the line that was busy is free', async () => {
    const ladder = { ...SLOW, redial: { ...SLOW.redial, busyMinutes: 60 } };
    await open('free', 'medium', ladder);
    const ending = answer('free', { call: ['busy', 'nothing', 'dissuaded'] });
    const dials = async () =>
      (await cases().read('free'))?.climb.filter(({ step }) => step === 'call').length;
    await until(async () => expect(await dials()).toBe(2));
    await tell('free', { lineFreeAt: Math.floor(Date.now() / 1000) + 1 });
    const { events, head } = await ending;
    expect(head).toMatchObject({ outcome: 'dissuaded' });
    expect(events.filter(({ kind }) => kind === 'task-cancelled').length).toBeGreaterThan(0);
  }, 90_000);

  test.concurrent('keeps a report that comes too late, and goes on', async () => {
    await open('late', 'medium', LADDER);
    await until(async () => expect(await openTasks('late')).toHaveLength(1));
    const [call] = await openTasks('late');
    const overdue = async () => (await tasks().read(call?.taskId ?? ''))?.closed?.outcome;
    await until(async () => expect(await overdue()).toBe('overdue'));
    const report = {
      outcome: 'dissuaded',
      by: 'ada',
      idempotencyKey: 'k',
      now: Date.now(),
    } as const;
    const stores = { cases: cases(), tasks: tasks() };
    const say = () => reportOutcome(stores, stepFunctions, call?.taskId ?? '', report);
    expect(await say()).toBe('late');
    expect(await say()).toBe('late');
    const { head, kinds } = await answer('late', { visit: ['refused'] });
    expect(head).toMatchObject({ outcome: 'not-dissuaded' });
    expect(kinds.filter((kind) => kind === 'late-result')).toHaveLength(1);
  }, 90_000);
});
