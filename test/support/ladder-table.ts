import type { AttemptOutcome, CaseOutcome, CaseState } from '../../lib/domain/ladder/case-head.ts';
import type { CaseTier, Step } from '../../lib/domain/ladder/ladder-policy.ts';
import type { News, Turn } from './ladder-paths.ts';

/**
 * The tables of docs/ladder.md, written down a second time and in another way than the code that decides by them: what
 * the shipped ladder makes of a case, turn by turn.
 */
const TIERS = ['medium', 'high', 'urgent'] as const;
const STEPS_OF: Record<CaseTier, readonly Step[]> = {
  medium: ['call'],
  high: ['call', 'relatives', 'visit'],
  urgent: ['call', 'relatives', 'visit'],
};
const ALL_AT_ONCE: readonly CaseTier[] = ['urgent'];
const BANKS_ARE_TOLD: readonly CaseTier[] = ['urgent'];
const DUE_MINUTES: Record<CaseTier, Record<Step, number>> = {
  medium: { call: 30, relatives: 15, visit: 60 },
  high: { call: 10, relatives: 15, visit: 60 },
  urgent: { call: 10, relatives: 15, visit: 60 },
};
const BUSY_PAUSE_MINUTES = 3;
const WATCH_HOURS = 72;
/** Outcomes that call everything else off, the one that counts most first. */
const VERDICTS: readonly CaseOutcome[] = [
  'wrong-person',
  'not-a-fraud',
  'duplicate',
  'money-lost',
  'dissuaded',
];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What the table leaves to a test, so that its paths stay few. */
export interface Dials {
  readonly mostDials: number;
  readonly noAnswerMinutes: readonly number[];
  readonly mostReopenings: number;
}

/** A task that people have, as the table says. Times are epoch ms. */
export interface ExpectedTask {
  readonly step: Step;
  readonly from: number;
  readonly due: number;
  readonly calledOff: boolean;
}

interface Result {
  readonly step: Step;
  readonly outcome: AttemptOutcome;
  readonly at: number;
}

/** What a case is to be like, by the table. */
export interface Expected {
  readonly state: CaseState;
  readonly tier: CaseTier;
  readonly peak: CaseTier;
  readonly open: readonly ExpectedTask[];
  /** What came of this round's tasks that were not called off. */
  readonly results: readonly Result[];
  readonly banksTold: boolean;
  readonly reopened: number;
  /** From when on nobody waits for a pause to pass. */
  readonly dialNowAt: number;
  readonly watchUntil: number;
  readonly outcome?: CaseOutcome;
}

const above = (tier: CaseTier) => TIERS.slice(TIERS.indexOf(tier) + 1);
const isAbove = (tier: CaseTier, other: CaseTier) => above(other).includes(tier);

function verdictOf(results: readonly Result[]): CaseOutcome | undefined {
  const came = new Set<string>(results.map(({ outcome }) => outcome));
  return VERDICTS.find((verdict) => came.has(verdict));
}

/** When the number is dialled again; undefined when it is not, because it was not dialled or the step has failed. */
function nextDial(
  { dialNowAt, results }: Pick<Expected, 'results' | 'dialNowAt'>,
  { mostDials, noAnswerMinutes }: Dials,
): { readonly at: number; readonly busy: boolean } | undefined {
  const dials = results.filter(({ step }) => step === 'call');
  const last = dials.at(-1);
  if (last === undefined || dials.length >= mostDials) return undefined;
  const unanswered = dials.filter(({ outcome }) => outcome === 'no-answer').length;
  const pauses: Partial<Record<AttemptOutcome, number | undefined>> = {
    busy: BUSY_PAUSE_MINUTES,
    'no-answer': noAnswerMinutes[unanswered - 1],
  };
  const pause = pauses[last.outcome];
  if (pause === undefined) return undefined;
  const at = dialNowAt > last.at ? dialNowAt : last.at + pause * MINUTE;
  return { at, busy: last.outcome === 'busy' };
}

function remaining(expected: Expected, tier: CaseTier, dials: Dials): Step[] {
  const tried = new Set(expected.results.map(({ step }) => step));
  if (nextDial(expected, dials) !== undefined) tried.delete('call');
  return STEPS_OF[tier].filter((step) => !tried.has(step));
}

function task(tier: CaseTier, step: Step, from: number): ExpectedTask {
  return { step, from, due: from + DUE_MINUTES[tier][step] * MINUTE, calledOff: false };
}

/** What follows when nothing is open. */
function plan(expected: Expected, now: number, dials: Dials): Expected {
  const verdict = verdictOf(expected.results);
  if (verdict === 'dissuaded') {
    return { ...expected, state: 'watching', watchUntil: now + WATCH_HOURS * HOUR };
  }
  if (verdict === 'money-lost' && !expected.results.some(({ step }) => step === 'visit')) {
    return { ...expected, open: [task(expected.tier, 'visit', now)] };
  }
  if (verdict !== undefined) return { ...expected, state: 'closed', outcome: verdict };
  const dial = nextDial(expected, dials);
  const own = remaining(expected, expected.tier, dials);
  const onlyBusy = own.length === 1 && dial?.busy === true;
  const rise =
    own.length === 0 || onlyBusy
      ? above(expected.tier).find((tier) => remaining(expected, tier, dials).length > own.length)
      : undefined;
  const tier = rise ?? expected.tier;
  const steps = remaining(expected, tier, dials);
  if (steps.length === 0) return { ...expected, state: 'closed', outcome: 'not-dissuaded' };
  const isTogether = ALL_AT_ONCE.includes(tier) || dial?.busy === true;
  const taken = isTogether ? steps : steps.slice(0, 1);
  return {
    ...expected,
    tier,
    peak: isAbove(tier, expected.peak) ? tier : expected.peak,
    banksTold: expected.banksTold || BANKS_ARE_TOLD.includes(tier),
    open: taken.map((step) =>
      task(tier, step, step === 'call' && dial !== undefined ? Math.max(now, dial.at) : now),
    ),
  };
}

function goOn(expected: Expected, now: number, dials: Dials): Expected {
  const waits = expected.state !== 'open' || expected.open.length > 0;
  return waits ? expected : plan(expected, now, dials);
}

const callOff = (open: readonly ExpectedTask[], which: (task: ExpectedTask) => boolean) =>
  open.map((one) => (which(one) ? { ...one, calledOff: true } : one));

/** A case that was just opened, before its workflow has looked at it. */
export function expectedAtFirst(tier: CaseTier): Expected {
  return {
    state: 'open',
    tier,
    peak: tier,
    open: [],
    results: [],
    banksTold: false,
    reopened: 0,
    dialNowAt: 0,
    watchUntil: 0,
  };
}

/** What the workflow makes of it first. */
export function expectedWhenBegun(tier: CaseTier, now: number, dials: Dials): Expected {
  return plan(expectedAtFirst(tier), now, dials);
}

/** A turn as far as the table looks at it. */
type SeenTurn =
  | Exclude<Turn, { readonly kind: 'end' }>
  | (Omit<Turn & { readonly kind: 'end' }, 'attempt'> & {
      readonly attempt: { readonly step: Step };
    });

function afterEnd(
  before: Expected,
  { attempt, at, outcome }: SeenTurn & { kind: 'end' },
  dials: Dials,
): Expected {
  const { step } = attempt;
  const results =
    outcome === 'cancelled' ? before.results : [...before.results, { step, outcome, at }];
  const verdict = verdictOf(results);
  const others = before.open.filter((one) => one.step !== step);
  const isPointless = ({ step: other }: ExpectedTask) =>
    verdict !== undefined && (verdict !== 'money-lost' || other !== 'visit');
  const open = callOff(others, isPointless);
  const banksTold = before.banksTold || outcome === 'money-lost';
  const after = { ...before, results, open, banksTold };
  const dial = step === 'call' ? nextDial(after, dials) : undefined;
  const isBesideOthers = open.some(({ calledOff }) => !calledOff);
  if (verdict !== undefined || dial === undefined || !isBesideOthers) return after;
  return { ...after, open: [...open, task(before.tier, 'call', Math.max(at, dial.at))] };
}

function afterNews(before: Expected, news: News, now: number, { mostReopenings }: Dials): Expected {
  switch (news) {
    case 'raised to high':
    case 'raised to urgent': {
      const tier = news === 'raised to high' ? 'high' : 'urgent';
      if (!isAbove(tier, before.tier)) return before;
      return { ...before, tier, peak: tier, open: callOff(before.open, () => true) };
    }
    case 'exposure': {
      if (before.state !== 'watching' || before.reopened >= mostReopenings) return before;
      const tier = above(before.tier)[0] ?? before.tier;
      const { reopened } = before;
      return { ...before, state: 'open', tier, peak: tier, results: [], reopened: reopened + 1 };
    }
    case 'line free':
    case 'undeliverable':
      return {
        ...before,
        dialNowAt: now,
        open: callOff(before.open, ({ from, step }) => step === 'call' && from > now),
      };
  }
}

/** What a case is to be like after a turn, when its workflow waits again. */
export function expectedAfter(before: Expected, turn: SeenTurn, dials: Dials): Expected {
  const { at } = turn;
  switch (turn.kind) {
    case 'quiet':
      return { ...before, state: 'closed', outcome: 'dissuaded' };
    case 'news':
      return before.state === 'closed'
        ? before
        : goOn(afterNews(before, turn.news, at, dials), at, dials);
    case 'end':
      return goOn(afterEnd(before, turn, dials), at, dials);
  }
}
