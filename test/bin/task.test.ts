import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ProblemError } from '../../lib/api/problem.ts';
import {
  HangUp,
  type OfficersApiServer,
  startOfficersApi,
} from '../support/officers-api-server.ts';
import { taskView } from '../support/officers-views.ts';
import { startForewarn } from '../support/run-forewarn.ts';

let api: OfficersApiServer;

beforeAll(async () => {
  api = await startOfficersApi();
});

afterAll(() => api.close());

beforeEach(() => {
  api.calls.length = 0;
  api.answerers = {};
});

afterEach(() => {
  expect(api.breaches.splice(0)).toEqual([]);
});

const HOUR = 3_600_000;

function task(...args: string[]) {
  return startForewarn(['task', ...args], api.environment).finished;
}

function claim(by: string, mine: boolean) {
  return { by, mine, until: Date.now() + 5 * 60_000 };
}

describe('forewarn task list', () => {
  it('lists the open tasks of your queue with the time left and who has them', async () => {
    api.answerers.listTasks = () => ({
      tasks: [
        taskView({ taskId: 'late-1', dueAt: Date.now() - 3.5 * HOUR, claim: claim('li', false) }),
        taskView({ taskId: 'soon-2', attempt: 2, claim: claim('chen', true) }),
        taskView({ taskId: 'redial-3', assignedAt: Date.now() + 4.5 * 60_000 }),
      ],
    });
    const { code, stdout } = await task('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/3 h ago .*│ high │ call .*│ li .*│ late-1/);
    expect(stdout).toMatch(/in 9 min .*│ call \(2\) .*│ you .*│ soon-2/);
    expect(stdout).toMatch(/in 9 min, not before 4 min .*│ redial-3/);
    expect(api.calls).toMatchObject([{ name: 'listTasks', query: {}, token: 'token-of-chen' }]);
  });

  it('asks for what was asked for, page by page', async () => {
    api.answerers.listTasks = ({ query }) =>
      query.next === undefined
        ? { tasks: [taskView({ taskId: 'one' })], next: 'page2' }
        : { tasks: [taskView({ taskId: 'two' })] };
    const filters = ['--queue', 'station-jinjiang', '--tier', 'high', '--step', 'visit', '--mine'];
    const { stdout } = await task('list', ...filters, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ tasks: [{ taskId: 'one' }, { taskId: 'two' }] });
    const query = { queue: 'station-jinjiang', tier: 'high', step: 'visit', mine: 'true' };
    expect(api.calls.map((call) => call.query)).toEqual([query, { ...query, next: 'page2' }]);
  });

  it('says when there are none', async () => {
    api.answerers.listTasks = () => ({ tasks: [] });
    expect((await task('list')).stdout).toBe('No open tasks.\n');
  });

  it('fits the width of the terminal, and keeps the names that are typed again', async () => {
    api.answerers.listTasks = () => ({
      tasks: [
        taskView({ taskId: 'p2nYkq7Zr0aBcDeFgHiJkL-1', claim: claim('王'.repeat(40), false) }),
      ],
    });
    const { finished } = startForewarn(['task', 'list'], { ...api.environment, COLUMNS: '100' });
    const { stdout } = await finished;
    const [border = ''] = stdout.split('\n', 1);
    expect(border).toHaveLength(100);
    expect(stdout).toContain('p2nYkq7Zr0aBcDeFgHiJkL-1');
    expect(stdout).toContain('王…');
  });

  it('prints nothing that a terminal would act on, as JSON neither', async () => {
    const hostile = '\u001b]0;owned\u0007\u001b[31mred\u202eder\u009b2J\nnext';
    api.answerers.listTasks = () => ({
      tasks: [taskView({ subject: hostile, claim: claim(hostile, false) })],
    });
    const { stdout } = await task('list');
    expect(stdout).toContain('redder next');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;
    expect(stdout).not.toMatch(acting);
    const json = await task('list', '--json');
    expect(json.stdout).not.toMatch(acting);
    expect(JSON.parse(json.stdout).tasks[0].subject).toBe(hostile);
  });
});

describe('forewarn task', () => {
  it('shows one task', async () => {
    api.answerers.readTask = () =>
      taskView({
        contacts: ['+86*******9000'],
        claim: claim('chen', true),
        backupQueue: 'station-b',
      });
    const { stdout } = await task('show', 'case-1-1');
    expect(stdout).toMatch(/what\s+call, attempt 1/);
    expect(stdout).toMatch(/contacts\s+1: \+86\*{7}9000/);
    expect(stdout).toMatch(/queue\s+call-desk, then station-b/);
    expect(stdout).toMatch(/held by\s+you, until \d{4}-/);
  });

  it('claims, releases and hands over', async () => {
    api.answerers = {
      claimTask: () => taskView({ claim: claim('chen', true) }),
      releaseTask: () => taskView(),
      handOverTask: ({ body }) => taskView({ queue: body.queue }),
    };
    expect((await task('claim', 'case-1-1')).stdout).toContain('It is yours.');
    expect((await task('release', 'case-1-1')).stdout).toContain('is back on call-desk');
    const moved = await task('hand-over', 'case-1-1', '--queue', 'station-a', '--reason', 'moved');
    expect(moved.stdout).toContain('is on station-a now');
    expect(api.calls.map(({ name, body }) => [name, body])).toEqual([
      ['claimTask', undefined],
      ['releaseTask', undefined],
      ['handOverTask', { queue: 'station-a', reason: 'moved' }],
    ]);
  });

  it('says who has a task that is taken', async () => {
    api.answerers.claimTask = () => {
      throw new ProblemError('task-taken', 'li has it until 10:05.');
    };
    expect(await task('claim', 'case-1-1')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'forewarn: Somebody else has this task: li has it until 10:05.\n',
    });
  });

  it('keeps a task once', async () => {
    api.answerers.keepTask = () => taskView({ claim: claim('chen', true) });
    const { code, stdout } = await task('keep', 'case-1-1');
    expect(code).toBe(0);
    expect(stdout).toContain('Task case-1-1 is kept.');
    expect(api.calls).toHaveLength(1);
  });

  it('keeps a task on until Ctrl-C, past a failure that passes, each beat under its own key', async () => {
    let beats = 0;
    let onThird: () => void = () => undefined;
    const third = new Promise<void>((resolve) => {
      onThird = resolve;
    });
    api.answerers.keepTask = () => {
      beats++;
      if (beats === 2) throw new HangUp();
      if (beats === 4) onThird();
      return taskView({ claim: claim('chen', true) });
    };
    const forewarn = startForewarn(['task', 'keep', 'case-1-1', '--every', '0.1'], api.environment);
    await third;
    forewarn.process.kill('SIGINT');
    const { code, stderr } = await forewarn.finished;
    expect(code).toBe(0);
    expect(stderr).toContain('Keeping on until Ctrl-C.');
    const keys = api.calls.map(({ key }) => key);
    expect(keys[1]).toBe(keys[2]);
    expect(new Set(keys).size).toBe(keys.length - 1);
  });

  it('stops to keep a task that is lost', async () => {
    let beats = 0;
    api.answerers.keepTask = () => {
      beats++;
      if (beats > 1) throw new ProblemError('task-not-yours', 'It went back to its queue');
      return taskView({ claim: claim('chen', true) });
    };
    const { code, stderr } = await task('keep', 'case-1-1', '--every', '0.1');
    expect(code).toBe(1);
    expect(stderr).toContain('You do not hold this task: It went back to its queue.');
  });

  it('reports an outcome, and says when it came too late', async () => {
    api.answerers.reportTask = ({ body }) => ({
      result: body.outcome === 'busy' ? 'late' : 'accepted',
      message: body.outcome === 'busy' ? 'The case has gone on.' : 'The case is closed.',
      task: taskView(),
    });
    const done = await task('complete', 'case-1-1', '--outcome', 'refused', '--notes', 'hung up');
    expect(done).toMatchObject({
      code: 0,
      stdout: 'Task case-1-1 is completed: refused. The case is closed.\n',
    });
    expect(api.calls[0]?.body).toEqual({ outcome: 'refused', notes: 'hung up' });
    const late = await task('complete', 'case-1-1', '--outcome', 'busy');
    expect(late).toMatchObject({ code: 1, stdout: 'The case has gone on.\n' });
  });

  it('reveals a number for a purpose', async () => {
    api.answerers.revealNumber = () => ({
      number: '+8613800138000',
      relation: 'daughter',
      auditEntry: 118,
    });
    const { stdout } = await task('reveal', 'case-1-1', '--purpose', 'call', '--contact', '2');
    expect(stdout).toBe('number    +8613800138000\nrelation  daughter\naudit     entry 118\n');
    expect(api.calls[0]?.body).toEqual({ purpose: 'call', contact: 2 });
    expect((await task('reveal', 'case-1-1')).code).toBe(2);
  });

  it.each([
    ['once more when the connection breaks', () => new HangUp()],
    ['once more when the API fails', () => new ProblemError('internal', 'no')],
    ['once more when it is busy', () => new ProblemError('too-many', 'slowly')],
    ['while its first try is worked on', () => new ProblemError('in-progress', 'wait')],
  ])('tries a write %s, under the same key', async (_when, failure) => {
    api.answerers.claimTask = () => {
      if (api.calls.length === 1) throw failure();
      return taskView({ claim: claim('chen', true) });
    };
    expect((await task('claim', 'case-1-1')).code).toBe(0);
    expect(api.calls).toHaveLength(2);
    expect(api.calls[1]?.key).toBe(api.calls[0]?.key);
  });

  it('gives up after the second failure', async () => {
    api.answerers.claimTask = () => {
      throw new HangUp();
    };
    const { code, stderr } = await task('claim', 'case-1-1');
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^forewarn: The officers' API at 127\.0\.0\.1:\d+ cannot be reached\.\n$/,
    );
    expect(api.calls).toHaveLength(2);
  });

  it('tries nothing again that was refused, and shows each fault without what a terminal would act on', async () => {
    api.answerers.handOverTask = () => {
      throw new ProblemError('bad-request', 'Look at it\u001b[2J', ['/queue: no such queue\u0007']);
    };
    const { code, stderr } = await task('hand-over', 'x', '--queue', 'nowhere', '--reason', 'y');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'forewarn: The request is not as it should be: Look at it (/queue: no such queue).\n',
    );
    expect(api.calls).toHaveLength(1);
  });

  it('knows no other outcomes', async () => {
    const odd = await task('complete', 'open', '--outcome', 'happy');
    expect(odd).toMatchObject({ code: 2, stderr: expect.stringContaining('dissuaded') });
    expect(api.calls).toEqual([]);
  });
});
