import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { FEATURES } from '../domain/features.ts';
import { FRAUD_KINDS } from '../domain/fraud-kind.ts';
import { STEPS } from '../domain/ladder/ladder-policy.ts';
import { jsonFault } from '../domain/plain-text.ts';
import { schemaProblems } from '../domain/schema-problems.ts';
import { POLICY_KNOBS } from './measures/policy-trials.ts';
import { FINDING_KINDS, type StudyResult } from './study-result.ts';

const MOST_LISTED = 100_000;

const count = Type.Number({ minimum: 0 });
const share = Type.Number({ minimum: 0, maximum: 1 });
const maybe = <Of extends Type.TSchema>(of: Of) => Type.Union([of, Type.Null()]);
const token = Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' });
const name = Type.String({ pattern: '^[a-z0-9-]{1,40}$' });
const day = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' });
const kind = Type.Enum([...FRAUD_KINDS]);
const finding = Type.Enum([...FINDING_KINDS]);
const district = Type.Integer({ minimum: 0, maximum: 999_999 });
const byHour = Type.Array(count, { minItems: 24, maxItems: 24 });
const list = <Of extends Type.TSchema>(of: Of) => Type.Array(of, { maxItems: MOST_LISTED });
const evidence = Type.Array(
  Type.Object({ id: name, value: Type.Number(), points: Type.Number() }),
  { maxItems: 64 },
);
const interval = { low: Type.Number(), high: Type.Number() };
const estimate = Type.Object({ mean: Type.Number(), ...interval });
const talk = Type.Object({ calls: count, minutes: count });
const estimates = Type.Object({ calls: estimate, minutes: estimate });
const precision = Type.Object({
  name,
  right: count,
  wrong: count,
  precision: maybe(share),
  ...interval,
});
const figures = Type.Object({
  textsPer100kAndDay: count,
  callersFound: count,
  cases: count,
  officerHoursPerDay: count,
  precision: Type.Optional(Type.Object({ value: maybe(share), ...interval })),
  inTime: Type.Optional(maybe(share)),
});

const MeasuresSchema = Type.Object({
  precision: Type.Optional(
    Type.Object({
      all: precision,
      unjudged: count,
      byTier: list(precision),
      byReason: list(precision),
      byText: list(precision),
    }),
  ),
  missed: Type.Optional(
    Type.Object({
      confirmed: count,
      warnedBefore: count,
      share: Type.Object({ value: maybe(share), ...interval }),
      missed: list(
        Type.Object({
          number: token,
          at: Type.Number(),
          source: Type.Enum(['case-number', 'officer']),
          kind,
          people: Type.Optional(count),
          foundByStudy: Type.Boolean(),
        }),
      ),
    }),
  ),
  drift: Type.Optional(
    Type.Object({
      source: Type.String({ maxLength: 300 }),
      callers: count,
      features: list(
        Type.Object({
          feature: Type.Enum([...FEATURES]),
          psi: Type.Number(),
          chance: count,
          verdict: Type.Enum(['stable', 'shifting', 'drifted']),
          most: Type.Object({
            from: maybe(Type.Number()),
            below: maybe(Type.Number()),
            missing: Type.Boolean(),
            was: share,
            is: share,
          }),
        }),
      ),
      sampled: Type.Optional(Type.Literal(true)),
      unmeasured: Type.Optional(list(Type.Enum([...FEATURES]))),
    }),
  ),
  textEffect: Type.Optional(
    Type.Object({
      hours: count,
      people: count,
      before: talk,
      after: talk,
      change: Type.Optional(estimates),
      heldOut: Type.Optional(
        Type.Object({ people: count, after: talk, difference: Type.Optional(estimates) }),
      ),
    }),
  ),
  queues: Type.Optional(
    Type.Object({
      steps: list(
        Type.Object({
          step: Type.Enum([...STEPS]),
          opened: count,
          done: count,
          overdue: count,
          medianMinutes: maybe(count),
          ninetiethMinutes: maybe(count),
        }),
      ),
      overdueNow: count,
      openCases: count,
      watching: count,
    }),
  ),
  trials: Type.Optional(
    list(
      Type.Object({
        knob: Type.Enum([...POLICY_KNOBS]),
        from: Type.Number(),
        to: Type.Number(),
        live: figures,
        changed: figures,
        verdict: Type.Enum(['better', 'worse', 'trade-off', 'same', 'unjudged']),
      }),
    ),
  ),
});

const StudySchema = Type.Object({
  schema: Type.Literal('forewarn-study/1'),
  day,
  utcOffsetMinutes: Type.Integer({ minimum: -1_440, maximum: 1_440 }),
  policyVersion: Type.Integer({ minimum: 0, maximum: 65_535 }),
  volume: Type.Object({
    calls: count,
    answered: count,
    callers: count,
    people: count,
    talkSeconds: count,
    callsByHour: byHour,
    riskyCallsByHour: byHour,
    days: list(Type.Object({ day, calls: count, riskyCalls: count, found: count })),
  }),
  districts: list(Type.Object({ district, calls: count, riskyCalls: count, peopleAtRisk: count })),
  kinds: list(Type.Object({ kind, callers: count, people: count })),
  callers: list(
    Type.Object({
      number: token,
      kind: finding,
      fraudKind: kind,
      points: Type.Number(),
      evidence,
      contacts: count,
      calls: count,
      talkSeconds: count,
      firstCall: Type.Number(),
      lastCall: Type.Number(),
      district,
      group: Type.Optional(Type.String({ maxLength: 64 })),
    }),
  ),
  groups: list(
    Type.Object({
      id: Type.String({ maxLength: 64 }),
      kind: finding,
      numbers: list(token),
      links: list(
        Type.Object({
          from: token,
          to: token,
          why: Type.Enum(['handset', 'subject', 'succession']),
          weight: Type.Number(),
        }),
      ),
      evidence,
      points: Type.Number(),
    }),
  ),
  subjects: list(
    Type.Object({
      number: token,
      points: Type.Number(),
      evidence,
      callers: list(token),
      district,
    }),
  ),
  measures: Type.Optional(MeasuresSchema),
});

/** A study's result that cannot be used. */
export class BadStudyError extends Error {
  readonly code = 'bad-study';
  override readonly name = 'BadStudyError';
}

const validator = Compile(StudySchema);
const SHOWN_PROBLEMS = 10;

/**
 * Reads a result as `forewarn study` writes it. What it does not know is kept.
 *
 * @param source how messages call the file, usually its path
 * @throws {BadStudyError}
 */
export function parseStudy(text: string, source: string): StudyResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BadStudyError(`${source} is not JSON: ${jsonFault(cause)}`, { cause });
  }
  if (validator.Check(value)) return value;
  const problems = schemaProblems(validator.Errors(value)).slice(0, SHOWN_PROBLEMS);
  throw new BadStudyError([`${source} is no result of a study:`, ...problems].join('\n  - '));
}
