import { isStationQueue } from '../registers/station-hours.ts';
import { CASE_TIERS, type LadderPolicy } from './ladder-policy.ts';
import { CASE_LIMIT_MS, longestCaseMs } from './longest-case.ts';

const DAY = 86_400_000;

/** What a schema cannot say of the section `ladder`: every problem, with its place. */
export function ladderProblems(ladder: LadderPolicy): string[] {
  const problems = CASE_TIERS.flatMap((tier) => {
    const { steps } = ladder.tiers[tier];
    return new Set(steps).size === steps.length
      ? []
      : [`/ladder/tiers/${tier}/steps: each step stands once`];
  });
  if (isStationQueue(ladder.queue)) {
    // The call desk works no station's queue: every task of the centre would wait for its due time in vain.
    problems.push('/ladder/queue: station-… is the queue of a police station');
  }
  const longest = longestCaseMs(ladder);
  if (longest > CASE_LIMIT_MS) {
    const days = (ms: number) => Math.ceil(ms / DAY);
    problems.push(
      `/ladder: a case could take ${days(longest)} days, and its workflow ends after ${days(CASE_LIMIT_MS)}`,
    );
  }
  return problems;
}
