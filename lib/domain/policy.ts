import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { FEATURES } from './features.ts';
import { FRAUD_KINDS } from './fraud-kind.ts';

/** Tiers in rising order (预警等级). */
export const TIERS = ['low', 'medium', 'high', 'urgent'] as const;
export type Tier = (typeof TIERS)[number];

export const TEXT_LANGUAGES = ['zh-CN', 'en'] as const;
export type TextLanguage = (typeof TEXT_LANGUAGES)[number];

const feature = Type.Enum([...FEATURES]);
const kind = Type.Enum([...FRAUD_KINDS]);
const tier = Type.Enum([...TIERS]);
const positive = Type.Number({ exclusiveMinimum: 0 });

const TermSchema = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
    feature,
    /** Rising bounds; a value belongs to the first bin whose `below` it is under. The last bin has none. */
    bins: Type.Array(Type.Object({ below: Type.Optional(Type.Number()), points: Type.Number() }), {
      minItems: 2,
      maxItems: 32,
    }),
  },
  { additionalProperties: false },
);

const KindRuleSchema = Type.Object(
  {
    kind,
    when: Type.Array(
      Type.Object({
        feature,
        atLeast: Type.Optional(Type.Number()),
        below: Type.Optional(Type.Number()),
      }),
    ),
  },
  { additionalProperties: false },
);

/** Texts by fraud kind; `{tail}` stands for the tail of the caller's number. */
const TextsSchema = Type.Record(kind, Type.String({ pattern: '\\{tail\\}' }));

/** The policy: everything that analysts tune, in one versioned document. */
export const PolicySchema = Type.Object(
  {
    version: Type.Integer({ minimum: 1, maximum: 65_535 }),
    author: Type.String({ minLength: 1 }),
    reason: Type.String({ minLength: 1 }),
    created: Type.String({ format: 'date-time' }),
    scoring: Type.Object({
      /** A call is judged once nothing older can still be on its way: the tolerance for records out of order. */
      settleSeconds: Type.Integer({ minimum: 0, maximum: 3_600 }),
      minimumCallsMade: Type.Integer({ minimum: 1 }),
      base: Type.Number(),
      terms: Type.Array(TermSchema, { minItems: 1, maxItems: 64 }),
      /** Points from which a caller is risky. */
      riskyAt: Type.Number(),
      /** Points under which a risky caller is let go before that. */
      withdrawBelow: Type.Number(),
      /** How long a caller stays risky at the most, until judged anew. */
      riskyHours: positive,
      /** How far back the people whom a newly risky caller called are exposed. */
      lookbackHours: positive,
    }),
    kinds: Type.Array(KindRuleSchema),
    tiers: Type.Object({
      /** Exposures further apart than this belong to different episodes. */
      episodeHours: positive,
      medium: Type.Object({ calls: Type.Integer({ minimum: 1 }), minutes: positive }),
      high: Type.Object({ minutes: positive, secondsAfterWarning: Type.Number({ minimum: 0 }) }),
    }),
    warnings: Type.Object({
      cooldownHours: positive,
      cap: Type.Object({ texts: Type.Integer({ minimum: 1 }), days: positive }),
      /** A text later than this helps nobody: it is given up and recorded. */
      expiresMinutes: positive,
    }),
    cases: Type.Object({
      fromTier: tier,
      queue: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
      dueMinutes: Type.Object({ medium: positive, high: positive, urgent: positive }),
    }),
    texts: Type.Object({ 'zh-CN': TextsSchema, en: TextsSchema }),
  },
  { additionalProperties: false },
);

export type Policy = Static<typeof PolicySchema>;
export type Term = Policy['scoring']['terms'][number];

/** A policy document was refused: every problem, with its place in the document. */
export class PolicyError extends Error {
  readonly code = 'BAD_POLICY';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `the policy document is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
    this.name = 'PolicyError';
    this.problems = problems;
  }
}

const compiledSchema = Compile(PolicySchema);

function binProblems(term: Term, index: number): string[] {
  const bounds = term.bins.map((bin) => bin.below);
  const last = bounds.at(-1);
  const inner = bounds.slice(0, -1);
  const rising = inner.every(
    (bound, i) =>
      bound !== undefined && (i === 0 || bound > (inner[i - 1] ?? Number.NEGATIVE_INFINITY)),
  );
  return last === undefined && rising
    ? []
    : [
        `/scoring/terms/${index}/bins: bounds must rise, and only the last bin has none (${term.id})`,
      ];
}

/**
 * Checks a policy document.
 *
 * @throws PolicyError naming every problem
 */
export function parsePolicy(value: unknown): Policy {
  if (!compiledSchema.Check(value)) {
    const problems = [...compiledSchema.Errors(value)].map(
      (error) => `${error.instancePath || '/'}: ${error.message}`,
    );
    throw new PolicyError(problems);
  }
  const ids = value.scoring.terms.map((term) => term.id);
  const problems = [
    ...value.scoring.terms.flatMap(binProblems),
    ...ids
      .filter((id, i) => ids.indexOf(id) !== i)
      .map((id) => `/scoring/terms: ${id} stands twice`),
    ...TEXT_LANGUAGES.flatMap((language) =>
      FRAUD_KINDS.filter((fraudKind) => value.texts[language][fraudKind] === undefined).map(
        (fraudKind) => `/texts/${language}: no text for ${fraudKind}`,
      ),
    ),
  ];
  if (problems.length > 0) throw new PolicyError(problems);
  return value;
}
