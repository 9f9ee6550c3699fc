import type { Reason } from './exposure.ts';
import { FEATURES, type FeatureVector } from './features.ts';
import type { FraudKind } from './fraud-kind.ts';
import { CLUES_TERM, STUDY_TERM } from './listing/added-points.ts';
import type { Policy } from './policy.ts';
import { type CallerRuleDocument, callerRuleHolds } from './rules/rules.ts';
import {
  compileScorecard,
  fraudProbability,
  type Scorecard,
  score,
  scoreTerms,
} from './scorecard.ts';

/** One card and what follows from its points. */
export interface CallerCard {
  readonly scorecard: Scorecard;
  readonly minimumCallsMade: number;
  readonly riskyAt: number;
  readonly withdrawBelow: number;
  readonly renewAfter: number;
}

/** A policy's judgement on callers, made ready: scorecards and hand rules. */
export interface CallerScore {
  readonly habit: CallerCard;
  /** Judges callers whose last day holds so much of their month. */
  readonly burst: (CallerCard & { readonly shareAtLeast: number }) | undefined;
  /** With fewer calls made nobody is judged. */
  readonly minimumCallsMade: number;
  readonly rules: readonly CallerRuleDocument[];
  readonly baseRate: number;
  /** Names of all terms and rules by the fingerprint that a profile keeps. */
  readonly names: ReadonlyMap<number, string>;
}

/** 16-bit FNV-1a of a term's name: what a stored profile keeps of it. */
export function reasonFingerprint(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193) >>> 0;
  return ((hash >>> 16) ^ hash) & 0xffff;
}

type CardDocument = Pick<
  Policy['scoring'],
  'minimumCallsMade' | 'renewAfter' | 'riskyAt' | 'scorecard' | 'withdrawBelow'
>;

function compileCard(document: CardDocument): CallerCard {
  const { minimumCallsMade, riskyAt, withdrawBelow } = document;
  const scorecard = compileScorecard(document.scorecard);
  const renewAfter = document.renewAfter ?? Number.POSITIVE_INFINITY;
  return { scorecard, minimumCallsMade, riskyAt, withdrawBelow, renewAfter };
}

/** @throws ScorecardError */
export function compileCallerScore(scoring: Policy['scoring']): CallerScore {
  const habit = compileCard(scoring);
  const burst =
    scoring.burst === undefined
      ? undefined
      : { ...compileCard(scoring.burst), shareAtLeast: scoring.burst.shareAtLeast };
  const ids = [
    ...habit.scorecard.terms.map((term) => term.id),
    ...(burst?.scorecard.terms ?? []).map((term) => term.id),
    ...scoring.rules.map((rule) => rule.rule),
    STUDY_TERM,
    CLUES_TERM,
  ];
  return {
    habit,
    burst,
    minimumCallsMade: Math.min(
      habit.minimumCallsMade,
      burst?.minimumCallsMade ?? Number.POSITIVE_INFINITY,
    ),
    rules: scoring.rules,
    baseRate: scoring.baseRate,
    names: new Map(ids.map((id) => [reasonFingerprint(id), id])),
  };
}

const CALLS_IN_DAY = FEATURES.indexOf('calls-made-day');
const CALLS_IN_MONTH = FEATURES.indexOf('calls-made-month');

/** The card that judges a caller with these features. */
export function cardFor({ burst, habit }: CallerScore, features: FeatureVector): CallerCard {
  if (burst === undefined) return habit;
  const inDay = features[CALLS_IN_DAY] as number;
  return inDay >= burst.shareAtLeast * (features[CALLS_IN_MONTH] as number) ? burst : habit;
}

/** Points of a caller with these features by its card alone: what was learned, without what was added by hand. */
export function scorecardPoints(callerScore: CallerScore, features: FeatureVector): number {
  return score(cardFor(callerScore, features).scorecard, features);
}

/** Points of a caller with these features: its card's, and of every hand rule that holds. */
export function callerPoints(callerScore: CallerScore, features: FeatureVector): number {
  let sum = scorecardPoints(callerScore, features);
  for (const rule of callerScore.rules) if (callerRuleHolds(features, rule)) sum += rule.points;
  return sum;
}

/** What every term and every rule gave, in order; with the card's base they sum to {@link callerPoints} exactly. */
export function callerTerms(callerScore: CallerScore, features: FeatureVector): Reason[] {
  const terms = scoreTerms(cardFor(callerScore, features).scorecard, features);
  for (const rule of callerScore.rules) {
    if (callerRuleHolds(features, rule)) terms.push({ id: rule.rule, points: rule.points });
  }
  return terms;
}

/** Probability that a caller with so many points is a fraudster, at the policy's base rate. */
export function callerProbability(callerScore: CallerScore, points: number): number {
  return fraudProbability(points, callerScore.habit.scorecard.fraudShare, callerScore.baseRate);
}

/** The kind of fraud that these features look like: the first rule that holds, else `other`. */
export function fraudKindOf(rules: Policy['kinds'], features: FeatureVector): FraudKind {
  const rule = rules.find(({ when }) =>
    when.every(({ feature, atLeast, below }) => {
      const value = features[FEATURES.indexOf(feature)] ?? Number.NaN;
      return (
        value >= (atLeast ?? Number.NEGATIVE_INFINITY) &&
        value < (below ?? Number.POSITIVE_INFINITY)
      );
    }),
  );
  return rule?.kind ?? 'other';
}
