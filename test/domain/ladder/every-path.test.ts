import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { openAttempts } from '../../../lib/domain/ladder/case-head.ts';
import {
  CASE_TIERS,
  type CaseTier,
  type LadderPolicy,
} from '../../../lib/domain/ladder/ladder-policy.ts';
import { longestCaseMs } from '../../../lib/domain/ladder/longest-case.ts';
import {
  begun,
  EVERY_OUTCOME,
  NEWS,
  opened,
  type Situation,
  START,
  type Turn,
  take,
  turnsOf,
  type World,
} from '../../support/ladder-paths.ts';
import {
  type Dials,
  type Expected,
  expectedAfter,
  expectedAtFirst,
  expectedWhenBegun,
} from '../../support/ladder-table.ts';

const { ladder: SHIPPED } = loadDefaultPolicy();

function ladderOf({ mostDials, mostReopenings, noAnswerMinutes }: Dials): LadderPolicy {
  const redial = { ...SHIPPED.redial, mostDials, noAnswerMinutes: [...noAnswerMinutes] };
  return { ...SHIPPED, mostReopenings, redial };
}

/** A case, and what the table says of it. */
interface Place {
  readonly situation: Situation;
  readonly expected: Expected;
}

/** What can be seen of a case, in the same words on both sides. */
function seen({ head }: Situation): string {
  const tasks = openAttempts(head).map(
    ({ calledOff, dueAt, offerAt, step }) => `${step} ${offerAt} ${dueAt} ${calledOff === true}`,
  );
  const banksTold = head.paymentStopAt !== undefined;
  return wordsFor(head, banksTold, tasks);
}

function foreseen(expected: Expected): string {
  const tasks = expected.open.map(
    ({ calledOff, due, from, step }) => `${step} ${from} ${due} ${calledOff}`,
  );
  return wordsFor(expected, expected.banksTold, tasks);
}

function wordsFor(
  { outcome, reopened, state, tier }: Pick<Expected, 'outcome' | 'reopened' | 'state' | 'tier'>,
  banksTold: boolean,
  tasks: string[],
): string {
  return `${state} ${tier} ${outcome} ${banksTold} ${reopened}: ${tasks.sort().join(', ')}`;
}

const ENDS: ReadonlySet<string> = new Set(['task-ended', 'task-overdue', 'task-cancelled']);

/** What holds of every closed case, however it came to that. */
function problemsOf({ events, head, now }: Situation, longest: number): string[] {
  const problems: string[] = [];
  const open = new Set<string>();
  const dials = new Map<number, number>();
  let round = 0;
  let last = START;
  const ids = new Set(events.map(({ id }) => id));
  if (ids.size !== events.length) problems.push('an event is told twice');
  for (const { at, kind, step, taskId = '', details } of events) {
    if (at < last) problems.push(`${kind} is told out of order`);
    last = at;
    if (kind === 'reopened') round++;
    if (kind === 'task-offered') {
      if (open.has(taskId)) problems.push(`${taskId} is offered twice`);
      open.add(taskId);
    } else if (ENDS.has(kind)) {
      if (!open.delete(taskId)) problems.push(`${taskId} ends without being open`);
      if (step === 'call' && details.outcome !== 'cancelled') {
        dials.set(round, (dials.get(round) ?? 0) + 1);
      }
    }
  }
  if (open.size > 0) problems.push('a task is left open');
  if (openAttempts(head).length > 0) problems.push('an attempt is left open');
  if (Math.max(0, ...dials.values()) > head.ladder.redial.mostDials)
    problems.push('dialled too often');
  if (events[0]?.kind !== 'opened') problems.push('it does not begin with its opening');
  if (events.at(-1)?.kind !== 'closed') problems.push('it does not end with its closing');
  if (events.filter(({ kind }) => kind === 'payment-stop').length > 1)
    problems.push('banks told twice');
  if (now - START > longest) problems.push(`it took ${now - START} ms`);
  return problems;
}

const wordsOf = (turn: Turn) =>
  turn.kind === 'end'
    ? `${turn.attempt.step} ${turn.outcome}`
    : turn.kind === 'news'
      ? turn.news
      : 'quiet';

/** Walks paths depth first, and compares every place of them with the table. */
class Walk {
  paths = 0;
  longestMs = 0;
  /** What comes after a reopening is walked once for all paths that come to the same: how many they are. */
  readonly reopened = new Map<string, { place: Place; paths: number }>();
  private readonly trail: string[] = [];
  private readonly dials: Dials;
  private readonly world: World;
  private readonly longest: number;

  constructor(dials: Dials, world: World) {
    this.dials = dials;
    this.world = world;
    this.longest = longestCaseMs(ladderOf(dials));
  }

  /** @param news how many pieces of news may come on the way */
  from(place: Place, news = 0): void {
    this.check(place);
    const { situation } = place;
    const { head, now } = situation;
    if (news > 0) {
      for (const one of NEWS) this.follow(place, { kind: 'news', news: one, at: now }, news - 1);
    }
    if (head.state === 'closed') {
      this.paths++;
      this.longestMs = Math.max(this.longestMs, now - START);
      const problems = problemsOf(situation, this.longest);
      if (problems.length > 0) throw new Error(`${this.trail.join(', ')}: ${problems.join(', ')}`);
      return;
    }
    if (head.state === 'watching') this.reopenLater(place);
    for (const turn of turnsOf(situation, this.world)) this.follow(place, turn, news);
  }

  private follow({ expected, situation }: Place, turn: Turn, news: number): void {
    this.trail.push(wordsOf(turn));
    const after = expectedAfter(expected, turn, this.dials);
    const place = { situation: take(situation, turn), expected: after };
    // What changes nothing is followed by what follows anyway.
    if (after === expected || after.reopened > expected.reopened) this.check(place);
    else this.from(place, news);
    this.trail.pop();
  }

  /** The latest of the paths that come to the same stands for all. */
  private reopenLater({ expected, situation }: Place): void {
    const { head } = situation;
    if (head.reopened >= this.dials.mostReopenings) return;
    const at = (head.watchUntil ?? 0) - 1;
    const turn: Turn = { kind: 'news', news: 'exposure', at };
    const key = [head.tier, head.paymentStopAt !== undefined, head.reopened].join(' ');
    const known = this.reopened.get(key);
    const paths = (known?.paths ?? 0) + 1;
    const isLater = known === undefined || at > known.place.situation.now;
    const place = isLater
      ? { situation: take(situation, turn), expected: expectedAfter(expected, turn, this.dials) }
      : known.place;
    this.reopened.set(key, { place, paths });
  }

  private check({ expected, situation }: Place): void {
    const [is, shouldBe] = [seen(situation), foreseen(expected)];
    // Compared first: an assertion for each of so many places would take most of the time.
    if (is !== shouldBe) expect(`${this.trail}: ${is}`).toBe(`${this.trail}: ${shouldBe}`);
  }
}

/** Few dials, so that the tree of paths stays finite; every pause is used, and one race lost by the case itself. */
const DIALS: Dials = { mostDials: 3, noAnswerMinutes: [5, 15], mostReopenings: 1 };
const LADDER = ladderOf(DIALS);

function firstPlace(tier: CaseTier, dials: Dials): Place {
  const situation = begun(tier, ladderOf(dials));
  return { situation, expected: expectedWhenBegun(tier, START, dials) };
}

/** Walks all paths from every tier, then what comes after each way of being reopened. */
function walkEvery(pace: World['pace']) {
  const world: World = { pace, outcomes: EVERY_OUTCOME, mostRaces: 1 };
  const walk = new Walk(DIALS, world);
  for (const tier of CASE_TIERS) walk.from(firstPlace(tier, DIALS));
  let all = walk.paths;
  for (const { paths, place } of walk.reopened.values()) {
    const before = walk.paths;
    walk.from(place);
    all += paths * (walk.paths - before);
  }
  return { walked: walk.paths, all, longestMs: walk.longestMs };
}

describe('Every path of a case', () => {
  // As docs/ladder.md says. Another number is another table, or another ladder.
  it.each<[World['pace'], number, number]>([
    ['at once', 126_900, 185_625_150],
    ['at the last moment', 108_153, 136_902_447],
  ])(
    'whose people answer %s ends in time, and as the table says',
    (pace, walked, all) => {
      const { longestMs, ...paths } = walkEvery(pace);
      expect(paths).toEqual({ walked, all });
      expect(longestMs).toBeLessThan(longestCaseMs(LADDER));
    },
    120_000,
  );

  it('ends so too when a piece of news comes at any moment of it', () => {
    const dials: Dials = { mostDials: 2, noAnswerMinutes: [5], mostReopenings: 1 };
    // One outcome for each thing that can follow; the paths above have them all.
    const outcomes = [
      'dissuaded',
      'not-a-fraud',
      'money-lost',
      'busy',
      'no-answer',
      'refused',
    ] as const;
    const walk = new Walk(dials, { pace: 'at once', outcomes, mostRaces: 0 });
    for (const tier of CASE_TIERS) {
      // Before its workflow has looked at it, too.
      walk.from({ situation: opened(tier, ladderOf(dials)), expected: expectedAtFirst(tier) }, 1);
      walk.from(firstPlace(tier, dials), 1);
    }
    expect(walk.paths).toBe(58_142);
  }, 120_000);
});
