import type { Reason } from '../exposure.ts';
import type { CluesPolicy, ListsPolicy } from './list-policy.ts';
import type { CluesEntry, Listing } from './listing.ts';

const DAY = 86_400;

/** Names of what lists add to a caller's score. */
export const STUDY_TERM = 'study';
export const CLUES_TERM = 'clues';

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
 * What the public's reports add to a caller's score: nothing where his own calls do not speak against him.
 *
 * @param behaviour points of his calls alone
 * @param time epoch seconds
 */
export function addedByClues(
  { clues }: Listing,
  behaviour: number,
  time: number,
  { clues: policy }: ListsPolicy,
): Reason | undefined {
  if (clues === undefined || behaviour < policy.behaviourAtLeast) return undefined;
  const points = pointsOfClues(clues, time, policy);
  return points > 0 ? { id: CLUES_TERM, points } : undefined;
}

/** What the daily study adds, as {@link addedByClues}. */
export function addedByStudy(
  { study }: Listing,
  behaviour: number,
  time: number,
  { study: policy }: ListsPolicy,
): Reason | undefined {
  if (study === undefined || time >= study.until) return undefined;
  if (behaviour < policy.behaviourAtLeast) return undefined;
  const points = toHundredths(Math.min(study.points, policy.pointsAtMost));
  return points > 0 ? { id: STUDY_TERM, points } : undefined;
}
