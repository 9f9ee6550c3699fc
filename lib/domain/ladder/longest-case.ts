import { CASE_TIERS, type LadderPolicy, type Step } from './ladder-policy.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** Rises of a round: each calls off what waits, which then begins anew. */
const MOST_RISES = CASE_TIERS.length - 1;

function longestDue({ dueMinutes }: LadderPolicy, step: Step): number {
  return Math.max(...CASE_TIERS.map((tier) => dueMinutes[tier][step])) * MINUTE;
}

/**
 * The longest that a case can take from its opening until it is closed, in ms, if everybody lets every due time pass.
 *
 * The proof: a round ends when every step has failed, or with a decisive outcome. Every step of it fails once, after
 * at most one due time; the call at most `mostDials` times, with a pause before each dial. A rise in tier calls off
 * what waits and begins it anew, which is one more due time for each step, and the tiers can rise only twice in a
 * round. A line that is heard to be free cuts a pause short and adds nothing. After a round comes at most one watch
 * period, and after that at most `mostReopenings` more rounds.
 */
export function longestCaseMs(ladder: LadderPolicy): number {
  const { redial } = ladder;
  const pause = Math.max(redial.busyMinutes, ...redial.noAnswerMinutes) * MINUTE;
  const calls = (redial.mostDials + MOST_RISES) * (pause + longestDue(ladder, 'call'));
  const others = longestDue(ladder, 'relatives') + longestDue(ladder, 'visit');
  const round = calls + (1 + MOST_RISES) * others + ladder.watchHours * HOUR;
  return round * (ladder.mostReopenings + 1);
}

/** A case that outlives this is broken: the workflow is ended then, so no ladder may take so long. */
export const CASE_LIMIT_MS = 24 * 24 * HOUR;
