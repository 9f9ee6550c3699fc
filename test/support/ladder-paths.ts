import {
  type Attempt,
  type AttemptOutcome,
  type CaseChange,
  type CaseHead,
  endAttempt,
  openAttempts,
  openCase,
} from '../../lib/domain/ladder/case-head.ts';
import { type CaseProgress, hearNews, nothingHeard } from '../../lib/domain/ladder/case-news.ts';
import type { CaseTier, LadderPolicy } from '../../lib/domain/ladder/ladder-policy.ts';
import { afterAttempt, nextMove } from '../../lib/domain/ladder/next-move.ts';
import { type TimelineEvent, WORKFLOW } from '../../lib/domain/ladder/timeline-event.ts';
import { TASK_OUTCOMES } from '../../lib/domain/task-outcome.ts';
import { SUBJECT } from '../domain/factories.ts';

/** A moment at which the workflow waits for the world, or the case is closed. */
export interface Situation {
  readonly head: CaseHead;
  /** Epoch ms. */
  readonly now: number;
  readonly events: readonly TimelineEvent[];
  /** Answers so far that came just before their task was called off. */
  readonly races: number;
}

/** Everything that a case can hear of while it runs. */
export const NEWS = [
  'raised to high',
  'raised to urgent',
  'exposure',
  'line free',
  'undeliverable',
] as const;
export type News = (typeof NEWS)[number];

/** What the world does in a situation; `at` in epoch ms. */
export type Turn =
  | {
      readonly kind: 'end';
      readonly attempt: Attempt;
      readonly outcome: AttemptOutcome;
      readonly at: number;
    }
  /** A watch period passes without news. */
  | { readonly kind: 'quiet'; readonly at: number }
  | { readonly kind: 'news'; readonly news: News; readonly at: number };

/** Which paths to walk. */
export interface World {
  /** When people answer, of the time that they have: what decides how long a path takes, and what is overtaken. */
  readonly pace: 'at once' | 'at the last moment';
  /** What can come of a task; that nobody is known, of the relatives alone. */
  readonly outcomes: readonly AttemptOutcome[];
  /** Answers that come just before their task is called off: at most so many in a path. */
  readonly mostRaces: number;
}

/** Whatever an officer can report, that nobody does, and that there is nobody to ask. */
export const EVERY_OUTCOME: readonly AttemptOutcome[] = [
  ...TASK_OUTCOMES,
  'overdue',
  'no-relatives',
];

export const START = Date.UTC(2026, 10, 24);
const SECOND = 1_000;

/** The store counts the changes of a case. */
function changed(before: Situation, { changed: head, events }: CaseChange, now: number): Situation {
  const kept = { ...head, version: before.head.version + 1 };
  return { ...before, head: kept, now, events: [...before.events, ...events] };
}

/** What the workflow does when nothing is open: it plans, and waits again. */
function planned(before: Situation): Situation {
  if (openAttempts(before.head).length > 0) return before;
  const { changed: head, events } = nextMove(before.head, before.now);
  return changed(before, { changed: head, events }, before.now);
}

/** A case that has just been opened, before its workflow has looked at it. */
export function opened(tier: CaseTier, ladder: LadderPolicy): Situation {
  const opening = openCase(
    {
      caseId: 'c',
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
  return { head: opening.changed, now: START, events: opening.events, races: 0 };
}

/** A case whose first steps are taken. */
export function begun(tier: CaseTier, ladder: LadderPolicy): Situation {
  return planned(opened(tier, ladder));
}

/** Every way in which the next of the open attempts can end. */
function endings({ head, now, races }: Situation, world: World): Turn[] {
  const open = openAttempts(head);
  const outcomesOf = ({ step }: Attempt) =>
    world.outcomes.filter((outcome) => outcome !== 'no-relatives' || step === 'relatives');
  const off = open.filter(({ calledOff }) => calledOff === true);
  if (off.length > 0) {
    return off.flatMap((attempt) => {
      const end = (outcome: AttemptOutcome): Turn => ({ kind: 'end', attempt, outcome, at: now });
      const raced = races < world.mostRaces ? outcomesOf(attempt).map(end) : [];
      return [end('cancelled'), ...raced];
    });
  }
  const firstDue = Math.min(...open.map(({ dueAt }) => dueAt));
  return open.flatMap((attempt) => {
    const { dueAt, offerAt } = attempt;
    const earliest = Math.max(now, offerAt);
    const at = world.pace === 'at once' ? earliest + SECOND : Math.max(earliest, firstDue - 1);
    return outcomesOf(attempt).flatMap((outcome): Turn[] => {
      if (outcome === 'overdue') {
        return dueAt === firstDue ? [{ kind: 'end', attempt, outcome, at: dueAt }] : [];
      }
      return at < firstDue ? [{ kind: 'end', attempt, outcome, at }] : [];
    });
  });
}

/** Everything that can come next without news; a watch period ends in quiet. */
export function turnsOf(situation: Situation, world: World): Turn[] {
  const { state, watchUntil = 0 } = situation.head;
  if (state === 'closed') return [];
  return state === 'watching' ? [{ kind: 'quiet', at: watchUntil }] : endings(situation, world);
}

/** What a case is told so that it hears a piece of news. @param now epoch ms */
export function progressAfter(
  { heard, tier }: Pick<CaseHead, 'heard' | 'tier'>,
  news: News,
  now: number,
): CaseProgress {
  switch (news) {
    case 'raised to high':
      return { ...heard, tier: tier === 'urgent' ? tier : 'high' };
    case 'raised to urgent':
      return { ...heard, tier: 'urgent' };
    case 'exposure':
      return { ...heard, calls: heard.calls + 1 };
    case 'line free':
      return { ...heard, lineFreeAt: Math.ceil(now / SECOND) };
    case 'undeliverable':
      return { ...heard, undeliverable: 'landline' };
  }
}

/** The case after it, when the workflow waits again. */
export function take(before: Situation, turn: Turn): Situation {
  const { at } = turn;
  if (turn.kind === 'quiet') return planned({ ...before, now: at });
  if (turn.kind === 'news') {
    const heard = hearNews(before.head, progressAfter(before.head, turn.news, at), at);
    return planned(heard === undefined ? { ...before, now: at } : changed(before, heard, at));
  }
  const { attempt, outcome } = turn;
  const by = outcome === 'overdue' || outcome === 'cancelled' ? WORKFLOW : 'ada';
  const ended = endAttempt(before.head, attempt.taskId, outcome, by, at);
  if (ended === undefined) throw new Error(`${attempt.taskId} ended before`);
  const after = afterAttempt(ended.changed, attempt.taskId, at);
  const events = [...ended.events, ...after.events];
  const raced = attempt.calledOff === true && outcome !== 'cancelled' ? 1 : 0;
  const situation = changed(before, { changed: after.changed, events }, at);
  return planned({ ...situation, races: before.races + raced });
}
