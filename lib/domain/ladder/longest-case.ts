import { CASE_TIERS, type LadderPolicy, type Step } from './ladder-policy.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;

/** The longest that one step can take in any tier, with all its dials and the pauses between them. */
function longestStep({ redial, tiers }: LadderPolicy, step: Step): number {
  const due = Math.max(...CASE_TIERS.map((tier) => tiers[tier].dueMinutes[step])) * MINUTE;
  if (step !== 'call') return due;
  const pause = Math.max(redial.busyMinutes, ...redial.noAnswerMinutes) * MINUTE;
  return redial.mostDials * (due + pause);
}

/**
 * The longest that a case can take from its opening until it is closed, in ms, if everybody lets every due time pass:
 * in a round each step is tried once (a call as often as it may be dialled), whatever the tiers, and cancelled at most
 * once for each tier that the case rises by; after a round a watch period; and so on for every reopening.
 */
export function longestCaseMs(ladder: LadderPolicy): number {
  const steps = [...new Set(CASE_TIERS.flatMap((tier) => ladder.tiers[tier].steps))];
  const once = [...steps, 'visit' as const].reduce(
    (sum, step) => sum + longestStep(ladder, step),
    0,
  );
  const round = once * CASE_TIERS.length + ladder.watchHours * HOUR;
  return round * (ladder.mostReopenings + 1);
}
