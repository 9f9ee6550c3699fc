import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { ChannelsSchema, deliveryProblems, ResendSchema } from './delivery/delivery-policy.ts';
import { FEATURES } from './features.ts';
import { FRAUD_KINDS } from './fraud-kind.ts';
import { LadderSchema } from './ladder/ladder-policy.ts';
import { ladderProblems } from './ladder/ladder-problems.ts';
import { ListsSchema } from './listing/list-policy.ts';
import { quoted } from './plain-text.ts';
import { CallerRuleSchema, CallRuleSchema } from './rules/rules.ts';
import { ScorecardSchema, scorecardProblems } from './scorecard.ts';
import {
  BudgetSchema,
  budgetProblems,
  SubjectsSchema,
  subjectsProblems,
} from './subject/subject-policy.ts';

export const TEXT_LANGUAGES = ['zh-CN', 'en'] as const;
export type TextLanguage = (typeof TEXT_LANGUAGES)[number];

const feature = Type.Enum([...FEATURES]);
const kind = Type.Enum([...FRAUD_KINDS]);
const positive = Type.Number({ exclusiveMinimum: 0 });

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

/** A scorecard, and what follows from its points. */
const JudgementSchema = {
  /** Calls made, over a month, from which a caller is judged. */
  minimumCallsMade: Type.Integer({ minimum: 1 }),
  scorecard: ScorecardSchema,
  /** Points from which a caller is risky. */
  riskyAt: Type.Number(),
  /** Points under which a risky caller is let go before that. */
  withdrawBelow: Type.Number(),
  /** So many points more than when it was found, and a caller is found anew: those called weigh by the stronger finding. */
  renewAfter: Type.Optional(positive),
};

/** Texts by fraud kind; `{tail}` stands for the tail of the caller's number. */
const TextsSchema = Type.Record(kind, Type.String({ pattern: '\\{tail\\}' }), {
  additionalProperties: false,
});

/** The form of the document; another form is another number. */
export const POLICY_SCHEMA = 'forewarn-policy/5';

/** The policy: everything that analysts tune, in one versioned document. */
export const PolicySchema = Type.Object(
  {
    schema: Type.Literal(POLICY_SCHEMA),
    version: Type.Integer({ minimum: 1, maximum: 65_535 }),
    author: Type.String({ minLength: 1 }),
    reason: Type.String({ minLength: 1 }),
    created: Type.String({ format: 'date-time' }),
    scoring: Type.Object({
      /** A call is judged once nothing older can still be on its way: the tolerance for records out of order. */
      settleSeconds: Type.Integer({ minimum: 0, maximum: 3_600 }),
      /** Share of fraudsters among callers in life: turns points into a probability. */
      baseRate: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
      ...JudgementSchema,
      /** Judges callers whose calls come in a burst; everybody else is judged by the card above. */
      burst: Type.Optional(
        Type.Object(
          {
            /** Calls made in the last day / in the last month, from which this card judges. */
            shareAtLeast: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
            ...JudgementSchema,
          },
          { additionalProperties: false },
        ),
      ),
      /** Hand rules on callers; their points are added to the scorecard's. */
      rules: Type.Array(CallerRuleSchema),
      /** Hand rules on single calls, from the called person's side; they make exposures of their own. */
      callRules: Type.Array(CallRuleSchema),
      /** How long a caller stays risky at the most, until judged anew. */
      riskyHours: positive,
      /** How far back the people whom a newly risky caller called are exposed. */
      lookbackHours: positive,
    }),
    kinds: Type.Array(KindRuleSchema),
    lists: ListsSchema,
    subjects: SubjectsSchema,
    tiers: Type.Object({
      /** Exposures further apart than this belong to different episodes. */
      episodeHours: Type.Number({ minimum: 1 }),
      medium: Type.Object({ calls: Type.Integer({ minimum: 1 }), minutes: positive }),
      high: Type.Object({ minutes: positive, secondsAfterWarning: Type.Number({ minimum: 0 }) }),
    }),
    warnings: Type.Object({
      cooldownHours: positive,
      // What is decided for one person at once is one transaction, which takes 100 items.
      cap: Type.Object({ texts: Type.Integer({ minimum: 1, maximum: 30 }), days: positive }),
      budget: BudgetSchema,
      /** A text later than this helps nobody: it is given up and recorded. */
      expiresMinutes: positive,
      /** The ways to a person, in order. */
      channels: ChannelsSchema,
      resendUnreachable: ResendSchema,
    }),
    ladder: LadderSchema,
    texts: Type.Object({ 'zh-CN': TextsSchema, en: TextsSchema }),
  },
  { additionalProperties: false },
);

export type Policy = Static<typeof PolicySchema>;

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

function burstProblems({ burst, scorecard }: Policy['scoring']): string[] {
  if (burst === undefined) return [];
  const problems = scorecardProblems(burst.scorecard).map(
    (text) => `/scoring/burst/scorecard${text}`,
  );
  if (burst.scorecard.fraudShare !== scorecard.fraudShare) {
    problems.push(
      '/scoring/burst/scorecard/fraudShare: both cards must be calibrated at one share',
    );
  }
  return problems;
}

/** The shortest call with a case number must weigh enough for a text, or the list would be in vain. */
function listsProblems({ lists, subjects }: Policy): string[] {
  const least = (bins: Policy['subjects']['hours']) =>
    Math.min(...bins.map(({ points }) => points));
  const { calls, concert, hours, longestMinutes, warnAt } = subjects;
  const rest = least(hours) + least(longestMinutes) + least(calls) + least(concert.bins);
  return lists.caseNumber.points + rest >= warnAt
    ? []
    : [`/lists/caseNumber/points: a short call would stay below /subjects/warnAt (${warnAt})`];
}

/**
 * Checks a policy document.
 *
 * @throws PolicyError naming every problem
 */
export function parsePolicy(value: unknown): Policy {
  if (!compiledSchema.Check(value)) {
    const problems = [...compiledSchema.Errors(value)].map(
      (error) => `${quoted(error.instancePath) || '/'}: ${error.message}`,
    );
    throw new PolicyError(problems);
  }
  const rules = [...value.scoring.rules, ...value.scoring.callRules].map(({ rule }) => rule);
  const problems = [
    ...scorecardProblems(value.scoring.scorecard).map((text) => `/scoring/scorecard${text}`),
    ...burstProblems(value.scoring),
    ...rules
      .filter((rule, i) => rules.indexOf(rule) !== i)
      .map((rule) => `/scoring: the rule ${rule} stands twice`),
    ...subjectsProblems(value.subjects),
    ...budgetProblems(value.warnings.budget),
    ...deliveryProblems(value.warnings),
    ...ladderProblems(value.ladder),
    ...listsProblems(value),
    ...TEXT_LANGUAGES.flatMap((language) =>
      FRAUD_KINDS.filter((fraudKind) => value.texts[language][fraudKind] === undefined).map(
        (fraudKind) => `/texts/${language}: no text for ${fraudKind}`,
      ),
    ),
  ];
  if (problems.length > 0) throw new PolicyError(problems);
  return value;
}
