import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import Table from 'cli-table3';
import { LOCAL_STACK, synthesizeLocalStage } from '../../bin/replay/local-stack.ts';
import { officersOfLocalCloud } from '../../bin/replay/officers-of-local-cloud.ts';
import { createCasesTable } from '../../functions/adapters/cases-table.ts';
import { createTasksTable } from '../../functions/adapters/tasks-table.ts';
import { type OfficersClient, RefusedError } from '../../lib/api/officers-client.ts';
import { percentile } from '../../lib/backtest/measures.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { openCase } from '../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../lib/domain/ladder/case-news.ts';
import { type LocalCloud, startLocalCloud } from '../../lib/local/local-cloud.ts';
import { tokenOf } from '../domain/factories.ts';

const CASES = 1_000;
const TASKS_A_CASE = 10;
const RATE = 200;
const SECONDS = 20;
const WARM_UP_SECONDS = 5;
const AT_ONCE = 24;
const TARGET_MS = 100;
const DAY = 86_400_000;

/** Writes open cases and their tasks, as the workflow would have left them. */
async function fill({ credentials, endpoint, outputs, region }: LocalCloud): Promise<void> {
  const client = new DynamoDBClient({ credentials, endpoint, region });
  const cases = createCasesTable(client, outputs.CasesTableName ?? '', 86_400);
  const tasks = createTasksTable(client, outputs.TasksTableName ?? '');
  const { ladder } = loadDefaultPolicy();
  const now = Date.now();
  const write = async (number: number) => {
    const caseId = `case-${number}`;
    const subject = tokenOf(number);
    const { changed, events } = openCase(
      {
        caseId,
        subject,
        kind: 'loan',
        tier: 'high',
        district: '510104',
        openedBy: 'policy',
        policyVersion: 5,
        ladder,
        utcOffsetMinutes: 480,
        reasons: [],
        heard: nothingHeard('high'),
      },
      now,
    );
    for (const event of events) await cases.create(changed, event);
    for (let i = 1; i <= TASKS_A_CASE; i++) {
      await tasks.offer(
        {
          taskId: `${caseId}-${i}`,
          caseId,
          subject,
          step: 'call',
          attempt: i,
          tier: 'high',
          kind: 'loan',
          queue: 'call-desk',
          district: '510104',
          assignedAt: now,
          dueAt: now + DAY + number * 1000 + i,
          taskToken: 'nobody-waits',
        },
        Math.floor((now + 2 * DAY) / 1000),
      );
    }
  };
  for (let from = 0; from < CASES; from += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, CASES - from) }, (_, i) => write(from + i)),
    );
  }
  client.destroy();
}

type Call = (officer: OfficersClient, turn: number) => Promise<unknown>;

/** What officers' pages do, in hundredths: mostly look at the queue, sometimes at a case, now and then take a task. */
const work: Call = async (officer, turn) => {
  const caseId = `case-${turn % CASES}`;
  const taskId = `${caseId}-${1 + (turn % TASKS_A_CASE)}`;
  const share = (turn * 37) % 100;
  if (share < 80) return officer('listTasks', { query: { limit: '20' } });
  if (share < 88) return officer('readCase', { parameters: { caseId } });
  if (share < 94) return officer('listCases', { query: { state: 'open', limit: '20' } });
  if (share < 97) return officer('readTask', { parameters: { taskId } });
  return officer('claimTask', { parameters: { taskId } }).catch(taken);
};
/** Another officer was there before: that is an answer, too. */
function taken(error: unknown): void {
  if (error instanceof RefusedError && error.problem.status === 409) return;
  throw error;
}
/** The gateway, a token that is checked, and a function that does nothing. */
const floor: Call = (officer) => officer('health');

/** Calls at an even rate, whatever the answers take: who is slow is not asked less. */
async function measure(call: Call, officers: readonly OfficersClient[], seconds: number) {
  const latencies: number[] = [];
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  const startedAt = performance.now();
  for (let turn = 0; turn < RATE * seconds; turn++) {
    const due = startedAt + (turn * 1000) / RATE;
    const wait = due - performance.now();
    if (wait > 1) await delay(wait);
    const officer = officers[turn % officers.length] as OfficersClient;
    const done = call(officer, turn)
      .then(() => void latencies.push(performance.now() - due))
      .catch((error) => void failures.push(error))
      .finally(() => running.delete(done));
    running.add(done);
  }
  await Promise.all(running);
  const wall = (performance.now() - startedAt) / 1000;
  return { latencies, failures, perSecond: latencies.length / wall };
}

/** `npm run bench officers-api`: officers at their pages, beside a call that does nothing. */
export async function run(): Promise<void> {
  const assemblyDir = await mkdtemp(join(tmpdir(), 'forewarn-assembly-'));
  await synthesizeLocalStage(assemblyDir);
  const cloud = await startLocalCloud({ assemblyDir, stackName: LOCAL_STACK, warm: true });
  try {
    process.stdout.write(`writing ${CASES} cases and ${CASES * TASKS_A_CASE} tasks …\n`);
    await fill(cloud);
    const officerOf = await officersOfLocalCloud(cloud);
    const officers = ['desk-1', 'desk-2', 'desk-3', 'supervisor'].map(officerOf);
    const table = new Table({
      head: ['run', 'requests', 'a second', 'p50', 'p99', 'worst', 'failed'],
      style: { head: [], border: [] },
    });
    const p99s: number[] = [];
    for (const [name, call] of [
      ['floor: health', floor],
      ['officers at work', work],
    ] as const) {
      await measure(call, officers, WARM_UP_SECONDS);
      const { failures, latencies, perSecond } = await measure(call, officers, SECONDS);
      const ms = (share: number) => percentile(latencies, share) ?? Number.NaN;
      p99s.push(ms(0.99));
      table.push([
        name,
        String(latencies.length),
        perSecond.toFixed(0),
        `${ms(0.5).toFixed(1)} ms`,
        `${ms(0.99).toFixed(1)} ms`,
        `${ms(1).toFixed(0)} ms`,
        String(failures.length),
      ]);
      if (failures.length > 0) process.stdout.write(`first failure: ${String(failures[0])}\n`);
    }
    const [floorP99 = 0, workP99 = 0] = p99s;
    process.stdout.write(`${table.toString()}\n`);
    process.stdout.write(
      `p99 of officers at work: ${(workP99 / floorP99).toFixed(1)} times the floor; aim: at most ${TARGET_MS} ms. Load before: ${loadavg()[0]?.toFixed(1)}.\n`,
    );
  } finally {
    await cloud.close();
    await rm(assemblyDir, { recursive: true, force: true });
  }
}
