import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportOutcome } from '../../functions/adapters/report-outcome.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { openCase } from '../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../lib/domain/ladder/case-news.ts';
import { CASE_TIERS } from '../../lib/domain/ladder/ladder-policy.ts';
import { longestCaseMs } from '../../lib/domain/ladder/longest-case.ts';
import { TASK_OUTCOMES } from '../../lib/domain/task-outcome.ts';
import { SUBJECT } from '../domain/factories.ts';
import { VirtualTime } from '../support/virtual-time.ts';
import { WorkflowInMemory } from '../support/workflow-in-memory.ts';

const START = Date.UTC(2026, 10, 24);
const MINUTE = 60_000;
const { ladder } = loadDefaultPolicy();
/** Lost answers are tried again after seconds; a history has far fewer of them than this allows for. */
const RETRIES_MS = 30 * MINUTE;

/** What the officer does who sees a task. */
const reaction = fc.record({
  outcome: fc.constantFrom(...TASK_OUTCOMES),
  /** Minutes after the task was put on its queue; may be after its due time. */
  after: fc.integer({ min: 0, max: 90 }),
  /** Lets it lie. */
  silent: fc.nat({ max: 3 }).map((drawn) => drawn === 0),
  /** Says it twice, or a colleague says something else as well. */
  twice: fc.constantFrom('no', 'no', 'repeat', 'colleague'),
  claims: fc.boolean(),
});

const news = fc.record({
  minute: fc.integer({ min: 0, max: 6 * 24 * 60 }),
  tier: fc.constantFrom('low', 'medium', 'high', 'urgent' as const),
  calls: fc.integer({ min: 0, max: 3 }),
  lineFree: fc.boolean(),
  undeliverable: fc.boolean(),
  text: fc.option(fc.constantFrom('unreachable', 'delivered', 'failed' as const), {
    nil: undefined,
  }),
});

/** The workflow breaks down for good at one of its invocations, and is redriven. */
const breakdown = fc.record({
  invocation: fc.integer({ min: 1, max: 30 }),
  redrivenAfter: fc.integer({ min: 1, max: 3 * 24 * 60 }).map((minutes) => minutes * MINUTE),
});

const history = fc.record({
  tier: fc.constantFrom(...CASE_TIERS),
  hasRelatives: fc.boolean(),
  reactions: fc.array(reaction, { minLength: 1, maxLength: 12 }),
  news: fc.array(news, { maxLength: 5 }),
  /** Draws of trouble, in turn. */
  trouble: fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 40 }),
  breakdowns: fc.array(breakdown, { maxLength: 2 }),
});

type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** Until a broken workflow is redriven nothing goes on, and what it waited for then has all of its time anew. */
function delayOf({ breakdowns }: History): number {
  return breakdowns.reduce(
    (sum, { redrivenAfter }) => sum + redrivenAfter + ladder.watchHours * 60 * MINUTE,
    0,
  );
}

async function live(drawn: History) {
  const time = new VirtualTime(START);
  let draws = 0;
  const draw = () => drawn.trouble[draws++] ?? 9;
  let invocations = 0;
  const breaksDown = () => {
    const invocation = ++invocations;
    return drawn.breakdowns.find((one) => one.invocation === invocation)?.redrivenAfter;
  };
  const workflow = new WorkflowInMemory(
    time,
    { losesAnswer: () => draw() === 0, losesToken: () => draw() === 1, breaksDown },
    drawn.hasRelatives,
  );
  const { changed, events } = openCase(
    {
      caseId: 'case',
      subject: SUBJECT,
      kind: 'loan',
      tier: drawn.tier,
      district: '',
      openedBy: 'policy',
      policyVersion: 1,
      ladder,
      utcOffsetMinutes: 480,
      reasons: [],
      heard: nothingHeard(drawn.tier),
    },
    START,
  );
  await workflow.cases.create(changed, events[0] as NonNullable<(typeof events)[0]>);
  const accepted = new Map<string, string[]>();
  const report = async (taskId: string, by: string, at: number, outcome: string) => {
    const told = { by, idempotencyKey: `${taskId}-${by}`, now: at, outcome: outcome as 'busy' };
    try {
      const result = await reportOutcome(workflow, workflow.client, taskId, told);
      if (result === 'accepted') accepted.set(taskId, [...(accepted.get(taskId) ?? []), by]);
    } catch {
      // The officer's page says that it did not work; whether he tries again is drawn.
    }
  };
  const seen = new Set<string>();
  const watchQueue = async () => {
    for (const task of await workflow.tasks.ofCase('case')) {
      if (seen.has(task.taskId)) continue;
      const react = drawn.reactions[seen.size % drawn.reactions.length];
      seen.add(task.taskId);
      if (react === undefined || react.silent) continue;
      const { after, claims, outcome, twice } = react;
      const at = time.now + after * MINUTE;
      if (claims) await workflow.tasks.claim(task.taskId, 'ada', time.now, time.now + 15 * MINUTE);
      time.at(at, () => void report(task.taskId, 'ada', time.now, outcome));
      if (twice === 'repeat') {
        time.at(at + 2_000, () => void report(task.taskId, 'ada', time.now, outcome));
      } else if (twice === 'colleague') {
        time.at(at + 1_000, () => void report(task.taskId, 'bo', time.now, 'refused'));
      }
    }
  };
  const offer = workflow.tasks.offer.bind(workflow.tasks);
  workflow.tasks.offer = async (task) => {
    const stands = await offer(task);
    await watchQueue();
    return stands;
  };
  let heard = nothingHeard(drawn.tier);
  for (const one of drawn.news.toSorted((a, b) => a.minute - b.minute)) {
    time.at(START + one.minute * MINUTE, () => {
      heard = {
        tier: one.tier,
        calls: heard.calls + one.calls,
        lineFreeAt: one.lineFree ? Math.floor(time.now / 1000) : heard.lineFreeAt,
        ...((one.undeliverable || heard.undeliverable) && { undeliverable: 'landline' }),
        ...(one.text === undefined
          ? heard.text !== undefined && { text: heard.text }
          : { text: { state: one.text, at: time.now } }),
      };
      void workflow.tell('case', heard);
    });
  }
  let isOver = false;
  void workflow.run('case').then(() => {
    isOver = true;
  });
  const latest = START + longestCaseMs(ladder) + RETRIES_MS + delayOf(drawn);
  await time.run(() => isOver || time.now > latest);
  const head = await workflow.cases.read('case');
  const { events: timeline } = await workflow.cases.timeline('case');
  return { accepted, head, isOver, timeline, workflow };
}

describe('a case, whatever its people do and whatever gets lost', () => {
  it('ends in time, does nothing twice, and tells all of it in order', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (drawn) => {
        const { accepted, head, isOver, timeline, workflow } = await live(drawn);
        expect(isOver).toBe(true);
        expect(head).toMatchObject({ state: 'closed' });
        expect(head?.outcome).toBeDefined();
        for (const officers of accepted.values()) expect(new Set(officers).size).toBe(1);

        const kinds = timeline.map(({ kind }) => kind);
        expect(kinds[0]).toBe('opened');
        expect(kinds.filter((kind) => kind === 'closed')).toHaveLength(1);
        const ends = ['task-ended', 'task-overdue', 'task-cancelled'];
        const offered = timeline.filter(({ kind }) => kind === 'task-offered');
        for (const { taskId } of offered) {
          const own = timeline.filter((event) => event.taskId === taskId);
          const first = own.findIndex(({ kind }) => kind === 'task-offered');
          const ended = own.filter(({ kind }) => ends.includes(kind));
          expect(ended).toHaveLength(1);
          expect(own.findIndex(({ kind }) => ends.includes(kind))).toBeGreaterThan(first);
          expect(own.filter(({ kind }) => kind === 'task-offered')).toHaveLength(1);
        }
        const ids = timeline.map(({ id }) => id);
        expect(ids).toEqual([...new Set(ids)]);
        const closedAt = kinds.indexOf('closed');
        const after = kinds.slice(closedAt + 1);
        expect(after.filter((kind) => kind !== 'late-result')).toEqual([]);
        for (const { closed } of await workflow.tasks.ofCase('case')) {
          expect(closed).toBeDefined();
        }
      }),
      { numRuns: 1000 },
    );
  }, 300_000);
});
