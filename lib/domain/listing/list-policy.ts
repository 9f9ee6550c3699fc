import { type Static, Type } from 'typebox';
import { TIERS } from '../tiers.ts';

const positive = Type.Number({ exclusiveMinimum: 0 });

/** What may be added to a caller's score from outside his calls, and only where his calls speak against him too. */
const AddedPointsSchema = {
  /** Points that the caller's own calls must give before anything is added. */
  behaviourAtLeast: Type.Number(),
  /** The most that is ever added. */
  pointsAtMost: Type.Number({ minimum: 0 }),
};

/** Section `lists` of the policy: what case numbers, clues and the daily study add to what calls show. */
export const ListsSchema = Type.Object(
  {
    /** How far back the people who were in touch with a new case number are exposed. */
    contactDays: Type.Integer({ minimum: 1, maximum: 90 }),
    caseNumber: Type.Object(
      {
        /** Points of a call with a case number, in place of the caller's: enough for a text after the shortest call. */
        points: positive,
        /** Least tier of a person who was in touch with one. */
        tierAtLeast: Type.Enum([...TIERS]),
        /** How long a number stays on the list where nobody says until when. */
        days: Type.Integer({ minimum: 1, maximum: 3_660 }),
      },
      { additionalProperties: false },
    ),
    clues: Type.Object(
      {
        ...AddedPointsSchema,
        /** Independent reports without which a number has no weight at all. */
        reportersAtLeast: Type.Number({ minimum: 1 }),
        /** So many more of them give two thirds (1 - 1/e) of the most. */
        reportersScale: positive,
        /** A report weighs half after so many days. */
        halfLifeDays: positive,
        /** Reports from reporters not known before count once in so many minutes. */
        burstMinutes: positive,
        /** So many reports within that time are a burst, which is told. */
        burstReports: Type.Integer({ minimum: 2 }),
        /** A reporter is known so many days after his first report. */
        knownAfterDays: positive,
        /** What one reporter may report a day. */
        reportsPerDay: Type.Integer({ minimum: 1 }),
        /** What may come from one network a day: many people share one. */
        reportsPerNetworkPerDay: Type.Integer({ minimum: 1 }),
        /** How long a receipt answers for what became of a clue. */
        receiptDays: Type.Integer({ minimum: 1, maximum: 366 }),
      },
      { additionalProperties: false },
    ),
    study: Type.Object(
      {
        ...AddedPointsSchema,
        /** Whether a number that the study found is listed once an officer says so, or by itself. */
        feed: Type.Enum(['review', 'automatic']),
        /** Points of a finding (log-odds) from which it is listed by itself. */
        pointsAtLeast: Type.Number(),
        /** How long after its day a finding holds, and how long a number is listed where nobody says until when. */
        days: Type.Integer({ minimum: 1, maximum: 366 }),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type ListsPolicy = Static<typeof ListsSchema>;
export type CluesPolicy = ListsPolicy['clues'];
