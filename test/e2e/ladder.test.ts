import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCasesTable } from '../../functions/adapters/cases-table.ts';
import { answerTask, sendTaskOutcome } from '../../functions/adapters/task-outcome.ts';
import { getTask, listOpenTasks, type Task } from '../../functions/adapters/tasks-table.ts';
import { raiseCase } from '../../functions/open-cases/raise-case.ts';
import type { CaseOpening } from '../../functions/plan-move/plan-move.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { CaseTier, LadderPolicy } from '../../lib/domain/ladder/ladder-policy.ts';
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
  tiers: {
    medium: { ...shipped.tiers.medium, dueMinutes: DUE },
    high: { ...shipped.tiers.high, dueMinutes: DUE },
    urgent: { ...shipped.tiers.urgent, dueMinutes: DUE },
  },
  redial: { busyMinutes: SECOND / 2, noAnswerMinutes: [SECOND / 2, SECOND], mostDials: 4 },
  watchHours: 2 / 3600,
};

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

const tasksTable = () => pipeline.cloud.outputs.TasksTableName ?? '';
const cases = () => createCasesTable(dynamo, pipeline.cloud.outputs.CasesTableName ?? '', 86_400);

async function openTasks(caseId: string): Promise<Task[]> {
  const tasks: Task[] = [];
  for (const queue of ['call-desk', 'stations']) {
    for await (const task of listOpenTasks(dynamo, tasksTable(), queue)) {
      if (task.caseId === caseId) tasks.push(task);
    }
  }
  return tasks;
}

type Answers = Partial<
  Record<'call' | 'relatives' | 'visit', readonly (TaskOutcome | 'nothing')[]>
>;

/** Starts a case, answers its tasks by a script until it has ended, and tells what its timeline says. */
async function run(caseId: string, tier: CaseTier, answers: Answers, ladder = LADDER) {
  const input: CaseOpening = {
    caseId,
    subject: SUBJECT,
    kind: 'loan',
    tier,
    policyVersion: 3,
    ladder,
  };
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: pipeline.cloud.outputs.DissuasionStateMachineArn,
      name: caseId,
      input: JSON.stringify(input),
    }),
  );
  const asked = { call: 0, relatives: 0, visit: 0 };
  const seen = new Set<string>();
  const answerAll = async () => {
    for (const { step, taskId, taskToken } of await openTasks(caseId)) {
      if (seen.has(taskId)) continue;
      seen.add(taskId);
      const outcome = answers[step]?.[asked[step]++];
      if (outcome === undefined || outcome === 'nothing') continue;
      await sendTaskOutcome(stepFunctions, taskToken, { outcome, by: 'officer-7' });
    }
    return (await stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status;
  };
  await expect.poll(answerAll, { timeout: 60_000, interval: 50 }).not.toBe('RUNNING');
  expect(await answerAll()).toBe('SUCCEEDED');
  const stored = await cases().read(caseId);
  const timeline = await cases().timeline(caseId);
  return { stored: stored?.current, timeline };
}

describe('a case on the deployed ladder', () => {
  test.each<[string, CaseTier, Answers, string]>([
    ['dissuaded', 'medium', { call: ['dissuaded'] }, 'dissuaded'],
    ['wrong-person', 'high', { call: ['wrong-person'] }, 'wrong-person'],
    ['nobody', 'medium', {}, 'not-dissuaded'],
    [
      'busy',
      'medium',
      { call: ['busy', 'no-answer', 'refused'], visit: ['dissuaded'] },
      'dissuaded',
    ],
    ['refused', 'high', { call: ['refused'], visit: ['refused'] }, 'not-dissuaded'],
    ['lost', 'medium', { call: ['money-lost'], visit: ['dissuaded'] }, 'money-lost'],
    ['urgent', 'urgent', { call: ['no-answer', 'dissuaded'] }, 'dissuaded'],
  ])(
    'ends as its people say: %s',
    async (name, tier, answers, outcome) => {
      const begun = Date.now();
      const { stored, timeline } = await run(`walk-${name}`, tier, answers);
      expect(stored).toMatchObject({ state: 'closed', outcome });
      expect(Date.now() - begun).toBeLessThan(longestCaseMs(LADDER));
      expect(timeline[0]).toMatchObject({ kind: 'opened' });
      expect(timeline.at(-1)).toMatchObject({ kind: 'closed', details: { outcome } });
      expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted());
      const offered = timeline.filter(({ kind }) => kind === 'task-offered').length;
      expect(timeline.filter(({ kind }) => kind === 'task-ended')).toHaveLength(offered);
      expect(await openTasks(`walk-${name}`)).toEqual([]);
      expect(timeline.some(({ kind }) => kind === 'payment-stop')).toBe(outcome === 'money-lost');
    },
    90_000,
  );

  test('is taken to a higher tier at once, and what waited in the lower one is called off', async () => {
    const slow = { ...LADDER, tiers: { ...LADDER.tiers, medium: shipped.tiers.medium } };
    const running = run('raised', 'medium', { visit: ['dissuaded'] }, slow);
    await expect.poll(() => openTasks('raised'), { timeout: 20_000 }).toHaveLength(1);
    await raiseCase(
      'raised',
      'high',
      {
        cases: cases(),
        callOff: async (taskId) => {
          const task = await getTask(dynamo, tasksTable(), taskId);
          await answerTask(stepFunctions, task?.taskToken ?? '', {
            outcome: 'cancelled',
            by: 'workflow',
          });
        },
        tellNews: async () => undefined,
      },
      Date.now(),
    );
    const { stored, timeline } = await running;
    expect(stored).toMatchObject({ tier: 'high', outcome: 'dissuaded' });
    expect(timeline.map(({ kind }) => kind)).toContain('tier-raised');
  }, 90_000);
});
