import type { AttemptOutcome } from '../../lib/domain/ladder/case-head.ts';
import {
  CASE_TIERS,
  type CaseTier,
  type LadderPolicy,
  type Step,
} from '../../lib/domain/ladder/ladder-policy.ts';
import { begun, EVERY_OUTCOME, type Situation, take, turnsOf } from './ladder-paths.ts';

/** How one task of a walk ends, and which tier the case has then. */
export interface WalkedEnd {
  readonly tier: CaseTier;
  readonly step: Step;
  readonly outcome: AttemptOutcome;
  /** What others came to between its offer and its end. */
  readonly meanwhile: readonly AttemptOutcome[];
}

/** A path that can be walked with a clock: who has to be first is first by waiting for it. */
export interface CoveringWalk {
  readonly tier: CaseTier;
  /** In order; those that are called off among them. */
  readonly ends: readonly WalkedEnd[];
  readonly last: Situation;
}

/** What a covering set covers: a tier, a step, and how a task of it ends. */
export const placeOf = ({ outcome, step, tier }: WalkedEnd): string => `${tier} ${step} ${outcome}`;

/** Comes by itself: at a time, or at once. */
export const BY_ITSELF: ReadonlySet<AttemptOutcome> = new Set(['overdue', 'no-relatives']);
/** Has no effect on the others beside it. */
const APART: ReadonlySet<AttemptOutcome> = new Set([...BY_ITSELF, 'refused']);

/**
 * Whether a walk leaves nothing to chance. A step that is overdue has a short due time in that tier, so it must not be
 * answered or called off there in the same walk, and whether relatives are known is so for all of it; what comes by
 * itself may come before or after what it stands beside.
 */
function isCertain(ends: readonly WalkedEnd[]): boolean {
  const isMixed = (outcome: AttemptOutcome, groupOf: (end: WalkedEnd) => string) => {
    const groups = new Set(ends.filter((end) => end.outcome === outcome).map(groupOf));
    return ends.some((end) => end.outcome !== outcome && groups.has(groupOf(end)));
  };
  return (
    ends.every(
      ({ meanwhile, outcome }) =>
        !BY_ITSELF.has(outcome) || meanwhile.every((other) => APART.has(other)),
    ) &&
    !isMixed('overdue', ({ step, tier }) => `${tier} ${step}`) &&
    !isMixed('no-relatives', ({ step }) => step)
  );
}

function everyWalk(tier: CaseTier, ladder: LadderPolicy): CoveringWalk[] {
  const walks: CoveringWalk[] = [];
  const world = { pace: 'at once', outcomes: EVERY_OUTCOME, mostRaces: 0 } as const;
  const go = (situation: Situation, ends: readonly WalkedEnd[], offered: Map<string, number>) => {
    const { climb, state, tier: now } = situation.head;
    if (state === 'closed') {
      walks.push({ tier, ends, last: situation });
      return;
    }
    const known = new Map(climb.map(({ taskId }) => [taskId, offered.get(taskId) ?? ends.length]));
    for (const turn of turnsOf(situation, world)) {
      if (turn.kind !== 'end') go(take(situation, turn), ends, known);
      else {
        const { attempt, outcome } = turn;
        const meanwhile = ends.slice(known.get(attempt.taskId)).map((other) => other.outcome);
        const end = { tier: now, step: attempt.step, outcome, meanwhile };
        go(take(situation, turn), [...ends, end], known);
      }
    }
  };
  go(begun(tier, ladder), [], new Map());
  return walks;
}

/** What a walk makes somebody wait for. */
function costOf({ ends }: CoveringWalk): number {
  return ends.length + 10 * ends.filter(({ outcome }) => outcome === 'overdue').length;
}

/**
 * Chooses few of all paths of a ladder so that together they end a task in every way in which one can end, in each
 * step and tier.
 *
 * @returns the walks, and every place that any path comes to
 */
export function coveringWalks(ladder: LadderPolicy): {
  readonly walks: readonly CoveringWalk[];
  readonly places: ReadonlySet<string>;
} {
  const all = CASE_TIERS.flatMap((tier) => everyWalk(tier, ladder));
  const places = new Set(all.flatMap(({ ends }) => ends.map(placeOf)));
  const candidates = all
    .filter(({ ends }) => isCertain(ends))
    .sort((a, b) => costOf(a) - costOf(b))
    .map((walk) => ({ walk, reached: new Set(walk.ends.map(placeOf)) }));
  const walks: CoveringWalk[] = [];
  const open = new Set(places);
  while (open.size > 0) {
    let best: { walk: CoveringWalk; worth: number } | undefined;
    for (const { reached, walk } of candidates) {
      const worth = [...reached].filter((place) => open.has(place)).length;
      if (worth > (best?.worth ?? 0)) best = { walk, worth };
    }
    if (best === undefined) break;
    walks.push(best.walk);
    for (const end of best.walk.ends) open.delete(placeOf(end));
  }
  return { walks, places };
}
