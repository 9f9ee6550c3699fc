import { type Static, Type } from 'typebox';

/**
 * The subject's side of the policy: what an episode weighs beyond the caller's own points, and how many texts
 * a day the deployment takes. All points are log-odds on the scale of the caller's scorecard.
 */

/** Rising bounds; a value belongs to the first bin whose `below` it is under. The last bin has none. */
const BinsSchema = Type.Array(
  Type.Object(
    { below: Type.Optional(Type.Number()), points: Type.Number() },
    { additionalProperties: false },
  ),
  { minItems: 1, maxItems: 32 },
);
export type Bins = Static<typeof BinsSchema>;

const positive = Type.Number({ exclusiveMinimum: 0 });

/** Section `subjects` of the policy. */
export const SubjectsSchema = Type.Object(
  {
    /**
     * Local time of the deployment, for the hour of a call and the day of the budget. Chengdu: 480.
     * A country that changes its clocks is an hour off for half the year.
     */
    utcOffsetMinutes: Type.Integer({ minimum: -720, maximum: 840 }),
    /** Points from which an episode is acted on: a text, and a case if its tier asks for one. */
    warnAt: Type.Number(),
    /**
     * Most points that what is known of a caller gives. However bad the caller, the person called must have been
     * deceived for a while: a charity on its first day calls as many strangers as an autodialler does.
     */
    callerAtMost: Type.Optional(Type.Number()),
    /** Points by the minutes of the longest answered call of the episode; they never fall. */
    longestMinutes: BinsSchema,
    /** Points by the answered calls of the episode; they never fall. */
    calls: BinsSchema,
    /** Points by how many different callers called within so many minutes ("I transfer you to the prosecutor"). */
    concert: Type.Object({ minutes: positive, bins: BinsSchema }, { additionalProperties: false }),
    /** Points by the local hour (0 to 23) of the weightiest call. */
    hours: BinsSchema,
    /**
     * Points that a decision has more when it is made while the call goes on: it is more pressing, and the budget
     * gives way to it. They decide neither whether it is made nor its tier, since whether the start of a call is
     * known before its end is an accident of delivery.
     */
    onTheLine: Type.Number({ minimum: 0 }),
    /** Points by care group, as the register names it. A person whom the register does not name has none. */
    care: Type.Record(Type.String({ pattern: '^[a-z0-9-]{1,40}$' }), Type.Number({ minimum: 0 }), {
      additionalProperties: false,
    }),
    /** Points from which an episode that is acted on is at least of a tier, beside the rules of calls and minutes. */
    tierAt: Type.Object(
      {
        medium: Type.Optional(Type.Number()),
        high: Type.Optional(Type.Number()),
        urgent: Type.Optional(Type.Number()),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type SubjectsPolicy = Static<typeof SubjectsSchema>;

const BandSchema = Type.Object(
  {
    /** Probabilities under this belong to the band; the last band has none. */
    below: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    /** Share of the day's texts that must still be free for it: it is sent while fewer than this went out. */
    share: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  },
  { additionalProperties: false },
);

/** Section `warnings.budget` of the policy: how many texts a day the people covered are asked to bear. */
export const BudgetSchema = Type.Object(
  {
    textsPer100kPerDay: positive,
    /** Numbers that the deployment protects. */
    peopleCovered: Type.Integer({ minimum: 1 }),
    /** From the least to the most certain; shares rise, and the last is 1. */
    bands: Type.Array(BandSchema, { minItems: 1, maxItems: 8 }),
  },
  { additionalProperties: false },
);
export type BudgetPolicy = Static<typeof BudgetSchema>;

/** Points of the bin that a value falls into. */
export function pointsOfBin(bins: Bins, value: number): number {
  for (const bin of bins) if (bin.below === undefined || value < bin.below) return bin.points;
  return 0;
}

/** Whether all but the last have a bound, the last has none, and the bounds rise. */
function boundsRise(bounds: readonly (number | undefined)[]): boolean {
  return bounds.every((bound, i) => {
    if (i === bounds.length - 1) return bound === undefined;
    return bound !== undefined && (i === 0 || bound > (bounds[i - 1] ?? bound));
  });
}

function neverFalls(values: readonly number[]): boolean {
  return values.every((value, i) => i === 0 || value >= (values[i - 1] ?? value));
}

function binProblems(place: string, bins: Bins, rising: boolean): string[] {
  const problems: string[] = [];
  if (!boundsRise(bins.map((bin) => bin.below))) {
    problems.push(`${place}: bounds must rise, and only the last bin has none`);
  }
  if (rising && !neverFalls(bins.map((bin) => bin.points))) {
    problems.push(`${place}: more of it must not give fewer points`);
  }
  return problems;
}

/** What a schema cannot say of the section `subjects`: every problem, with its place. */
export function subjectsProblems(subjects: SubjectsPolicy): string[] {
  return [
    ...binProblems('/subjects/longestMinutes', subjects.longestMinutes, true),
    ...binProblems('/subjects/calls', subjects.calls, true),
    ...binProblems('/subjects/concert/bins', subjects.concert.bins, true),
    ...binProblems('/subjects/hours', subjects.hours, false),
  ];
}

/** What a schema cannot say of the section `warnings.budget`: every problem, with its place. */
export function budgetProblems({ bands }: BudgetPolicy): string[] {
  const problems: string[] = [];
  if (!boundsRise(bands.map((band) => band.below))) {
    problems.push('/warnings/budget/bands: bounds must rise, and only the last band has none');
  }
  if (!neverFalls(bands.map((band) => band.share)) || bands.at(-1)?.share !== 1) {
    problems.push('/warnings/budget/bands: shares must rise to 1 for the most certain');
  }
  return problems;
}
