import { type Static, Type } from 'typebox';
import type { Tier } from '../tiers.ts';

/** What people do for somebody who is being deceived, in rising order of effort. */
export const STEPS = ['call', 'relatives', 'visit'] as const;
export type Step = (typeof STEPS)[number];

const positive = Type.Number({ exclusiveMinimum: 0 });
const queue = Type.String({ pattern: '^[a-z0-9-]{1,40}$' });

const TierLadderSchema = Type.Object(
  {
    /** In the order in which they are taken: each because the one before failed. */
    steps: Type.Array(Type.Enum([...STEPS]), { minItems: 1, maxItems: 3 }),
    /** All at once instead. */
    together: Type.Boolean(),
    /** Minutes from the offer of a task until the case goes on without it. */
    dueMinutes: Type.Object(
      { call: positive, relatives: positive, visit: positive },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);

/** The tiers that a case can have; the first is also the ladder of a case that was opened below it. */
export const CASE_TIERS = ['medium', 'high', 'urgent'] as const;
export type CaseTier = (typeof CASE_TIERS)[number];

/** Section `ladder` of the policy: what happens to a case, by when. A case keeps the one it was opened with. */
export const LadderSchema = Type.Object(
  {
    /** Tier from which an episode has a case. */
    fromTier: Type.Enum(['low', 'medium', 'high', 'urgent']),
    /** Where the tasks of each step wait for somebody. */
    queues: Type.Object(
      { call: queue, relatives: queue, visit: queue },
      { additionalProperties: false },
    ),
    tiers: Type.Object(
      { medium: TierLadderSchema, high: TierLadderSchema, urgent: TierLadderSchema },
      { additionalProperties: false },
    ),
    redial: Type.Object(
      {
        /** Busy means talking to the swindler. */
        busyMinutes: positive,
        /** After the first call that nobody answered, after the second …; after the last of them the step failed. */
        noAnswerMinutes: Type.Array(positive, { maxItems: 8 }),
        /** Calls of one step, whatever came of them. */
        mostDials: Type.Integer({ minimum: 1, maximum: 10 }),
      },
      { additionalProperties: false },
    ),
    /** After somebody was dissuaded, news of another exposure reopens the case for so long. */
    watchHours: positive,
    /** How often at the most: then it stays closed, and a new episode opens a new case. */
    mostReopenings: Type.Integer({ minimum: 0, maximum: 10 }),
  },
  { additionalProperties: false },
);
export type LadderPolicy = Static<typeof LadderSchema>;

/** The ladder's tier of an episode's tier. */
export function caseTierOf(tier: Tier): CaseTier {
  return tier === 'low' ? 'medium' : tier;
}

/** One tier higher; the highest stays. */
export function nextTier(tier: CaseTier): CaseTier {
  return CASE_TIERS[Math.min(CASE_TIERS.indexOf(tier) + 1, CASE_TIERS.length - 1)] ?? tier;
}

/** What a schema cannot say of the section `ladder`: every problem, with its place. */
export function ladderProblems({ tiers }: LadderPolicy): string[] {
  return CASE_TIERS.flatMap((tier) => {
    const { steps } = tiers[tier];
    return new Set(steps).size === steps.length
      ? []
      : [`/ladder/tiers/${tier}/steps: each step stands once`];
  });
}
