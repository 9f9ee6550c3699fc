import type { Reason } from './exposure.ts';
import { FEATURES, type Feature, type FeatureVector } from './features.ts';
import type { FraudKind } from './fraud-kind.ts';
import type { Policy } from './policy.ts';

interface CompiledTerm {
  readonly id: string;
  readonly fingerprint: number;
  readonly feature: number;
  readonly bounds: Float64Array;
  readonly points: Float64Array;
}

/** A score that is exactly the base plus the points of its terms. Points are log-odds. */
export interface Scorecard {
  readonly base: number;
  readonly terms: readonly CompiledTerm[];
}

/** 16-bit FNV-1a of a term's name: what a stored profile keeps of it. */
function termFingerprint(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193) >>> 0;
  return ((hash >>> 16) ^ hash) & 0xffff;
}

function featureIndex(feature: Feature): number {
  return FEATURES.indexOf(feature);
}

/** Prepares the policy's scorecard for scoring: names become positions, once per policy and not per call. */
export function compileScorecard(scoring: Policy['scoring']): Scorecard {
  return {
    base: scoring.base,
    terms: scoring.terms.map((term) => ({
      id: term.id,
      fingerprint: termFingerprint(term.id),
      feature: featureIndex(term.feature),
      bounds: Float64Array.from(
        term.bins.slice(0, -1),
        (bin) => bin.below ?? Number.POSITIVE_INFINITY,
      ),
      points: Float64Array.from(term.bins, (bin) => bin.points),
    })),
  };
}

function termPoints(term: CompiledTerm, features: FeatureVector): number {
  const value = features[term.feature] ?? 0;
  let bin = 0;
  while (bin < term.bounds.length && value >= (term.bounds[bin] ?? 0)) bin++;
  return term.points[bin] ?? 0;
}

/** The score of a caller with these features, in points. */
export function score(scorecard: Scorecard, features: FeatureVector): number {
  let sum = scorecard.base;
  for (const term of scorecard.terms) sum += termPoints(term, features);
  return sum;
}

/** What every term gave, in the order of the scorecard; with the base they sum to {@link score} exactly. */
export function scoreTerms(scorecard: Scorecard, features: FeatureVector): Reason[] {
  return scorecard.terms.map((term) => ({ id: term.id, points: termPoints(term, features) }));
}

/** The terms that spoke most for fraud, strongest first. */
export function strongestReasons(terms: readonly Reason[], most: number): Reason[] {
  return terms
    .filter((term) => term.points > 0)
    .toSorted((a, b) => b.points - a.points)
    .slice(0, most);
}

/** A reason's term as it is stored in a profile. */
export function fingerprintOfTerm(scorecard: Scorecard, id: string): number {
  return scorecard.terms.find((term) => term.id === id)?.fingerprint ?? termFingerprint(id);
}

/** The term behind a stored fingerprint; a term that the policy no longer has keeps its fingerprint as name. */
export function termOfFingerprint(scorecard: Scorecard, fingerprint: number): string {
  const term = scorecard.terms.find((candidate) => candidate.fingerprint === fingerprint);
  return term?.id ?? `former-term-${fingerprint.toString(16)}`;
}

/** The kind of fraud that these features look like: the first rule that holds, else `other`. */
export function fraudKindOf(rules: Policy['kinds'], features: FeatureVector): FraudKind {
  const rule = rules.find(({ when }) =>
    when.every(({ feature, atLeast, below }) => {
      const value = features[featureIndex(feature)] ?? 0;
      return (
        value >= (atLeast ?? Number.NEGATIVE_INFINITY) &&
        value < (below ?? Number.POSITIVE_INFINITY)
      );
    }),
  );
  return rule?.kind ?? 'other';
}
