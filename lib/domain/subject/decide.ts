import type { Exposure, Reason } from '../exposure.ts';
import type { FraudKind } from '../fraud-kind.ts';
import type { LadderPolicy } from '../ladder/ladder-policy.ts';
import { longestCaseMs } from '../ladder/longest-case.ts';
import type { NumberToken } from '../leg.ts';
import type { Policy } from '../policy.ts';
import { fraudProbability } from '../scorecard.ts';
import { TIERS, type Tier } from '../tiers.ts';
import {
  addExposure,
  type Episode,
  type HeldExposure,
  NEW_SUBJECT,
  placeInTime,
  placeOfExposure,
  type SubjectState,
} from './subject-state.ts';
import {
  type EpisodeFacts,
  type EpisodeScale,
  type EpisodeWeight,
  episodeScale,
  lightTime,
  termsOf,
  timeOfPoints,
  weighEpisode,
} from './weigh-episode.ts';

/** Where the judgement behind a decision is kept: among the findings on the caller, or with the call itself. */
export interface FindingReference {
  readonly caller: NumberToken;
  /** Epoch seconds. */
  readonly foundAt: number;
  readonly track: Exposure['track'];
  readonly side: Exposure['side'];
}

/** What a decision weighed, term by term. */
export interface Grounds {
  /** The sum of `terms`, exactly. */
  readonly points: number;
  /** Calibrated probability that the subject is being deceived, at the policy's base rate. */
  readonly probability: number;
  readonly terms: readonly Reason[];
  readonly facts: EpisodeFacts & {
    /** Calls that went on after the subject could have been warned. */
    readonly callsAfterTheWarning: number;
  };
  readonly finding: FindingReference;
  /** The largest terms of the judgement that led to the decision. */
  readonly reasons: readonly Reason[];
  readonly policyVersion: number;
}

/** A text to a subject, decided; send-warnings carries it out. */
export interface Warning extends Grounds {
  readonly id: string;
  readonly subject: NumberToken;
  /** Whose tail the text shows. */
  readonly caller: NumberToken;
  /** The name of its episode's case, whether or not there is one yet. */
  readonly caseId: string;
  /** The case of the person's episode before, if that may still be under way. */
  readonly follows?: string;
  readonly kind: FraudKind;
  readonly tier: Tier;
  /** Epoch seconds, in call time. */
  readonly decidedAt: number;
  /** Epoch ms at which the record that led to it reached the calls stream. */
  readonly arrivedAt: number;
}

/** A subject's open episode that officers work on. */
export interface Case extends Grounds {
  readonly id: string;
  readonly subject: NumberToken;
  readonly tier: Tier;
  readonly kind: FraudKind;
  readonly openedAt: number;
  /** What happens to it, by when: that of the policy which opened it. */
  readonly ladder: LadderPolicy;
  readonly utcOffsetMinutes: number;
  /** The officer who opened it by hand; absent where the policy did. */
  readonly openedBy?: string;
  /** The case of the person's episode before, if that may still be under way. */
  readonly follows?: string;
}

/** A case that an officer opens by hand: nothing was weighed for it. */
export function caseByHand(
  opening: Omit<Case, keyof Grounds | 'follows'> & Pick<Case, 'policyVersion' | 'openedBy'>,
): Case {
  const { openedAt, subject } = opening;
  return {
    ...opening,
    points: 0,
    probability: 0,
    terms: [],
    facts: { calls: 0, minutes: 0, longestMinutes: 0, callers: 0, callsAfterTheWarning: 0 },
    finding: { caller: subject, foundAt: openedAt, track: 'live', side: 'subject' },
    reasons: [],
  };
}

/** The case of a person whom a warning's text cannot reach, whatever its tier. */
export function caseOfWarning(warning: Warning, { ladder, subjects }: Policy): Case {
  const { arrivedAt: _arrivedAt, caller: _caller, caseId, decidedAt, ...grounds } = warning;
  const { utcOffsetMinutes } = subjects;
  return { ...grounds, id: caseId, openedAt: decidedAt, ladder, utcOffsetMinutes };
}

/** What a case that was opened before is to hear of. */
export interface CaseExposure {
  readonly caseId: string;
  /** Further risky calls that the person took. */
  readonly calls: number;
  /** Epoch seconds at which a call that the person was known to be on was over. */
  readonly lineFreeAt?: number;
}

/** Why no text went out although the episode weighed enough. */
export type Suppression = 'cooldown' | 'cap';

export interface Decision {
  readonly state: SubjectState;
  readonly warnings: readonly Warning[];
  readonly cases: readonly Case[];
  /** Tier that an open case rose to. */
  readonly raised: readonly { readonly caseId: string; readonly tier: Tier }[];
  /** More exposure of people who have a case. */
  readonly exposed: readonly CaseExposure[];
  readonly suppressed: readonly Suppression[];
  readonly applied: number;
  readonly duplicates: number;
}

const HOUR = 3600;
const DAY = 86_400;

/** Higher of two tiers. */
export function highestTier(a: Tier, b: Tier): Tier {
  return TIERS.indexOf(a) >= TIERS.indexOf(b) ? a : b;
}

const timeOf = (held: HeldExposure | undefined): number =>
  held === undefined ? 0 : placeInTime(held);

/** Exposures of the newest episode: those that no long quiet parts from the newest one. */
function exposuresOfEpisode(
  exposures: readonly HeldExposure[],
  quietSeconds: number,
): HeldExposure[] {
  let first = exposures.length - 1;
  while (first > 0 && timeOf(exposures[first]) - timeOf(exposures[first - 1]) <= quietSeconds) {
    first--;
  }
  return exposures.slice(Math.max(0, first)).filter((held) => held.answered);
}

interface Assessment {
  readonly weight: EpisodeWeight;
  readonly tier: Tier;
  /** When the episode first weighed enough, which is when the subject is warned. */
  readonly warnedAt: number;
  readonly callsAfterTheWarning: number;
}

/** The tier by points alone. */
function tierOfPoints(points: number, { tierAt }: Policy['subjects']): Tier {
  return TIERS.reduce<Tier>(
    (reached, tier) =>
      tier !== 'low' && points >= (tierAt[tier] ?? Number.POSITIVE_INFINITY) ? tier : reached,
    'low',
  );
}

/**
 * What an episode comes to, undefined while it weighs too little to be acted on: a function of the set of its
 * exposures, so it does not depend on their order.
 *
 * @param known when it first weighed enough, where that is known already
 */
function assess(
  exposures: readonly HeldExposure[],
  careGroup: string | undefined,
  scale: EpisodeScale,
  policy: Policy,
  known: number | undefined,
): Assessment | undefined {
  const weight = weighEpisode(exposures, scale, careGroup);
  const { warnAt } = policy.subjects;
  if (weight === undefined || weight.points < warnAt) return undefined;
  const warnedAt = known ?? timeOfPoints(exposures, scale, careGroup, warnAt);
  if (warnedAt === undefined) return undefined;
  const { medium, high } = policy.tiers;
  const late = warnedAt + high.secondsAfterWarning;
  const callsAfterTheWarning = exposures.reduce((sum, held) => sum + Number(held.start > late), 0);
  const { calls, minutes } = weight;
  const isHigh = minutes >= high.minutes || callsAfterTheWarning > 0;
  const isMedium = calls >= medium.calls || minutes >= medium.minutes;
  const byRules: Tier = isHigh ? 'high' : isMedium ? 'medium' : 'low';
  const isListed = exposures.some(({ listed }) => listed !== undefined);
  const byList: Tier = isListed ? policy.lists.caseNumber.tierAtLeast : 'low';
  return {
    weight,
    tier: highestTier(highestTier(byRules, byList), tierOfPoints(weight.points, policy.subjects)),
    warnedAt,
    callsAfterTheWarning,
  };
}

/**
 * When the episode first weighed enough, if this exposure cannot have changed it: news of a call that came to
 * light after that changes no earlier sum. What was forgotten since may have.
 */
function settledWarnedAt(
  before: SubjectState,
  after: SubjectState,
  { warnedAt }: Episode,
  exposure: Exposure,
): number | undefined {
  if (warnedAt === undefined || before.floor !== after.floor) return undefined;
  const held = after.exposures.findLast(({ call }) => call === exposure.call);
  return held !== undefined && lightTime(held) > warnedAt ? warnedAt : undefined;
}

function suppression(
  state: SubjectState,
  at: number,
  policy: Policy['warnings'],
): Suppression | undefined {
  const gaps = state.warnings.map((warning) => Math.abs(at - warning.at));
  if (gaps.some((gap) => gap < policy.cooldownHours * HOUR)) return 'cooldown';
  return gaps.filter((gap) => gap < policy.cap.days * DAY).length >= policy.cap.texts
    ? 'cap'
    : undefined;
}

/** Names for what is decided, the same whenever the same exposures are decided on again. */
export type NameDecisions = (
  subject: NumberToken,
  what: 'warning' | 'case',
  ordinal: number,
) => string;

function currentEpisode(state: SubjectState, exposure: Exposure, policy: Policy): Episode {
  const { episode } = state;
  if (episode === undefined) return { ordinal: 1, tier: 'low' };
  const since = placeOfExposure(exposure) - timeOf(state.exposures.at(-1));
  const quiet = since > policy.tiers.episodeHours * HOUR;
  return quiet ? { ordinal: episode.ordinal + 1, tier: 'low' } : episode;
}

/** The case of an episode that is over, for as long as it may be under way. */
function formerCaseOf(
  before: SubjectState,
  current: Episode,
  at: number,
  { ladder }: Policy,
): SubjectState['formerCase'] {
  const { episode, exposures, formerCase } = before;
  const isOver = episode !== undefined && episode.ordinal !== current.ordinal;
  // One that was opened by hand may be younger than the last exposure.
  const known = formerCase?.id === episode?.caseId ? (formerCase?.until ?? 0) : 0;
  const last = timeOf(exposures.at(-1)) + longestCaseMs(ladder) / 1000;
  const former =
    isOver && episode.caseId !== undefined
      ? { id: episode.caseId, until: Math.max(known, last) }
      : formerCase;
  return former !== undefined && at <= former.until ? former : undefined;
}

/** What the case of a person hears of one of their calls. Nothing of a call that exposed nobody. */
function exposureOfCase(
  before: SubjectState,
  exposure: Exposure,
  caseId: string,
): CaseExposure | undefined {
  const held = before.exposures.find(({ call }) => call === exposure.call);
  const { answered, duration, start } = exposure;
  if (held === undefined) return answered === false ? undefined : { caseId, calls: 1 };
  // Known to be on the line until now: then the line is free again.
  return held.duration < 0 && duration !== undefined
    ? { caseId, calls: 0, lineFreeAt: start + duration }
    : undefined;
}

function toTenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function groundsOf(
  { weight, callsAfterTheWarning }: Assessment,
  careGroup: string | undefined,
  exposure: Exposure,
  scale: EpisodeScale,
  policy: Policy,
): Grounds {
  const { weightiest, weighsBy, calls, minutes, longestMinutes, callers } = weight;
  const { scorecard, baseRate } = policy.scoring;
  const pressing = exposure.duration === undefined ? policy.subjects.onTheLine : 0;
  const points = weight.points + pressing;
  const terms = termsOf(weight, scale, careGroup);
  if (pressing > 0) terms.push({ id: 'on-the-line', points: pressing });
  return {
    points,
    probability: fraudProbability(points, scorecard.fraudShare, baseRate),
    terms,
    facts: {
      calls,
      minutes: toTenths(minutes),
      longestMinutes: toTenths(longestMinutes),
      callers,
      callsAfterTheWarning,
    },
    finding: {
      caller: weightiest.caller,
      foundAt: evidenceOf(weight)?.at ?? weightiest.start,
      track: exposure.track,
      side: weighsBy,
    },
    reasons: exposure.finding.reasons,
    policyVersion: policy.version,
  };
}

/** What the weightiest call weighs by. */
function evidenceOf({ weightiest, weighsBy }: EpisodeWeight) {
  const { circumstances, finding, listed } = weightiest;
  return { list: listed, caller: finding, subject: circumstances }[weighsBy];
}

/** The kind of fraud that a text speaks of: that of the list, of its caller, or of the call's own circumstances. */
function kindOf(weight: EpisodeWeight): FraudKind {
  return evidenceOf(weight)?.kind ?? 'other';
}

/** Decides on one subject's exposures under one policy. */
export type Decide = (
  stored: SubjectState | undefined,
  exposures: readonly Exposure[],
  nameOf: NameDecisions,
) => Decision;

/**
 * Prepares a policy for deciding: folds exposures into a subject's state and decides to warn, open a case, raise
 * its tier, or nothing.
 *
 * @returns a function of the subject's state (undefined for a person not seen before), of exposures of this one
 * subject and of the policy's own track, in any order, and of names for what is decided
 */
export function createDecider(policy: Policy): Decide {
  const scale = episodeScale(policy.subjects, policy.scoring.scorecard.fraudShare);
  const quietSeconds = policy.tiers.episodeHours * HOUR;
  return (stored, exposures, nameOf) => {
    let state = stored ?? NEW_SUBJECT;
    let duplicates = 0;
    const warnings: Warning[] = [];
    const cases: Case[] = [];
    const raised: { caseId: string; tier: Tier }[] = [];
    const exposed: CaseExposure[] = [];
    const suppressed: Suppression[] = [];
    const inOrder =
      exposures.length === 1
        ? exposures
        : exposures.toSorted((a, b) => placeOfExposure(a) - placeOfExposure(b) || a.call - b.call);
    for (const exposure of inOrder) {
      const added = addExposure(state, exposure);
      if (added === undefined) {
        duplicates++;
        continue;
      }
      let episode = currentEpisode(state, exposure, policy);
      const settled = settledWarnedAt(state, added, episode, exposure);
      const { formerCase: _formerCase, ...kept } = added;
      const formerCase = formerCaseOf(state, episode, placeOfExposure(exposure), policy);
      const knownCase = episode.caseId ?? formerCase?.id;
      const heard =
        knownCase === undefined ? undefined : exposureOfCase(state, exposure, knownCase);
      if (heard !== undefined) exposed.push(heard);
      state = { ...kept, episode, ...(formerCase !== undefined && { formerCase }) };
      const ofEpisode = exposuresOfEpisode(state.exposures, quietSeconds);
      const assessment = assess(ofEpisode, state.careGroup, scale, policy, settled);
      if (assessment === undefined) continue;
      const { weight, warnedAt } = assessment;
      const tierBefore = episode.tier;
      const tier = highestTier(assessment.tier, tierBefore);
      if (episode.warnedAt === undefined) {
        const held = suppression(state, warnedAt, policy.warnings);
        if (held === undefined) {
          const id = nameOf(exposure.subject, 'warning', episode.ordinal);
          warnings.push({
            id,
            subject: exposure.subject,
            caller: weight.weightiest.caller,
            caseId: nameOf(exposure.subject, 'case', episode.ordinal),
            kind: kindOf(weight),
            tier,
            decidedAt: warnedAt,
            arrivedAt: exposure.arrivedAt,
            ...(formerCase !== undefined && { follows: formerCase.id }),
            ...groundsOf(assessment, state.careGroup, exposure, scale, policy),
          });
          const oldest = warnedAt - policy.warnings.cap.days * DAY;
          const kept = state.warnings.filter((past) => past.at > oldest);
          state = { ...state, warnings: [...kept, { id, at: warnedAt }] };
        } else {
          suppressed.push(held);
        }
      } else if (warnedAt !== episode.warnedAt && state.warnings.length > 0) {
        // Told of an earlier exposure, the warning counts from that: whichever came first, the state is the same.
        const own = nameOf(exposure.subject, 'warning', episode.ordinal);
        state = {
          ...state,
          warnings: state.warnings.map((past) =>
            past.id === own ? { id: own, at: warnedAt } : past,
          ),
        };
      }
      episode = { ...episode, tier, warnedAt };
      if (TIERS.indexOf(tier) >= TIERS.indexOf(policy.ladder.fromTier)) {
        if (episode.caseId === undefined) {
          const id = nameOf(exposure.subject, 'case', episode.ordinal);
          cases.push({
            id,
            subject: exposure.subject,
            tier,
            kind: kindOf(weight),
            openedAt: weight.newestNews,
            ladder: policy.ladder,
            utcOffsetMinutes: policy.subjects.utcOffsetMinutes,
            ...(formerCase !== undefined && { follows: formerCase.id }),
            ...groundsOf(assessment, state.careGroup, exposure, scale, policy),
          });
          episode = { ...episode, caseId: id };
        } else if (tier !== tierBefore) {
          raised.push({ caseId: episode.caseId, tier });
        }
      }
      state = { ...state, episode };
    }
    return {
      state,
      warnings,
      cases,
      raised,
      exposed,
      suppressed,
      applied: exposures.length - duplicates,
      duplicates,
    };
  };
}
