import {
  CASE_TIERS,
  type CaseTier,
  type LadderPolicy,
  STEPS,
  type Step,
} from '../../domain/ladder/ladder-policy.ts';

/** Step Functions counts whole seconds, and a task must reach a queue and come back: no due time is shorter. */
export const LEAST_DUE_SECONDS = 4;
/** A claim must outlive a slow heartbeat. */
const LEAST_LEASE_SECONDS = 5;

const MINUTE_SECONDS = 60;

/**
 * The ladder in fast motion, for a demonstration: all its times divided by a factor. Due times and claims keep some
 * seconds however large the factor, and are never longer than they were.
 *
 * @param factor 60 makes seconds of minutes; 1 changes nothing
 */
export function hastenLadder(ladder: LadderPolicy, factor: number): LadderPolicy {
  const faster = (minutes: number, leastSeconds = 0) =>
    Math.min(minutes, Math.max(minutes / factor, leastSeconds / MINUTE_SECONDS));
  const dueOf = (tier: CaseTier) =>
    Object.fromEntries(
      STEPS.map((step) => [step, faster(ladder.dueMinutes[tier][step], LEAST_DUE_SECONDS)]),
    ) as Record<Step, number>;
  return {
    ...ladder,
    dueMinutes: Object.fromEntries(
      CASE_TIERS.map((tier) => [tier, dueOf(tier)]),
    ) as LadderPolicy['dueMinutes'],
    leaseMinutes: faster(ladder.leaseMinutes, LEAST_LEASE_SECONDS),
    redial: {
      ...ladder.redial,
      busyMinutes: faster(ladder.redial.busyMinutes),
      noAnswerMinutes: ladder.redial.noAnswerMinutes.map((minutes) => faster(minutes)),
    },
    backupAfterMinutes: faster(ladder.backupAfterMinutes),
    watchHours: ladder.watchHours / factor,
  };
}
