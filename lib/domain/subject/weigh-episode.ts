import type { ExposureSide, Reason } from '../exposure.ts';
import type { NumberToken } from '../leg.ts';
import { CASE_NUMBER_TERM } from '../listing/added-points.ts';
import { logit } from '../scorecard.ts';
import { pointsOfBin, type SubjectsPolicy } from './subject-policy.ts';
import type { HeldExposure } from './subject-state.ts';

const HOUR = 3600;

/** What an episode's sum is made from, for those who read it out. */
export interface EpisodeFacts {
  /** Answered exposures. */
  readonly calls: number;
  /** Answered minutes of those that ended. */
  readonly minutes: number;
  /** Minutes of the longest of them: who is deceived is kept on the line, who is pestered is not. */
  readonly longestMinutes: number;
  /** Most different callers within the policy's minutes of concert. */
  readonly callers: number;
}

/** The risk of an episode, in points. `termsOf` says how they come together. */
export interface EpisodeWeight extends EpisodeFacts {
  /** The call that weighs most: its caller is whom a text names. */
  readonly weightiest: HeldExposure;
  /** What that call weighs by: the list, what is known of its caller, or only its own circumstances. */
  readonly weighsBy: ExposureSide;
  readonly points: number;
  /** Epoch seconds at which the last of it came to be known. */
  readonly newestNews: number;
}

/** The section of the policy, with what is computed from it once. */
export interface EpisodeScale {
  readonly subjects: SubjectsPolicy;
  /** Points of a caller of whom nothing is known: the share of fraud that the scorecard was made for. */
  readonly unknownCaller: number;
}

/** Prepares the policy's section for weighing. */
export function episodeScale(subjects: SubjectsPolicy, fraudShare: number): EpisodeScale {
  return { subjects, unknownCaller: logit(fraudShare) };
}

const isFindingKnown = ({ start, finding }: HeldExposure, asOf: number): boolean =>
  finding !== undefined && Math.max(start, finding.foundAt) <= asOf;

const areCircumstancesKnown = ({ start, circumstances }: HeldExposure, asOf: number): boolean =>
  circumstances !== undefined && Math.max(start, circumstances.at) <= asOf;

const isListingKnown = ({ start, listed }: HeldExposure, asOf: number): boolean =>
  listed !== undefined && Math.max(start, listed.at) <= asOf;

function localHour(start: number, utcOffsetMinutes: number): number {
  return Math.floor(((((start + utcOffsetMinutes * 60) % 86_400) + 86_400) % 86_400) / HOUR);
}

/** When a call's first evidence came to light, in epoch seconds: at its start, or after it. */
export function lightTime({ start, finding, circumstances, listed }: HeldExposure): number {
  return Math.max(
    start,
    Math.min(
      finding?.foundAt ?? Number.POSITIVE_INFINITY,
      circumstances?.at ?? Number.POSITIVE_INFINITY,
      listed?.at ?? Number.POSITIVE_INFINITY,
    ),
  );
}

/** When a call's minutes are known: at its end, unless it came to light later. */
function minutesTime(held: HeldExposure): number {
  return Math.max(lightTime(held), held.start + held.duration);
}

/** What is known of a call's caller, in points. Somebody of whom nothing is known gives none. */
function callerPoints({ finding }: HeldExposure, { subjects }: EpisodeScale): number {
  return Math.min(finding?.points ?? 0, subjects.callerAtMost ?? Number.POSITIVE_INFINITY);
}

/**
 * Whether a call weighs by what is known of its caller. Somebody hardly risky weighs no less than somebody unknown
 * where the call has circumstances of its own: news of a caller must not lower what they gave.
 */
function weighsByCaller(held: HeldExposure, scale: EpisodeScale, asOf: number): boolean {
  return (
    isFindingKnown(held, asOf) &&
    (callerPoints(held, scale) >= scale.unknownCaller || !areCircumstancesKnown(held, asOf))
  );
}

function hourPoints({ start }: HeldExposure, { hours, utcOffsetMinutes }: SubjectsPolicy): number {
  return hours.length === 1
    ? (hours[0]?.points ?? 0)
    : pointsOfBin(hours, localHour(start, utcOffsetMinutes));
}

/** What speaks of the other number of a call, in points: a case number's by the list, unless its calls say more. */
function numberPoints(held: HeldExposure, scale: EpisodeScale, asOf: number): number {
  const points = weighsByCaller(held, scale, asOf)
    ? callerPoints(held, scale)
    : scale.unknownCaller;
  const { listed } = held;
  return listed !== undefined && isListingKnown(held, asOf) && listed.points > points
    ? listed.points
    : points;
}

/** What a call weighs by. */
function sideOf(held: HeldExposure, scale: EpisodeScale, asOf: number): ExposureSide {
  const { listed } = held;
  const isListed =
    listed !== undefined &&
    isListingKnown(held, asOf) &&
    listed.points === numberPoints(held, scale, asOf);
  if (isListed) return 'list';
  return weighsByCaller(held, scale, asOf) ? 'caller' : 'subject';
}

/** Points of one call: its caller, its own circumstances, its hour, added in the order of `termsOf`. */
function pointsOfCall(held: HeldExposure, scale: EpisodeScale, asOf: number): number {
  const { circumstances } = held;
  let points = numberPoints(held, scale, asOf);
  if (circumstances !== undefined && areCircumstancesKnown(held, asOf)) {
    for (const circumstance of circumstances.points) points += circumstance.points;
  }
  return points + hourPoints(held, scale.subjects);
}

function carePoints(careGroup: string | undefined, { care }: SubjectsPolicy): number {
  return careGroup === undefined ? 0 : (care[careGroup] ?? 0);
}

/** Most different callers within so many seconds. */
function callersInConcert(held: readonly HeldExposure[], seconds: number): number {
  // Calls with a case number count later than they were made.
  const exposures = held.some(({ listed }) => listed !== undefined)
    ? held.toSorted((a, b) => a.start - b.start)
    : held;
  const callers = new Map<NumberToken, number>();
  let most = 0;
  let first = 0;
  for (const { caller, start } of exposures) {
    callers.set(caller, (callers.get(caller) ?? 0) + 1);
    for (let oldest = exposures[first]; oldest !== undefined; oldest = exposures[++first]) {
      if (start - oldest.start <= seconds) break;
      const left = (callers.get(oldest.caller) ?? 1) - 1;
      if (left === 0) callers.delete(oldest.caller);
      else callers.set(oldest.caller, left);
    }
    most = Math.max(most, callers.size);
  }
  return most;
}

/**
 * Weighs an episode by what was known at a time. A function of the set of its exposures, that never falls when
 * one is added or when time goes on.
 *
 * @param exposures answered, in order of time
 * @param asOf epoch seconds; infinity for all there is
 * @returns undefined when nothing had come to light yet
 */
export function weighEpisode(
  exposures: readonly HeldExposure[],
  scale: EpisodeScale,
  careGroup: string | undefined,
  asOf: number = Number.POSITIVE_INFINITY,
): EpisodeWeight | undefined {
  const known =
    asOf === Number.POSITIVE_INFINITY
      ? exposures
      : exposures.filter((held) => lightTime(held) <= asOf);
  let weightiest: HeldExposure | undefined;
  let points = Number.NEGATIVE_INFINITY;
  let seconds = 0;
  let longest = 0;
  let newestNews = 0;
  for (const held of known) {
    const ofCall = pointsOfCall(held, scale, asOf);
    // Of equals, the newest: the text shows the call that the person remembers.
    if (ofCall >= points) {
      points = ofCall;
      weightiest = held;
    }
    const end = minutesTime(held);
    if (held.duration > 0 && end <= asOf) {
      seconds += held.duration;
      longest = Math.max(longest, held.duration);
    }
    newestNews = Math.max(newestNews, held.duration > 0 ? end : lightTime(held));
  }
  if (weightiest === undefined) return undefined;
  const { subjects } = scale;
  const minutes = seconds / 60;
  const longestMinutes = longest / 60;
  const calls = known.length;
  const callers = calls === 1 ? 1 : callersInConcert(known, subjects.concert.minutes * 60);
  points += pointsOfBin(subjects.longestMinutes, longestMinutes);
  points += pointsOfBin(subjects.calls, calls);
  points += pointsOfBin(subjects.concert.bins, callers);
  points += carePoints(careGroup, subjects);
  const weighsBy = sideOf(weightiest, scale, asOf);
  return { calls, minutes, longestMinutes, callers, weightiest, weighsBy, points, newestNews };
}

const FIRST_TERM: Readonly<Record<ExposureSide, string>> = {
  list: CASE_NUMBER_TERM,
  caller: 'caller',
  subject: 'caller-unknown',
};

/**
 * The sum of an episode by name: adding the terms in their order gives `points`, to the last bit.
 *
 * @param weight of all there is to the episode
 */
export function termsOf(
  { weightiest, weighsBy, calls, longestMinutes, callers }: EpisodeWeight,
  scale: EpisodeScale,
  careGroup: string | undefined,
): Reason[] {
  const { subjects } = scale;
  const terms: Reason[] = [
    {
      id: FIRST_TERM[weighsBy],
      points: numberPoints(weightiest, scale, Number.POSITIVE_INFINITY),
    },
    ...(weightiest.circumstances?.points ?? []),
    { id: 'hour', points: hourPoints(weightiest, subjects) },
    { id: 'longest-call', points: pointsOfBin(subjects.longestMinutes, longestMinutes) },
    { id: 'calls', points: pointsOfBin(subjects.calls, calls) },
    { id: 'callers-in-concert', points: pointsOfBin(subjects.concert.bins, callers) },
    { id: 'care-group', points: carePoints(careGroup, subjects) },
  ];
  // The first is what the sum starts from; of the others, those that gave nothing say nothing.
  return terms.filter(({ points }, i) => i === 0 || points !== 0);
}

/**
 * When an episode first weighed so many points: what it weighs only grows with time, so the time is found by
 * halving, and is the same in whatever order the exposures became known.
 *
 * @returns epoch seconds, undefined when it never did
 */
export function timeOfPoints(
  exposures: readonly HeldExposure[],
  scale: EpisodeScale,
  careGroup: string | undefined,
  wanted: number,
): number | undefined {
  const times = exposures
    .flatMap((held) => [
      ...(held.finding === undefined ? [] : [Math.max(held.start, held.finding.foundAt)]),
      ...(held.circumstances === undefined ? [] : [Math.max(held.start, held.circumstances.at)]),
      ...(held.listed === undefined ? [] : [Math.max(held.start, held.listed.at)]),
      ...(held.duration > 0 ? [minutesTime(held)] : []),
    ])
    .sort((a, b) => a - b);
  const reaches = (asOf: number): boolean =>
    (weighEpisode(exposures, scale, careGroup, asOf)?.points ?? Number.NEGATIVE_INFINITY) >= wanted;
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reaches(times[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return times[low];
}
