import { type Static, Type } from 'typebox';
import type { Tier } from '../tiers.ts';

/** What people do for somebody who is being deceived, in rising order of effort. */
export const STEPS = ['call', 'relatives', 'visit'] as const;
export type Step = (typeof STEPS)[number];

const positive = Type.Number({ exclusiveMinimum: 0 });

const TierLadderSchema = Type.Object(
  {
    /** In the order in which they are taken: each because the one before failed. */
    steps: Type.Array(Type.Enum([...STEPS]), { minItems: 1, maxItems: 3 }),
    /** All at once instead. */
    together: Type.Boolean(),
    /** Banks are told as soon as a case has this tier; of money lost they are told in every tier. */
    paymentStop: Type.Boolean(),
  },
  { additionalProperties: false },
);

/** Minutes from the offer of a step's task until the case goes on without it. */
const DueMinutesSchema = Type.Object(
  { call: positive, relatives: positive, visit: positive },
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
    /** The centre's own queue. Visits stand on `station-<id>`, or here where no station is known. */
    queue: Type.String({ pattern: '^[a-z0-9-]{1,40}$' }),
    tiers: Type.Object(
      { medium: TierLadderSchema, high: TierLadderSchema, urgent: TierLadderSchema },
      { additionalProperties: false },
    ),
    dueMinutes: Type.Object(
      { medium: DueMinutesSchema, high: DueMinutesSchema, urgent: DueMinutesSchema },
      { additionalProperties: false },
    ),
    /** A claimed task goes back to its queue after so long without a heartbeat. */
    leaseMinutes: positive,
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
    /** Then the neighbouring station sees a visit that nobody has claimed. */
    backupAfterMinutes: positive,
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
