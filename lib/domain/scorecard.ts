import { type Static, Type } from 'typebox';
import type { Reason } from './exposure.ts';
import { FEATURES } from './features.ts';

const TermSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
    feature: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
    /** Rising bounds; a value belongs to the first bin whose `below` it is under. The last bin has none. */
    bins: Type.Array(
      Type.Object(
        { below: Type.Optional(Type.Number()), points: Type.Number() },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 64 },
    ),
    /** Points where there is no value: no such call. Default 0. */
    missing: Type.Optional(Type.Number()),
  },
  { additionalProperties: false },
);

/** A scorecard: a generalised additive model of binned terms. Points are log-odds, calibrated at `fraudShare`. */
export const ScorecardSchema = Type.Object(
  {
    /** Share of fraud among the rows that it was fitted on. */
    fraudShare: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
    base: Type.Number(),
    terms: Type.Array(TermSchema, { minItems: 1, maxItems: 64 }),
    /** Where it comes from and how it did: read by people. */
    fitted: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Boolean()]), {
        additionalProperties: false,
      }),
    ),
  },
  { additionalProperties: false },
);

export type ScorecardDocument = Static<typeof ScorecardSchema>;
export type Term = ScorecardDocument['terms'][number];

/** A scorecard was refused: every problem, with its place in the document. */
export class ScorecardError extends Error {
  readonly code = 'BAD_SCORECARD';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the scorecard is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ScorecardError';
    this.problems = problems;
  }
}

interface CompiledTerm {
  readonly id: string;
  readonly feature: number;
  readonly bounds: Float64Array;
  readonly points: Float64Array;
  readonly missing: number;
}

/** A scorecard made ready: names are positions, and bins are arrays. */
export interface Scorecard {
  readonly fraudShare: number;
  readonly base: number;
  readonly terms: readonly CompiledTerm[];
}

function termProblems(term: Term, index: number, features: readonly string[]): string[] {
  const bounds = term.bins.map((bin) => bin.below);
  const inner = bounds.slice(0, -1);
  const rising = inner.every(
    (bound, i) =>
      bound !== undefined && (i === 0 || bound > (inner[i - 1] ?? Number.NEGATIVE_INFINITY)),
  );
  const problems = [];
  if (bounds.at(-1) !== undefined || !rising) {
    problems.push(
      `/terms/${index}/bins: bounds must rise, and only the last bin has none (${term.id})`,
    );
  }
  if (!features.includes(term.feature)) {
    problems.push(`/terms/${index}/feature: there is no feature ${term.feature} (${term.id})`);
  }
  return problems;
}

/**
 * Everything that is wrong with a scorecard's terms, beyond its schema; empty for a good one.
 *
 * @param features what its terms may look at
 */
export function scorecardProblems(
  document: ScorecardDocument,
  features: readonly string[] = FEATURES,
): string[] {
  const ids = document.terms.map((term) => term.id);
  return [
    ...document.terms.flatMap((term, index) => termProblems(term, index, features)),
    ...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `/terms: ${id} stands twice`),
  ];
}

/**
 * Prepares a scorecard for scoring: names become positions, once per policy and not per call.
 *
 * @param features the vector's features, in order
 * @throws ScorecardError
 */
export function compileScorecard(
  document: ScorecardDocument,
  features: readonly string[] = FEATURES,
): Scorecard {
  const problems = scorecardProblems(document, features);
  if (problems.length > 0) throw new ScorecardError(problems);
  return {
    fraudShare: document.fraudShare,
    base: document.base,
    terms: document.terms.map((term) => ({
      id: term.id,
      feature: features.indexOf(term.feature),
      bounds: Float64Array.from(
        term.bins.slice(0, -1),
        (bin) => bin.below ?? Number.POSITIVE_INFINITY,
      ),
      points: Float64Array.from(term.bins, (bin) => bin.points),
      missing: term.missing ?? 0,
    })),
  };
}

/** What a term gives for a value of its feature. */
export function pointsOf(term: CompiledTerm, value: number): number {
  if (Number.isNaN(value)) return term.missing;
  const { bounds } = term;
  let bin = 0;
  // At most some 30 bounds, mostly decided in the first few: no search would be quicker.
  while (bin < bounds.length && value >= (bounds[bin] as number)) bin++;
  return term.points[bin] as number;
}

function termPoints(term: CompiledTerm, vector: Float64Array): number {
  return pointsOf(term, vector[term.feature] as number);
}

/** The score of a caller with these features, in points. */
export function score(scorecard: Scorecard, vector: Float64Array): number {
  let sum = scorecard.base;
  for (const term of scorecard.terms) sum += termPoints(term, vector);
  return sum;
}

/** What every term gave, in the order of the scorecard; with the base they sum to {@link score} exactly. */
export function scoreTerms(scorecard: Scorecard, vector: Float64Array): Reason[] {
  return scorecard.terms.map((term) => ({ id: term.id, points: termPoints(term, vector) }));
}

/** The terms that spoke most for fraud, strongest first. */
export function strongestReasons(terms: readonly Reason[], most: number): Reason[] {
  return terms
    .filter((term) => term.points > 0)
    .toSorted((a, b) => b.points - a.points)
    .slice(0, most);
}

/** Log-odds of a share. */
export function logit(share: number): number {
  return Math.log(share / (1 - share));
}

/**
 * What points mean where fraud is rarer than among the rows of the fit: probability of fraud, 0 to 1.
 *
 * @param points log-odds at `fraudShare`
 * @param baseRate share of fraud in life
 */
export function fraudProbability(points: number, fraudShare: number, baseRate: number): number {
  return 1 / (1 + Math.exp(-(points - logit(fraudShare) + logit(baseRate))));
}
