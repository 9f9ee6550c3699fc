import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeAws, startFakeAws } from '../support/fake-aws.ts';
import { startForewarn } from '../support/run-forewarn.ts';

let aws: FakeAws;
let items: Record<string, Record<string, unknown> | undefined>[];
let answers: { taskToken: string; output: string }[];
let waiting: Set<string>;

const HOUR = 3_600_000;

function item(taskId: string, dueAt: number, more: Record<string, Record<string, unknown>> = {}) {
  return {
    taskId: { S: taskId },
    queue: { S: 'call-desk' },
    caseId: { S: `case-of-${taskId}` },
    task: { S: JSON.stringify({ subject: '1.token', step: 'call', tier: 'medium' }) },
    assignedAt: { N: '1' },
    dueAt: { N: String(dueAt) },
    taskToken: { S: `token-of-${taskId}` },
    ...more,
  };
}

function closedItem(taskId: string, closing: { outcome: string; by: string }) {
  const { queue: _queue, ...closed } = item(taskId, 1);
  return { ...closed, closing: { S: JSON.stringify({ ...closing, at: 1_795_000_000_000 }) } };
}

beforeAll(async () => {
  aws = await startFakeAws(
    { TasksTableName: 'tasks', CasesTableName: 'cases' },
    {
      'DynamoDB_20120810.Query': (input) => {
        const values = input.ExpressionAttributeValues as Record<string, { S: string }>;
        const isOwn = input.IndexName === 'by-queue';
        return { Items: items.filter(({ queue }) => isOwn && queue?.S === values[':queue']?.S) };
      },
      'DynamoDB_20120810.GetItem': (input) => {
        const { taskId } = input.Key as { taskId?: { S: string } };
        return { Item: taskId && items.find((one) => one.taskId?.S === taskId.S) };
      },
      'DynamoDB_20120810.UpdateItem': (input) => {
        const { taskId } = input.Key as { taskId: { S: string } };
        const values = input.ExpressionAttributeValues as Record<string, { S: string }>;
        const task = items.find((one) => one.taskId?.S === taskId.S);
        if (task?.queue === undefined) {
          throw Object.assign(new Error('not so'), { name: 'ConditionalCheckFailedException' });
        }
        delete task.queue;
        task.closing = { S: values[':closing']?.S };
        return {};
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
  items = [
    item('open', Date.now() + 9.5 * HOUR),
    item('gone', Date.now() - 3.5 * HOUR),
    closedItem('done', { outcome: 'busy', by: 'officer' }),
    closedItem('late', { outcome: 'overdue', by: 'workflow' }),
  ];
});

function task(...args: string[]) {
  return startForewarn(['task', ...args], aws.environment).finished;
}

describe('forewarn task', () => {
  it('lists the open tasks of a queue with the time left', async () => {
    const { code, stdout } = await task('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/in 9 h\s*│ medium │ call │ open\s*│ case-of-open/);
    expect(stdout).toMatch(/3 h ago\s*│ medium │ call │ gone/);
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
      { outcome: 'dissuaded', by: 'officer 7' },
    ]);
  });

  it.each([
    ['done', 'was completed before, at 2026-11-18T11:06:40.000Z by officer: busy'],
    ['late', 'became overdue at 2026-11-18T11:06:40.000Z'],
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
