import { dayAfter } from '../../lib/archive/archived-call.ts';
import { effectOf, type GroupSums } from '../../lib/domain/campaign/effect.ts';
import { FRAUD_KINDS, type FraudKind } from '../../lib/domain/fraud-kind.ts';
import { nothingHeard } from '../../lib/domain/ladder/case-news.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { SeededRandom } from '../../lib/simulation/seeded-random.ts';
import { measureMissed } from '../../lib/study/measures/missed.ts';
import type { PolicyTrial, TrialFigures } from '../../lib/study/measures/policy-trials.ts';
import { type JudgedCase, measurePrecision } from '../../lib/study/measures/precision.ts';
import { loadDefaultReference } from '../../lib/study/measures/read-reference.ts';
import type { StudyMeasures } from '../../lib/study/measures/study-measures.ts';
import { measureTextEffect, type RiskyTalk } from '../../lib/study/measures/text-effect.ts';
import type {
  Evidence,
  FindingKind,
  FoundCaller,
  FoundGroup,
  StudyResult,
  SubjectAtRisk,
} from '../../lib/study/study-result.ts';

const TOKEN_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const TOKEN_LENGTH = 23;
const DISTRICTS = [
  510104, 510105, 510106, 510107, 510108, 510112, 510114, 510116, 510117, 510182, 0,
] as const;
const HOURS = [
  4, 2, 1, 1, 1, 2, 6, 18, 42, 70, 78, 66, 48, 50, 64, 70, 68, 60, 46, 42, 40, 30, 18, 8,
] as const;
const RISKY_HOURS = [
  0, 0, 0, 0, 0, 0, 0, 2, 14, 38, 52, 41, 18, 26, 48, 55, 44, 22, 12, 15, 18, 9, 2, 0,
] as const;
const WEEK = [1, 1.02, 0.99, 1.01, 1.05, 0.74, 0.66] as const;
const DAYS = 35;
const DAY_START = Date.parse('2026-11-24T00:00:00+08:00') / 1000;
const HOUR = 3_600;

/** What a sample is to have, beside chance. */
export interface SampleOptions {
  readonly seed?: number;
  /** False: a study that was given nothing but calls. */
  readonly measured?: boolean;
  /** Numbers of the large farm. */
  readonly farm?: number;
}

/** The study of a day of a city of a million calls: made by lot, but like one. The same seed gives the same. */
export function sampleStudy({
  seed = 1,
  measured = true,
  farm = 24,
}: SampleOptions = {}): StudyResult {
  const random = new SeededRandom(seed);
  const token = () =>
    Array.from({ length: TOKEN_LENGTH }, () => TOKEN_LETTERS[random.below(64)]).join('');
  const groups = [
    farmGroup('farm-1', farm, token, random),
    successorGroup('successor-1', token, random),
    farmGroup('farm-2', 9, token, random),
    trapGroup('trap-1', token, random),
  ];
  const callers = [
    ...groups.flatMap((group) => membersOf(group, random)),
    ...Array.from({ length: 11 }, () => slowCaller(token(), random)),
    ...Array.from({ length: 4 }, () => precursor(token(), random)),
  ].toSorted((a, b) => b.points - a.points);
  const subjects = Array.from({ length: 14 }, () => subject(token(), callers, random)).toSorted(
    (a, b) => b.points - a.points,
  );
  const calls = 1_036_420;
  const riskyCallsByHour = RISKY_HOURS.map((share) =>
    Math.round(share * random.between([4.2, 5.4])),
  );
  const risky = riskyCallsByHour.reduce((sum, each) => sum + each);
  return {
    schema: 'forewarn-study/1',
    day: '2026-11-24',
    utcOffsetMinutes: 480,
    policyVersion: 6,
    volume: {
      calls,
      answered: Math.round(calls * 0.71),
      callers: 402_118,
      people: 511_040,
      talkSeconds: calls * 88,
      callsByHour: HOURS.map((share) => Math.round((calls * share) / 835)),
      riskyCallsByHour,
      days: pastDays(calls, risky, callers.length, random),
    },
    districts: districtsOf(calls, risky, subjects, random),
    kinds: kindsOf(callers),
    callers,
    groups,
    subjects,
    ...(measured && { measures: measuresOf(callers, token, random) }),
  };
}

type Token = () => NumberToken;

const said = (id: string, value: number, points: number): Evidence => ({
  id,
  value: Math.round(value * 100) / 100,
  points: Math.round(points * 100) / 100,
});

const sumOfPoints = (evidence: readonly Evidence[]) =>
  evidence.reduce((sum, { points }) => sum + points, 0);

function farmGroup(id: string, size: number, token: Token, random: SeededRandom): FoundGroup {
  const numbers = Array.from({ length: size }, token);
  const victims = Array.from({ length: Math.ceil(size * 0.6) }, token);
  const pick = () => numbers[random.below(size)] ?? '';
  const links: FoundGroup['links'][number][] = [];
  for (let at = 0; at + 1 < size; at++) {
    if (!random.chance(0.45)) continue;
    links.push({ from: numbers[at] ?? '', to: numbers[at + 1] ?? '', why: 'handset', weight: 2 });
  }
  for (const victim of victims) {
    const several = new Set(Array.from({ length: random.wholeBetween([2, 4]) }, pick));
    for (const from of several) links.push({ from, to: victim, why: 'subject', weight: 1 });
  }
  for (const number of numbers) {
    if (links.some(({ from, to }) => from === number || to === number)) continue;
    links.push({ from: number, to: pick(), why: 'handset', weight: 1 });
  }
  const evidence = [
    said('linked-numbers', size, 6),
    said('pairs-calling-the-same-people', victims.length, 1),
    said('pairs-on-one-handset', Math.ceil(size / 5), 1),
  ];
  return { id, kind: 'farm', numbers, links, evidence, points: sumOfPoints(evidence) };
}

function successorGroup(id: string, token: Token, random: SeededRandom): FoundGroup {
  const numbers = Array.from({ length: 5 }, token);
  const victims = Array.from({ length: 7 }, token);
  const links: FoundGroup['links'][number][] = [];
  for (let at = 0; at + 1 < numbers.length; at++) {
    links.push({
      from: numbers[at] ?? '',
      to: numbers[at + 1] ?? '',
      why: 'succession',
      weight: 3,
    });
  }
  for (const victim of victims) {
    const first = random.below(numbers.length - 1);
    for (const from of numbers.slice(first, first + 2)) {
      links.push({ from, to: victim, why: 'subject', weight: 1 });
    }
  }
  const evidence = [
    said('numbers-taking-turns', 4, 3.2),
    said('strangers-dialled', victims.length, 1.4),
  ];
  return { id, kind: 'successor', numbers, links, evidence, points: sumOfPoints(evidence) };
}

function trapGroup(id: string, token: Token, random: SeededRandom): FoundGroup {
  const numbers = Array.from({ length: 4 }, token);
  const links = numbers.slice(1).map((to) => ({
    from: numbers[0] ?? '',
    to,
    why: 'handset' as const,
    weight: random.wholeBetween([1, 3]),
  }));
  const evidence = [
    said('rings-without-talk', 0.94, 2.4),
    said('missed-calls-called-back', 61, 1.3),
  ];
  return { id, kind: 'callback-trap', numbers, links, evidence, points: sumOfPoints(evidence) };
}

function caller(
  number: NumberToken,
  kind: FindingKind,
  fraudKind: FraudKind,
  evidence: readonly Evidence[],
  contacts: number,
  random: SeededRandom,
): FoundCaller {
  const calls = Math.round(contacts * random.between([1.05, 1.9]));
  const firstCall = DAY_START - random.below(20 * 24 * HOUR);
  return {
    number,
    kind,
    fraudKind,
    points: Math.round(sumOfPoints(evidence) * 100) / 100,
    evidence,
    contacts,
    calls,
    talkSeconds: calls * random.wholeBetween([60, 340]),
    firstCall,
    lastCall: DAY_START + random.wholeBetween([9 * HOUR, 19 * HOUR]),
    district: DISTRICTS[random.below(DISTRICTS.length)] ?? 0,
  };
}

function membersOf(group: FoundGroup, random: SeededRandom): FoundCaller[] {
  const fraudKind = FRAUD_KINDS[random.below(6)] ?? 'other';
  return group.numbers
    .filter(() => random.chance(0.7))
    .map((number) => ({
      ...caller(
        number,
        group.kind,
        fraudKind,
        [
          ...group.evidence.slice(0, 2).map(({ id, points, value }) => said(id, value, points)),
          said('dials-first', random.between([0.8, 1]), random.between([0.3, 1.1])),
        ],
        random.wholeBetween([18, 90]),
        random,
      ),
      group: group.id,
    }));
}

function slowCaller(number: NumberToken, random: SeededRandom): FoundCaller {
  const days = random.wholeBetween([6, 19]);
  const evidence = [
    said('new-people-dialled-a-day', random.between([1.2, 4.5]), random.between([0.9, 1.8])),
    said('days-of-calling', days, random.between([0.6, 1.4])),
    said('holds-strangers-again', random.wholeBetween([3, 12]), random.between([0.8, 2.2])),
  ];
  const kind = random.chance(0.5) ? 'romance-investment' : 'impersonating-police';
  return caller(number, 'slow-campaign', kind, evidence, days * 3, random);
}

function precursor(number: NumberToken, random: SeededRandom): FoundCaller {
  const evidence = [
    said('people-led-to-risky-numbers', random.wholeBetween([3, 8]), random.between([2, 3.4])),
  ];
  return caller(number, 'precursor', 'impersonating-customer-service', evidence, 31, random);
}

function subject(
  number: NumberToken,
  callers: readonly FoundCaller[],
  random: SeededRandom,
): SubjectAtRisk {
  const evidence = [
    said('minutes-with-new-numbers', random.wholeBetween([45, 260]), random.between([1, 2.6])),
    said('several-new-numbers', random.wholeBetween([2, 3]), random.between([0.5, 1.2])),
    said('talks-grow', random.wholeBetween([2, 5]), random.between([0.4, 1])),
  ];
  const count = random.wholeBetween([1, 3]);
  return {
    number,
    points: Math.round(sumOfPoints(evidence) * 100) / 100,
    evidence,
    callers: Array.from(
      { length: count },
      () => callers[random.below(callers.length)]?.number ?? '',
    ),
    district: DISTRICTS[random.below(DISTRICTS.length - 1)] ?? 0,
  };
}

function pastDays(calls: number, risky: number, found: number, random: SeededRandom) {
  const days = Array.from({ length: DAYS - 1 }, (_, i) => {
    const day = dayAfter('2026-11-24', i + 1 - DAYS);
    const weekday = WEEK[(new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7] ?? 1;
    return {
      day,
      calls: Math.round(calls * weekday * random.between([0.96, 1.03])),
      riskyCalls: Math.round(risky * weekday * random.between([0.78, 1.02])),
      found: Math.round(found * weekday * random.between([0.3, 0.9])),
    };
  });
  return [...days, { day: '2026-11-24', calls, riskyCalls: risky, found }];
}

function districtsOf(
  calls: number,
  risky: number,
  subjects: readonly SubjectAtRisk[],
  random: SeededRandom,
): StudyResult['districts'] {
  const weights = DISTRICTS.map((_, i) =>
    i === DISTRICTS.length - 1 ? 0.3 : random.between([0.4, 2]),
  );
  const all = weights.reduce((sum, weight) => sum + weight);
  return DISTRICTS.map((district, i) => ({
    district,
    calls: Math.round((calls * (weights[i] ?? 0)) / all),
    riskyCalls: Math.round((risky * (weights[i] ?? 0) * random.between([0.5, 1.5])) / all),
    peopleAtRisk: subjects.filter((each) => each.district === district).length,
  }));
}

function kindsOf(callers: readonly FoundCaller[]): StudyResult['kinds'] {
  return FRAUD_KINDS.map((kind) => {
    const own = callers.filter(({ fraudKind }) => fraudKind === kind);
    return {
      kind,
      callers: own.length,
      people: own.reduce((sum, { contacts }) => sum + contacts, 0),
    };
  }).filter(({ callers: count }) => count > 0);
}

function measuresOf(
  callers: readonly FoundCaller[],
  token: Token,
  random: SeededRandom,
): StudyMeasures {
  const effect = textEffect(token, random);
  const others = Array.from({ length: 21 }, token);
  const warnedBefore = new Map(others.slice(0, 15).map((number) => [number, DAY_START - 9_000]));
  return {
    precision: measurePrecision(closedCases(random)),
    missed: measureMissed(
      [
        ...callers.slice(2, 7).map(({ number, fraudKind, contacts }) => ({
          number,
          at: DAY_START + 50_000,
          source: 'case-number' as const,
          kind: fraudKind,
          people: contacts,
        })),
        ...others.map((number, i) => ({
          number,
          at: DAY_START + i * 2_000,
          source: i % 3 === 0 ? ('officer' as const) : ('case-number' as const),
          kind: FRAUD_KINDS[random.below(9)] ?? 'other',
          people: random.wholeBetween([1, 60]),
        })),
      ],
      warnedBefore,
      callers,
    ),
    drift: drift(random),
    ...(effect !== undefined && { textEffect: effect }),
    campaigns: [
      {
        id: 'autumn',
        name: 'Students and fake orders',
        since: 1_794_000_000_000,
        effect: effectOf(
          group({ people: 9_800, exposed: 180, exposures: 240, talkMinutes: 610 }),
          group({ people: 1_000, exposed: 41, exposures: 58, talkMinutes: 160 }),
        ),
      },
    ],
    queues: {
      steps: [
        {
          step: 'call',
          opened: 148,
          done: 139,
          overdue: 17,
          medianMinutes: 11.5,
          ninetiethMinutes: 34,
        },
        {
          step: 'relatives',
          opened: 41,
          done: 37,
          overdue: 6,
          medianMinutes: 9,
          ninetiethMinutes: 21,
        },
        {
          step: 'visit',
          opened: 23,
          done: 19,
          overdue: 7,
          medianMinutes: 48,
          ninetiethMinutes: 95,
        },
      ],
      overdueNow: 4,
      openCases: 12,
      watching: 63,
    },
    trials: trials(),
  };
}

function closedCases(random: SeededRandom): JudgedCase[] {
  const reasons = [
    'longest-call',
    'callers-in-concert',
    'new-contact-share',
    'calls-made-day',
    'pesters-briefly',
  ];
  return Array.from({ length: 118 }, () => {
    const tier = (['medium', 'high', 'urgent'] as const)[random.below(3)] ?? 'medium';
    const own = reasons.filter((reason) =>
      random.chance(reason === 'pesters-briefly' ? 0.2 : 0.45),
    );
    const wrong = random.chance(own.includes('pesters-briefly') ? 0.75 : 0.1);
    return {
      outcome: random.chance(0.06) ? 'duplicate' : wrong ? 'not-a-fraud' : 'dissuaded',
      peakTier: tier,
      reasons: own,
      kind: FRAUD_KINDS[random.below(6)] ?? 'other',
      openedBy: 'policy',
      heard: nothingHeard(tier),
    };
  });
}

/** Sums whose squares are those of people who differ a little. */
function group(
  sums: Pick<GroupSums, 'people' | 'exposed' | 'exposures' | 'talkMinutes'>,
): GroupSums {
  return {
    ...sums,
    exposuresSquared: sums.exposures ** 2 / sums.exposed,
    talkMinutesSquared: sums.talkMinutes ** 2 / sums.exposed,
  };
}

function textEffect(token: Token, random: SeededRandom) {
  const talks: RiskyTalk[] = [];
  const person = (kept: number) => {
    const number = token();
    for (let hour = -24; hour < 24; hour += 3) {
      if (!random.chance(hour < 0 ? 0.16 : 0.11 * kept)) continue;
      const start = DAY_START + hour * HOUR;
      talks.push({ person: number, start, seconds: Math.round(random.logNormal(420, 0.7)) });
    }
    return { person: number, at: DAY_START };
  };
  const texted = Array.from({ length: 420 }, () => person(0.4));
  const heldOut = Array.from({ length: 90 }, () => person(1));
  return measureTextEffect({ texted, heldOut, talks, knownUntil: DAY_START + 24 * HOUR });
}

function drift(random: SeededRandom): NonNullable<StudyMeasures['drift']> {
  const { features, source } = loadDefaultReference();
  return {
    source,
    callers: 18_204,
    features: features
      .map(({ bounds, feature, shares }) => {
        const psi =
          feature === 'mean-talk-seconds'
            ? 0.31
            : feature === 'places'
              ? 0.14
              : random.between([0, 0.05]);
        return {
          feature,
          psi,
          chance: 0.003,
          verdict:
            psi > 0.25
              ? ('drifted' as const)
              : psi > 0.1
                ? ('shifting' as const)
                : ('stable' as const),
          most: {
            from: bounds[0] ?? null,
            below: bounds[1] ?? null,
            missing: false,
            was: shares[1] ?? 0,
            is: (shares[1] ?? 0) + psi / 2,
          },
        };
      })
      .toSorted((a, b) => b.psi - a.psi),
  };
}

function trials(): PolicyTrial[] {
  const figures = (
    texts: number,
    found: number,
    hours: number,
    precision: number,
    inTime: number,
  ): TrialFigures => ({
    textsPer100kAndDay: texts,
    callersFound: found,
    cases: Math.round(texts * 4.1),
    officerHoursPerDay: hours,
    precision: { value: precision, low: precision - 0.03, high: precision + 0.02 },
    inTime,
  });
  const live = figures(31.4, 212, 58.2, 0.962, 0.781);
  return [
    {
      knob: 'riskyAt',
      from: 4.5,
      to: 4,
      live,
      changed: figures(35.2, 247, 64.9, 0.918, 0.824),
      verdict: 'trade-off',
    },
    {
      knob: 'riskyAt',
      from: 4.5,
      to: 5,
      live,
      changed: figures(27.7, 180, 51.8, 0.971, 0.722),
      verdict: 'worse',
    },
    {
      knob: 'warnAt',
      from: 10.2,
      to: 9.7,
      live,
      changed: figures(33.1, 212, 61, 0.959, 0.803),
      verdict: 'better',
    },
    {
      knob: 'warnAt',
      from: 10.2,
      to: 10.7,
      live,
      changed: figures(28.8, 212, 54.4, 0.966, 0.74),
      verdict: 'worse',
    },
    {
      knob: 'cooldownHours',
      from: 24,
      to: 12,
      live,
      changed: figures(31.9, 212, 58.2, 0.962, 0.781),
      verdict: 'same',
    },
    {
      knob: 'cooldownHours',
      from: 24,
      to: 48,
      live,
      changed: figures(31.1, 212, 58.2, 0.963, 0.779),
      verdict: 'same',
    },
  ];
}
