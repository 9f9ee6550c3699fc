import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callerPoints, compileCallerScore } from '../../../lib/domain/caller-score.ts';
import type { Exposure, Track } from '../../../lib/domain/exposure.ts';
import { createFeatureVector, FEATURES } from '../../../lib/domain/features.ts';
import { type Leg, legTime, type NumberToken } from '../../../lib/domain/leg.ts';
import type { Policy } from '../../../lib/domain/policy.ts';
import {
  createLegFolder,
  type FoldLegs,
  type FoldResult,
  type Judgement,
} from '../../../lib/domain/profile/fold-legs.ts';
import {
  CONTACT_SKETCH_BYTES,
  findingAt,
  OFFSET,
  SETTLED_KEPT,
} from '../../../lib/domain/profile/layout.ts';
import { Profile } from '../../../lib/domain/profile/profile.ts';
import { computeFeatures } from '../../../lib/domain/profile/profile-features.ts';
import { CALLER, legOf, legsInRow, MORNING, SUBJECT, tokenOf } from '../factories.ts';
import { NERVOUS_POLICY } from '../risky-policy.ts';
import { legsUpTo } from './any-legs.ts';

type Scoring = Policy['scoring'];

/** The nervous policy with one card, no rules and no second findings, whatever the default has of them. */
function policyOf(changes: Partial<Scoring> = {}, version = NERVOUS_POLICY.version): Policy {
  const { burst: _burst, renewAfter: _renewAfter, ...scoring } = NERVOUS_POLICY.scoring;
  return {
    ...NERVOUS_POLICY,
    version,
    scoring: { ...scoring, rules: [], callRules: [], ...changes },
  };
}

const FROM_ABROAD: Scoring['callRules'][number] = {
  rule: 'first-international-call',
  points: 3,
  kind: 'impersonating-police',
  callsBeforeAtMost: 0,
  secondsAtLeast: 300,
};
const FOR_HOURS: Scoring['callRules'][number] = {
  rule: 'long-call-from-stranger',
  points: 1.5,
  kind: 'other',
  secondsAtLeast: 1_800,
};

/** Judges otherwise than the nervous policy in every way but when calls are settled. */
const OTHER_POLICY = policyOf(
  {
    minimumCallsMade: 2,
    scorecard: {
      fraudShare: 0.5,
      base: -0.5,
      terms: [
        {
          id: 'answered',
          feature: 'answered-share',
          bins: [{ below: 0.7, points: 0 }, { points: 1.5 }],
          missing: 0.25,
        },
        {
          id: 'hours',
          feature: 'distinct-hours',
          bins: [{ below: 2, points: 0.3 }, { points: 0.1 }],
        },
        {
          id: 'often',
          feature: 'calls-made-hour',
          bins: [{ below: 5, points: 0 }, { below: 8, points: 0.7 }, { points: 1.4 }],
        },
      ],
    },
    riskyAt: 0.7,
    withdrawBelow: 0.2,
    renewAfter: 0.6,
    riskyHours: 2,
    lookbackHours: 1,
    callRules: [FOR_HOURS],
  },
  NERVOUS_POLICY.version + 1,
);

/** Legs one by one through the stored bytes, as they pass the deployed function. */
function foldOneByOne(fold: FoldLegs, legs: readonly Leg[]) {
  let profile: Buffer | undefined;
  const exposures: Exposure[] = [];
  const findings: Judgement[] = [];
  for (const leg of legs) {
    const folded = fold(profile, CALLER, [leg]);
    profile = folded.profile;
    exposures.push(...folded.exposures);
    findings.push(...folded.findings);
  }
  return { profile: profile ?? Buffer.alloc(0), exposures, findings };
}

const partOf = (
  { exposures, findings }: Pick<FoldResult, 'exposures' | 'findings'>,
  track: Track,
) => ({
  exposures: exposures.filter((one) => one.track === track),
  findings: findings.filter((one) => one.track === track),
});

/** The profile but for what it keeps of the shadow's finding. */
function withoutShadow(profile: Buffer): string {
  const rest = Buffer.from(profile);
  rest[OFFSET.findingKinds + 1] = 0;
  rest.fill(0, findingAt(1), OFFSET.handsetCounts);
  return rest.toString('hex');
}

const slotOf = (profile: Buffer, slot: number) =>
  profile.toString('hex', findingAt(slot), findingAt(slot) + findingAt(1) - findingAt(0));

/** A call received, too short for any rule, that lets the clock go on and waits itself. */
const tick = (start: number, changes: Partial<Leg> = {}): Leg =>
  legOf({
    call: 900_000 + (start % 90_000),
    counterpart: tokenOf(99),
    originating: false,
    start,
    duration: 0,
    answered: false,
    ...changes,
  });

const RUNS = { numRuns: 300 };

describe('a shadow policy', () => {
  const live = policyOf({ callRules: [FROM_ABROAD] });
  const alone = createLegFolder(live);
  const beside = createLegFolder(live, OTHER_POLICY);
  const otherAlone = createLegFolder(OTHER_POLICY);

  it('changes nothing of what the live one finds and stores', () => {
    let found = 0;
    fc.assert(
      fc.property(legsUpTo(40), (legs) => {
        const expected = foldOneByOne(alone, legs);
        const both = foldOneByOne(beside, legs);
        found += partOf(both, 'shadow').findings.length;
        expect(partOf(both, 'live')).toEqual(partOf(expected, 'live'));
        expect(withoutShadow(both.profile)).toBe(expected.profile.toString('hex'));
      }),
      RUNS,
    );
    // Or the property would say nothing of shadows.
    expect(found).toBeGreaterThan(RUNS.numRuns / 2);
  });

  it('judges the same calls: it finds what it would find in force', () => {
    fc.assert(
      fc.property(legsUpTo(40), (legs) => {
        const asShadow = foldOneByOne(beside, legs);
        const inForce = foldOneByOne(otherAlone, legs);
        const shadowed = <T>(all: readonly T[]) =>
          all.map((one): T => ({ ...one, track: 'shadow' }));
        const { exposures, findings } = partOf(asShadow, 'shadow');
        expect(exposures).toEqual(shadowed(inForce.exposures));
        expect(findings).toEqual(shadowed(inForce.findings));
        expect(slotOf(asShadow.profile, 1)).toBe(slotOf(inForce.profile, 0));
      }),
      RUNS,
    );
  });
});

describe('what a finding under another version of the policy means', () => {
  const eager = policyOf({}, 7);
  const reluctant = policyOf({ riskyAt: 99, withdrawBelow: -99 }, 8);
  const dull = policyOf({ riskyAt: 99, withdrawBelow: -99 });
  const risky = createLegFolder(dull, eager)(undefined, CALLER, legsInRow(6)).profile;
  const next = legOf({ call: 77, counterpart: tokenOf(50), start: MORNING + 900 });

  it('is an exposure at once under the same shadow', () => {
    const { exposures } = createLegFolder(dull, eager)(risky, CALLER, [next]);
    expect(exposures).toMatchObject([{ track: 'shadow', subject: tokenOf(50) }]);
  });

  it('is nothing under another shadow', () => {
    const { exposures, findings } = createLegFolder(dull, reluctant)(risky, CALLER, [
      next,
      tick(MORNING + 1_200),
      tick(MORNING + 1_500),
    ]);
    expect(exposures).toEqual([]);
    expect(findings).toEqual([]);
  });

  it('does not keep another shadow from a finding of its own', () => {
    const again = policyOf({}, 8);
    // The last two calls of the row still waited: they are the first that the other shadow judges.
    const waiting = legsInRow(6)[4] ?? legOf();
    const { exposures, findings } = createLegFolder(dull, again)(risky, CALLER, [next]);
    expect(findings).toMatchObject([
      { track: 'shadow', finding: { at: legTime(waiting), policyVersion: 8 } },
    ]);
    expect(new Set(exposures.map((one) => one.finding.policyVersion))).toEqual(new Set([8]));
  });

  it('stays a finding when a new version comes into force', () => {
    const found = createLegFolder(eager)(undefined, CALLER, legsInRow(6)).profile;
    const { exposures } = createLegFolder(reluctant)(found, CALLER, [next]);
    expect(exposures).toMatchObject([
      { track: 'live', subject: tokenOf(50), finding: { policyVersion: 7 } },
    ]);
  });
});

describe('a judgement', () => {
  const live = policyOf({
    rules: [{ rule: 'rotates-handsets', points: 0.3, handsetsAtLeast: 2, callsAtMost: 30 }],
    renewAfter: 0.4,
  });
  const fold = createLegFolder(live, OTHER_POLICY);
  const scoreOf = {
    live: compileCallerScore(live.scoring),
    shadow: compileCallerScore(OTHER_POLICY.scoring),
  };

  const vectorOf = ({ features }: Judgement) =>
    Float64Array.from(FEATURES, (feature) => features[feature] ?? Number.NaN);

  it('has terms that add up to its points with its base, to the last bit', () => {
    let judged = 0;
    fc.assert(
      fc.property(legsUpTo(40), (legs) => {
        const { findings } = foldOneByOne(fold, legs);
        judged += findings.length;
        for (const one of findings) {
          expect(one.terms.reduce((sum, { points }) => sum + points, one.base)).toBe(one.points);
          expect(callerPoints(scoreOf[one.track], vectorOf(one))).toBe(one.points);
          expect(Math.abs(one.finding.points - one.points)).toBeLessThanOrEqual(0.005 + 1e-9);
          expect(Object.keys(one.features)).toEqual([...FEATURES]);
          expect(one.caller).toBe(CALLER);
        }
      }),
      RUNS,
    );
    expect(judged).toBeGreaterThan(RUNS.numRuns / 2);
  });

  it('has the features of the calls that were settled by then', () => {
    const profile = new Profile();
    fc.assert(
      fc.property(legsUpTo(20), (legs) => {
        fc.pre(new Set(legs.map(legTime)).size === legs.length);
        for (const one of foldOneByOne(
          fold,
          legs.toSorted((a, b) => legTime(a) - legTime(b)),
        ).findings) {
          const settled = legs.filter((leg) => legTime(leg) <= one.finding.at);
          profile.load(fold(undefined, CALLER, [...settled, tick(one.finding.at + 61)]).profile);
          expect(vectorOf(one)).toEqual(computeFeatures(profile, createFeatureVector()));
        }
      }),
      RUNS,
    );
  });

  it('has the calls made that the profile still remembered', () => {
    let remembered = 0;
    fc.assert(
      fc.property(legsUpTo(SETTLED_KEPT), (legs) => {
        let stored: Buffer | undefined;
        for (const [i, leg] of legs.entries()) {
          const { findings, profile } = fold(stored, CALLER, [leg]);
          stored = profile;
          for (const { calls, finding, track } of findings) {
            const { lookbackHours } = (track === 'live' ? live : OTHER_POLICY).scoring;
            const expected = legs
              .slice(0, i + 1)
              .filter((one) => one.originating && !one.counterpartIsService)
              .filter((one) => one.start >= finding.at - lookbackHours * 3_600)
              .map(({ counterpart, call, start, duration, answered, international }) => ({
                subject: counterpart,
                call,
                start,
                duration,
                answered,
                international,
              }));
            const byCall = (a: { call: number }, b: { call: number }) => a.call - b.call;
            expect(calls.toSorted(byCall)).toEqual(expected.toSorted(byCall));
            remembered += calls.length;
          }
        }
      }),
      RUNS,
    );
    expect(remembered).toBeGreaterThan(RUNS.numRuns / 2);
  });
});

describe('a caller whose score rises', () => {
  /** 1.75 points from the third call on; 3.75 from the fifth, which is from abroad. */
  const legs = legsInRow(7).map((leg, i) => ({ ...leg, international: i === 4 }));
  const foundAt = (i: number) => MORNING + i * 120 + 60;
  const findingsOf = (renewAfter: number | undefined) => {
    const policy = renewAfter === undefined ? policyOf() : policyOf({ renewAfter });
    const result = foldOneByOne(createLegFolder(policy), legs);
    return {
      points: result.findings.map(({ finding }) => finding.points),
      at: result.findings.map(({ finding }) => finding.at),
      exposures: result.exposures,
    };
  };

  it('is found anew once it rose by so much, and those remembered are exposed again', () => {
    const { at, exposures, points } = findingsOf(2);
    expect(points).toEqual([1.75, 3.75]);
    expect(at).toEqual([foundAt(2), foundAt(4)]);
    const strongestOf = (i: number) =>
      Math.max(
        ...exposures.filter((one) => one.subject === tokenOf(i)).map((one) => one.finding.points),
      );
    expect(legs.map((_, i) => strongestOf(i))).toEqual(legs.map(() => 3.75));
    const weaker = exposures.filter((one) => one.finding.points === 1.75);
    expect(weaker.length).toBeGreaterThan(0);
  });

  it.each([
    ['it would have to rise by more', 2.01],
    ['the policy does not ask for it', undefined],
  ])('is found once where %s', (_, renewAfter) => {
    const { exposures, points } = findingsOf(renewAfter);
    expect(points).toEqual([1.75]);
    expect(new Set(exposures.map((one) => one.finding.points))).toEqual(new Set([1.75]));
    // Each call once, since nothing stronger is to be said.
    expect(exposures.map((one) => one.call).sort()).toEqual(legs.map((leg) => leg.call));
  });

  it('is found anew by each track at its own rise', () => {
    const fold = createLegFolder(policyOf(), policyOf({ renewAfter: 1 }, 9));
    const result = foldOneByOne(fold, legs);
    expect(partOf(result, 'live').findings).toHaveLength(1);
    expect(partOf(result, 'shadow').findings).toHaveLength(2);
  });
});

describe('a caller whose score falls', () => {
  /** Points by how long people listen: 1.5 for a minute, 0.75 from twenty seconds on, else none. */
  const listening = (withdrawBelow: number): Partial<Scoring> => ({
    scorecard: {
      fraudShare: 0.5,
      base: 0,
      terms: [
        {
          id: 'talks',
          feature: 'mean-talk-seconds',
          bins: [{ below: 20, points: 0 }, { below: 40, points: 0.75 }, { points: 1.5 }],
        },
      ],
    },
    riskyAt: 1,
    withdrawBelow,
  });
  const long = legsInRow(4);
  /** The mean falls from 60 seconds through the middle to under 20. */
  const short = legsInRow(16, 60, { duration: 2 }).map((leg, i) => ({
    ...leg,
    call: 2_000 + i,
    start: MORNING + 600 + i * 60,
  }));
  const seconds = [...long, ...short].map((leg) => leg.duration ?? 0);
  const meanUpTo = (count: number) => seconds.slice(0, count).reduce((a, b) => a + b, 0) / count;
  const firstUnder = (mean: number) => short.find((_, i) => meanUpTo(5 + i) < mean) ?? legOf();
  const last = legOf({ call: 3_000, counterpart: tokenOf(70), start: MORNING + 3_000 });
  const slotUntil = (policy: Policy) => {
    const { profile } = foldOneByOne(createLegFolder(policy), [...long, ...short, last]);
    return profile.readUInt32BE(findingAt(0) + 4);
  };

  it('stays risky while the points are not under the policy’s bound', () => {
    const { exposures } = foldOneByOne(createLegFolder(policyOf(listening(-1))), [
      ...long,
      ...short,
      last,
    ]);
    expect(slotUntil(policyOf(listening(-1)))).toBe(legTime(long[2] ?? legOf()) + 3_600);
    expect(exposures.map((one) => one.subject)).toContain(tokenOf(70));
  });

  it.each([
    [0.5, 20],
    [0.75, 20],
    [0.76, 40],
  ])('is let go under %d, as of the call that brought the mean under %i seconds', (bound, mean) => {
    const policy = policyOf(listening(bound));
    const { scoring } = policy;
    expect(slotUntil(policy)).toBe(legTime(firstUnder(mean)) + scoring.settleSeconds);
    const { exposures } = foldOneByOne(createLegFolder(policy), [...long, ...short, last]);
    expect(exposures.map((one) => one.subject)).not.toContain(tokenOf(70));
  });

  it('is let go by each track under its own bound', () => {
    const fold = createLegFolder(policyOf(listening(-1)), policyOf(listening(0.5), 9));
    const { exposures } = foldOneByOne(fold, [...long, ...short, last]);
    const tracksOf = exposures.filter((one) => one.subject === tokenOf(70)).map((one) => one.track);
    expect(tracksOf).toEqual(['live']);
  });
});

describe('two cards', () => {
  const card = (id: string, base: number): Scoring['scorecard'] => ({
    fraudShare: 0.5,
    base,
    terms: [{ id, feature: 'calls-made-month', bins: [{ points: 1 }] }],
  });
  const policy = policyOf({
    minimumCallsMade: 4,
    scorecard: card('habit-calls', 2),
    riskyAt: 3,
    burst: {
      shareAtLeast: 0.5,
      minimumCallsMade: 3,
      scorecard: card('burst-calls', 4),
      riskyAt: 5,
      withdrawBelow: 0,
    },
  });
  const fold = createLegFolder(policy);
  const firstOf = (legs: readonly Leg[]) => foldOneByOne(fold, legs).findings[0];

  it('judge by the burst’s where the day holds so much of the month', () => {
    expect(firstOf([...legsInRow(3), tick(MORNING + 900)])).toMatchObject({
      base: 4,
      points: 5,
      terms: [{ id: 'burst-calls', points: 1 }],
    });
  });

  it('judge by the habit’s where it does not, and from its own number of calls on', () => {
    // One call a day: the last day holds one of them, or two where the window's edge falls well.
    const daily = legsInRow(8, 36 * 3_600);
    const found = firstOf(daily);
    expect(found).toMatchObject({ base: 2, points: 3, terms: [{ id: 'habit-calls', points: 1 }] });
    expect(found?.features['calls-made-month']).toBe(4);
  });

  it('switch with the share: the same caller’s burst is found by the other card', () => {
    const reluctant = policyOf({ ...policy.scoring, riskyAt: 99 });
    const spread = legsInRow(4, 36 * 3_600);
    const burst = legsInRow(5).map((leg) => ({
      ...leg,
      call: leg.call + 500,
      start: leg.start + 10 * 86_400,
    }));
    const found = foldOneByOne(createLegFolder(reluctant), [
      ...spread,
      ...burst,
      tick(MORNING + 11 * 86_400),
    ]).findings;
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ base: 4, finding: { at: legTime(burst[3] ?? legOf()) } });
    expect(found[0]?.features).toMatchObject({ 'calls-made-day': 4, 'calls-made-month': 8 });
  });
});

describe('a call that is suspicious to the person called', () => {
  const fold = createLegFolder(policyOf({ callRules: [FROM_ABROAD, FOR_HOURS] }));
  /** From abroad, ten minutes, from CALLER. */
  const received = (changes: Partial<Leg> = {}): Leg =>
    legOf({
      number: SUBJECT,
      counterpart: CALLER,
      originating: false,
      call: 5_000,
      duration: 600,
      international: true,
      start: MORNING,
      ...changes,
    });
  const subjectSide = (legs: readonly Leg[]) =>
    fold(undefined, SUBJECT, legs).exposures.filter((one) => one.side === 'subject');

  it('is exposed by the person’s own leg, with the rule that held', () => {
    const { exposures, findings } = fold(undefined, SUBJECT, [received()]);
    expect(findings).toEqual([]);
    expect(exposures).toMatchObject([
      {
        subject: SUBJECT,
        caller: CALLER,
        call: 5_000,
        start: MORNING,
        duration: 600,
        answered: true,
        international: true,
        track: 'live',
        side: 'subject',
        finding: {
          at: MORNING + 600,
          until: MORNING + 600,
          points: 3,
          kind: 'impersonating-police',
          reasons: [{ id: 'first-international-call', points: 3 }],
        },
      },
    ]);
  });

  it('has the points of all rules that hold, and the kind of the strongest', () => {
    expect(subjectSide([received({ duration: 2_000 })])).toMatchObject([
      { finding: { points: 4.5, kind: 'impersonating-police' } },
    ]);
    expect(subjectSide([received({ duration: 2_000, international: false })])).toMatchObject([
      { finding: { points: 1.5, kind: 'other', reasons: [{ id: 'long-call-from-stranger' }] } },
    ]);
  });

  it('is judged by each track with its own rules', () => {
    const both = createLegFolder(
      policyOf({ callRules: [FROM_ABROAD] }),
      policyOf({ callRules: [FOR_HOURS] }, 9),
    );
    const { exposures } = both(undefined, SUBJECT, [received({ duration: 2_000 })]);
    expect(exposures.map(({ track, finding }) => [track, finding.points])).toEqual([
      ['live', 3],
      ['shadow', 1.5],
    ]);
  });

  it.each<[string, Partial<Leg>]>([
    ['was not answered', { answered: false, duration: 0 }],
    ['was not answered, however long it rang', { answered: false }],
    ['was too short', { duration: 299 }],
    ['goes on', { phase: 'started', duration: undefined }],
    ['came from a service', { counterpartIsService: true }],
    ['was made by the person', { originating: true }],
    ['came from the same country and did not last for hours', { international: false }],
  ])('is not exposed when it %s', (_, changes) => {
    expect(subjectSide([received(changes)])).toEqual([]);
  });

  const started = received({ phase: 'started', duration: undefined });
  const ended = received({ phase: 'ended' });

  it.each<[string, Leg[]]>([
    ['all of it is told twice', [received(), received()]],
    ['only its end is told', [ended, ended]],
    ['its end comes before its start', [ended, started, ended]],
    ['its start is told first', [started, ended, ended]],
    [
      'its start is told first, and another call came meanwhile',
      [started, tick(MORNING + 300), ended],
    ],
  ])('is exposed once where %s', (_, legs) => {
    expect(subjectSide(legs).map(({ call }) => call)).toEqual([5_000]);
  });

  /** Some call more than the tolerance before the long one is over. */
  const earlierCall = (changes: Partial<Leg>) =>
    received({ call: 4_000, duration: 30, start: MORNING + 400, ...changes });
  const fromOther = earlierCall({ counterpart: tokenOf(3) });
  const knownBy = earlierCall({ originating: true, international: false });

  it.each<[string, Leg]>([
    ['after an earlier call from abroad', fromOther],
    ['from somebody whom the person called before', knownBy],
    ['from somebody who called before', earlierCall({ international: false })],
    ['from somebody known for long', { ...knownBy, start: MORNING - 20 * 86_400 }],
    ['after a call from abroad long ago', { ...fromOther, start: MORNING - 200 * 86_400 }],
  ])('is not exposed %s', (_, earlier) => {
    expect(subjectSide([earlier, received()])).toEqual([]);
  });

  it.each<[string, Leg]>([
    ['after a call from abroad that the person made', { ...fromOther, originating: true }],
    ['after a call from somebody else', { ...fromOther, international: false }],
    [
      'after an earlier call from abroad within the tolerance',
      { ...fromOther, start: MORNING + 530 },
    ],
    [
      'from somebody whom the person called within the tolerance',
      { ...knownBy, start: MORNING + 530 },
    ],
  ])('is exposed %s', (_, earlier) => {
    expect(subjectSide([earlier, received()])).toHaveLength(1);
    expect(subjectSide([received(), earlier])).toHaveLength(1);
  });

  /** Counterparts whom the sketch tells apart: who is new to it is a stranger. */
  const byBit = new Map<number, NumberToken>();
  for (let index = 0; byBit.size < 31; index++) {
    const sealed = Buffer.from(tokenOf(index).slice(1), 'base64url');
    const bit = sealed.readUInt16BE() % (CONTACT_SKETCH_BYTES * 8);
    if (!byBit.has(bit)) byBit.set(bit, tokenOf(index));
  }

  const anyNews = fc.record({
    gap: fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 70 }) },
      { weight: 1, arbitrary: fc.integer({ min: 30, max: 900 }) },
    ),
    duration: fc.constantFrom(0, 30, 300, 600),
    counterpart: fc.constantFrom(...byBit.values()),
    made: fc.nat({ max: 3 }).map((one) => one === 0),
    international: fc.boolean(),
  });
  /** Whole calls in the order of their ends. */
  const newsUpTo = (maxLength: number) =>
    fc.array(anyNews, { minLength: 1, maxLength }).map((calls) => {
      let end = MORNING;
      return calls.map(({ gap, duration, counterpart, made, international }, i) => {
        end += gap;
        return received({
          call: (i * 7_919 + 13) % 1_009,
          counterpart,
          originating: made,
          duration,
          answered: duration > 0,
          international,
          start: end - duration,
        });
      });
    });
  const jitters = fc.array(fc.double({ min: 0, max: 59.9, noNaN: true }), {
    minLength: 10,
    maxLength: 10,
  });
  const callsOf = (legs: readonly Leg[]) =>
    subjectSide(legs)
      .map(({ call, finding }) => `${call} ${finding.points}`)
      .sort();

  /** Legs as they arrive, each less than the tolerance after its news. */
  const arrivedLate = (legs: readonly Leg[], late: readonly number[]) => {
    const arrivals = new Map(legs.map((leg, i) => [leg, legTime(leg) + (late[i] ?? 0)]));
    return legs.toSorted((a, b) => (arrivals.get(a) ?? 0) - (arrivals.get(b) ?? 0));
  };

  it.each([
    ['two calls', 2],
    ['a day of calls', 10],
  ])('is the same in any order of arrival within the tolerance, of %s', (_, most) => {
    let exposed = 0;
    fc.assert(
      fc.property(newsUpTo(most), jitters, (legs, late) => {
        const expected = callsOf(legs);
        exposed += expected.length;
        expect(callsOf(arrivedLate(legs, late))).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
    // Or the property would say nothing of exposures.
    expect(exposed).toBeGreaterThan(50);
  });

  it('is the same when a third call settles the second before the first of them arrives', () => {
    const abroad = received({
      call: 1,
      counterpart: tokenOf(3),
      duration: 30,
      start: MORNING - 30,
    });
    const long = received({ call: 2, start: MORNING + 30 - 600 });
    const clock = tick(MORNING + 61);
    expect(callsOf([abroad, long, clock])).toEqual(['2 3']);
    expect(callsOf([abroad, clock, long])).toEqual(['2 3']);
  });
});
