import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeAws, startFakeAws } from '../support/fake-aws.ts';
import { startForewarn } from '../support/run-forewarn.ts';

let aws: FakeAws;
let items: Record<string, Record<string, unknown>>[];
let answers: { taskToken: string; output: string }[];
let waiting: Set<string>;

const HOUR = 3_600_000;

function item(taskId: string, dueAt: number, more: Record<string, Record<string, unknown>> = {}) {
  return {
    taskId: { S: taskId },
    queue: { S: 'call-desk' },
    caseId: { S: `case-of-${taskId}` },
    subject: { S: '1.token' },
    tier: { S: 'medium' },
    assignedAt: { N: '1' },
    dueAt: { N: String(dueAt) },
    taskToken: { S: `token-of-${taskId}` },
    ...more,
  };
}

beforeAll(async () => {
  aws = await startFakeAws(
    { TasksTableName: 'tasks' },
    {
      'DynamoDB_20120810.Query': (input) => {
        const values = input.ExpressionAttributeValues as Record<string, { S: string }>;
        return { Items: items.filter(({ queue }) => queue?.S === values[':queue']?.S) };
      },
      'DynamoDB_20120810.GetItem': (input) => {
        const { taskId } = input.Key as { taskId: { S: string } };
        return { Item: items.find((one) => one.taskId?.S === taskId.S) };
      },
      'AWSStepFunctions.SendTaskSuccess': (input) => {
        const answer = input as (typeof answers)[number];
        if (!waiting.delete(answer.taskToken)) {
          throw Object.assign(new Error('Task Timed Out'), { name: 'TaskTimedOut' });
        }
        answers.push(answer);
        return {};
      },
    },
  );
});

afterAll(() => aws.close());

beforeEach(() => {
  answers = [];
  waiting = new Set(['token-of-open']);
  const closed = {
    queue: {},
    outcome: { S: 'busy' },
    closedBy: { S: 'officer' },
    closedAt: { N: '1795000000000' },
  };
  items = [
    item('open', Date.now() + 9.5 * HOUR),
    item('gone', Date.now() - 3.5 * HOUR),
    item('done', 1, closed),
    item('late', 1, { ...closed, outcome: { S: 'overdue' } }),
  ];
});

function task(...args: string[]) {
  return startForewarn(['task', ...args], aws.environment).finished;
}

describe('forewarn task', () => {
  it('lists the open tasks of a queue with the time left', async () => {
    const { code, stdout } = await task('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/in 9 h\s*│ medium │ open\s*│ case-of-open/);
    expect(stdout).toMatch(/3 h ago\s*│ medium │ gone/);
    expect(stdout).not.toContain('done');
    const elsewhere = await task('list', '--queue', 'elsewhere');
    expect(elsewhere.stdout).toContain('No open tasks in the queue elsewhere');
  });

  it('lists as JSON without the tokens that could complete tasks', async () => {
    const { stdout } = await task('list', '--json');
    expect(JSON.parse(stdout)).toHaveLength(2);
    expect(stdout).not.toContain('token-of');
  });

  it('hands the outcome to the workflow that waits', async () => {
    const { code, stdout } = await task(
      'complete',
      'open',
      ...['--outcome', 'dissuaded', '--by', 'officer 7', '--notes', 'all is well'],
    );
    expect(stdout).toContain('Task open is completed: dissuaded');
    expect(code).toBe(0);
    expect(answers.map(({ output }) => JSON.parse(output))).toEqual([
      { outcome: 'dissuaded', by: 'officer 7', notes: 'all is well' },
    ]);
  });

  it.each([
    ['done', 'was completed before, at 2026-11-18T11:06:40.000Z by officer: busy'],
    ['late', 'became overdue at 2026-11-18T11:06:40.000Z'],
    ['gone', 'was due 3 h ago; its case has gone on without it'],
  ])('explains why %s cannot be completed', async (taskId, message) => {
    const { code, stdout } = await task('complete', taskId, '--outcome', 'refused');
    expect(stdout).toContain(message);
    expect(code).toBe(1);
    expect(answers).toEqual([]);
  });

  it('knows neither other tasks nor other outcomes', async () => {
    const unknown = await task('complete', 'nobody', '--outcome', 'refused');
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no task') });
    const odd = await task('complete', 'open', '--outcome', 'happy');
    expect(odd).toMatchObject({ code: 2, stderr: expect.stringContaining('dissuaded') });
  });
});
