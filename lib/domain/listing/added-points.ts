import type { Reason } from '../exposure.ts';
import type { CluesPolicy, ListsPolicy } from './list-policy.ts';
import type { CluesEntry, Listing } from './listing.ts';

const DAY = 86_400;

/** Names of what lists add to a caller's score, in the order in which it is added. */
export const LIST_TERMS = ['clues', 'study'] as const;

/** Name of what a call with a case number gives. */
export const CASE_NUMBER_TERM = 'case-number';

const toHundredths = (points: number): number => Math.round(points * 100) / 100;

/** How much is left of a weight after so many seconds. */
export function fadedWeight(
  weight: number,
  seconds: number,
  { halfLifeDays }: CluesPolicy,
): number {
  return weight * 0.5 ** (Math.max(0, seconds) / (halfLifeDays * DAY));
}

/** Points of so much weight of independent reports: each further one gives less, and together never more than the most. */
export function pointsOfWeight(weight: number, policy: CluesPolicy): number {
  const more = weight - policy.reportersAtLeast;
  if (more < 0) return 0;
  return toHundredths(policy.pointsAtMost * (1 - Math.exp(-(more + 1) / policy.reportersScale)));
}

function pointsOfClues(
  { at, until, weight }: CluesEntry,
  time: number,
  policy: CluesPolicy,
): number {
  return time >= until ? 0 : pointsOfWeight(fadedWeight(weight, time - at, policy), policy);
}

/**
 * What the lists add to a caller's score: nothing where his own calls do not speak against him.
 *
 * @param behaviour points of his calls alone
 * @param time epoch seconds
 */
export function addedByLists(
  { clues, study }: Listing,
  behaviour: number,
  time: number,
  policy: ListsPolicy,
): Reason[] {
  const added: Reason[] = [];
  if (clues !== undefined && behaviour >= policy.clues.behaviourAtLeast) {
    const points = pointsOfClues(clues, time, policy.clues);
    if (points > 0) added.push({ id: 'clues', points });
  }
  if (study !== undefined && time < study.until && behaviour >= policy.study.behaviourAtLeast) {
    const points = toHundredths(Math.min(study.points, policy.study.pointsAtMost));
    if (points > 0) added.push({ id: 'study', points });
  }
  return added;
}
