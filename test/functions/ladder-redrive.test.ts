import { describe, expect, it } from 'vitest';
import { answerTask, reportOutcome } from '../../functions/adapters/report-outcome.ts';
import { awaitNews } from '../../functions/await-news/await-news.ts';
import { offerTask } from '../../functions/offer-task/offer-task.ts';
import { planMove } from '../../functions/plan-move/plan-move.ts';
import { settleTask } from '../../functions/settle-task/settle-task.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { openCase } from '../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../lib/domain/ladder/case-news.ts';
import type { CaseTier } from '../../lib/domain/ladder/ladder-policy.ts';
import type { TaskOutcome } from '../../lib/domain/task-outcome.ts';
import { SUBJECT } from '../domain/factories.ts';
import { VirtualTime } from '../support/virtual-time.ts';
import { WorkflowInMemory } from '../support/workflow-in-memory.ts';

const START = Date.UTC(2026, 10, 24);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const { ladder } = loadDefaultPolicy();

/** @param breakdowns ms until it is redriven, by the invocation that fails for good, counted from 1 */
async function workflowOf(tier: CaseTier, breakdowns: Readonly<Record<number, number>> = {}) {
  const time = new VirtualTime(START);
  let invocations = 0;
  const workflow = new WorkflowInMemory(
    time,
    {
      losesAnswer: () => false,
      losesToken: () => false,
      breaksDown: () => breakdowns[++invocations],
    },
    true,
  );
  const { changed, events } = openCase(
    {
      caseId: 'case',
      subject: SUBJECT,
      kind: 'loan',
      tier,
      district: '',
      openedBy: 'policy',
      policyVersion: 1,
      ladder,
      utcOffsetMinutes: 480,
      reasons: [],
      heard: nothingHeard(tier),
    },
    START,
  );
  for (const event of events) await workflow.cases.create(changed, event);
  const report = (taskId: string, outcome: TaskOutcome) =>
    reportOutcome(workflow, workflow.client, taskId, {
      outcome,
      by: 'ada',
      idempotencyKey: taskId,
      now: time.now,
    });
  const timeline = async () => (await workflow.cases.timeline('case')).events;
  return { report, time, timeline, workflow };
}

/** Lets a case run to its end; answers by task, each after so many minutes from the beginning. */
async function live(
  { report, time, workflow }: Awaited<ReturnType<typeof workflowOf>>,
  answers: Readonly<Record<string, [minute: number, outcome: TaskOutcome]>>,
) {
  let isOver = false;
  for (const [taskId, [minute, outcome]] of Object.entries(answers)) {
    time.at(START + minute * MINUTE, () => void report(taskId, outcome));
  }
  void workflow.run('case').then(() => {
    isOver = true;
  });
  await time.run(() => isOver);
  expect(isOver).toBe(true);
}

describe('A workflow that broke down and is redriven', () => {
  it('goes on at once with what an officer reported meanwhile', async () => {
    // 1: plan-move, 2: offer-task, whose work is done when it fails.
    const run = await workflowOf('medium', { 2: 2 * HOUR });
    await live(run, { 'case-1': [10, 'not-a-fraud'] });
    const closed = (await run.timeline()).at(-1);
    expect(closed).toMatchObject({ kind: 'closed', details: { outcome: 'not-a-fraud' } });
    expect(closed?.at).toBe(START + 2 * HOUR);
  });

  it('goes on at once from a task whose due time has passed meanwhile', async () => {
    const run = await workflowOf('medium', { 2: 2 * HOUR });
    await live(run, {});
    const timeline = await run.timeline();
    const overdue = timeline.find(({ kind }) => kind === 'task-overdue');
    expect(overdue).toMatchObject({ taskId: 'case-1', at: START + 2 * HOUR });
    expect(timeline.at(-1)).toMatchObject({ details: { outcome: 'not-dissuaded' } });
  });

  it('does not watch a second time when the watch period has passed meanwhile', async () => {
    // 1: plan-move, 2: offer-task, 3: settle-task, 4: plan-move, 5: await-news.
    const run = await workflowOf('medium', { 5: 4 * DAY });
    await live(run, { 'case-1': [1, 'dissuaded'] });
    const timeline = await run.timeline();
    expect(timeline.filter(({ kind }) => kind === 'watch-began')).toHaveLength(1);
    expect(timeline.at(-1)).toMatchObject({
      kind: 'closed',
      at: START + MINUTE + 4 * DAY,
      details: { outcome: 'dissuaded' },
    });
  });

  it('takes up every step that was under way beside the one that failed', async () => {
    // 1: plan-move, 2 to 4: offer-task, 5: settle-task of the first that is answered.
    const run = await workflowOf('urgent', { 5: 20 * MINUTE });
    await live(run, { 'case-1': [5, 'refused'], 'case-3': [22, 'dissuaded'] });
    const ends = (await run.timeline())
      .filter(({ kind }) => /^task-(ended|overdue|cancelled)$/.test(kind))
      .map(({ taskId, at, details }) => [taskId, (at - START) / MINUTE, details.outcome]);
    expect(ends).toEqual([
      ['case-1', 5, 'refused'],
      ['case-2', 25, 'overdue'],
      ['case-3', 25, 'dissuaded'],
    ]);
    expect(run.workflow.bankNotices).toEqual(['case']);
  });
});

describe('Each function of the workflow, invoked again for what it has done', () => {
  /** Everything that is written. */
  async function written({ workflow, timeline }: Awaited<ReturnType<typeof workflowOf>>) {
    const {
      version: _version,
      newsToken: _token,
      ...head
    } = (await workflow.cases.read('case')) ?? {};
    const tasks = (await workflow.tasks.ofCase('case')).map(
      ({ taskToken: _task, ...task }) => task,
    );
    return structuredClone({ head, tasks, events: await timeline(), told: workflow.bankNotices });
  }

  it('writes nothing more, and answers the same', async () => {
    const run = await workflowOf('urgent');
    const { time, workflow } = run;
    const { cases, tasks } = workflow;
    const answered: string[] = [];
    const answer = (token: string, { outcome }: { readonly outcome: string }) => {
      answered.push(`${token} ${outcome}`);
      return answerTask(workflow.client, token, { outcome: 'news' });
    };
    const ports = {
      cases,
      tasks,
      callOff: async (taskId: string) => {
        await tasks.close(taskId, { outcome: 'cancelled', by: 'workflow', at: time.now });
      },
      tellBanks: async ({ caseId }: { readonly caseId: string }) => {
        workflow.bankNotices.push(caseId);
      },
      answer,
      relativesOf: async () => ['relative'],
      stationOf: async () => undefined,
    };
    let tokens = 0;
    const token = () => `token-${++tokens}`;
    const twice = async <Result>(invoke: () => Promise<Result>) => {
      const first = await invoke();
      const before = await written(run);
      expect(await invoke()).toEqual(first);
      expect(await written(run)).toEqual(before);
      return first;
    };
    const settle = (taskId: string, outcome: TaskOutcome | 'cancelled') => () =>
      settleTask({ caseId: 'case', taskId, result: { outcome } }, ports, time.now);
    const offer = (taskId: string) => () =>
      offerTask({ caseId: 'case', taskId, taskToken: token() }, ports, time.now);

    const plan = await twice(() => planMove('case', ports, time.now));
    expect(plan).toMatchObject({ kind: 'climb', steps: [{}, {}, {}] });
    for (const taskId of ['case-1', 'case-2', 'case-3']) await twice(offer(taskId));
    await run.report('case-1', 'busy');
    const { step } = await twiceSettled(settle('case-1', 'busy'));
    expect(step).toMatchObject({ dialAgain: true, again: { taskId: 'case-4' } });
    await twice(offer('case-4'));
    await run.report('case-3', 'dissuaded');
    await twiceSettled(settle('case-3', 'dissuaded'));
    await twiceSettled(settle('case-2', 'cancelled'));
    await twiceSettled(settle('case-4', 'cancelled'));
    // Of a task that is over: answered with the token of now.
    answered.length = 0;
    await twice(async () => await offer('case-3')());
    expect(answered).toEqual([`token-${tokens - 1} cancelled`, `token-${tokens} cancelled`]);
    expect(await twice(() => planMove('case', ports, time.now))).toMatchObject({ kind: 'watch' });
    await twice(() => awaitNews({ caseId: 'case', taskToken: token() }, ports, time.now));
    time.now += 3 * DAY;
    expect(await twice(() => planMove('case', ports, time.now))).toEqual({ kind: 'close' });
    await twice(() => awaitNews({ caseId: 'case', taskToken: token() }, ports, time.now));
    expect(workflow.bankNotices).toEqual(['case']);

    /** Whether it was written just now differs, of course. */
    async function twiceSettled(invoke: ReturnType<typeof settle>) {
      return twice(async () => {
        const { isNew: _isNew, ...settled } = await invoke();
        return settled;
      });
    }
  });
});
