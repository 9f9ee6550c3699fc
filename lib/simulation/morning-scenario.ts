import { startOf } from './city.ts';
import { localHour, shareOfDay } from './day-rhythm.ts';
import type { CallHabit, Feed, FraudHabit, Residents, Scenario, Trade } from './scenario-schema.ts';

/**
 * The scenario of the simulated morning: who lives in the district and how they telephone. Every parameter names
 * its source: [table] shared/data/README.md's table of a Sichuan operator or a plain statistic of the rows behind it,
 * [copenhagen] the 3,600 real calls beside it, [assumption] ours.
 */
export interface MorningScenario extends Scenario {
  /** How many calls the counts of trades and fraud callers are meant for; they follow in proportion. */
  readonly calls: number;
  readonly fewestFraudCallers: number;
}

/** Follow-ups, callbacks and inquiries raise a trade's calls to about this much of those it plans. */
const TRADE_FOLLOW_UP = 1.5;
const FEWEST_PEOPLE = 200;

// [copenhagen] 10 % of calls between acquaintances are missed; 39 % of these are tried again within half an
// hour, 41 % called back within the hour. Half of all calls between acquaintances have a successor within the
// hour: `again` and `reply` are set so that contacts repeat as often as there (5-hour windows).
export const ACQUAINTED = {
  answeredShare: 0.88,
  redial: { share: 0.36, withinMinutes: 30 },
  callBack: { share: 0.38, withinMinutes: 60 },
  again: { share: 0.13, withinMinutes: 60 },
  reply: { share: 0.13, withinMinutes: 60 },
} as const;
// [table] within one subscriber the mean is 77 s where the median is 37 s: a spread of sqrt(2 ln(77/37)).
const ORDINARY_SPREAD = 1.2;

export const RESIDENTS: Residents = {
  // [table] calls on a day with calls: median 15, quartiles 5.6 and 35 (opposite_count / voc_day_nunique).
  callsPerDayMedian: 15,
  callsPerDaySpread: 1,
  callsPerDayMost: 120,
  // Measured so that a resident's calls, made and received, come out at the median above.
  ownAccordShare: 0.36,
  callsMadePerDay: 11.7,
  // [table] root of the share of normal subscribers whose busiest hour it is; the root, because a busiest
  // hour overstates the swing.
  rhythm: [
    0.02, 0.02, 0.01, 0.01, 0.02, 0.02, 0.06, 0.11, 0.2, 0.3, 0.37, 0.38, 0.3, 0.23, 0.18, 0.18,
    0.2, 0.31, 0.34, 0.26, 0.17, 0.11, 0.06, 0.04,
  ],
  // [table] median seconds per call: 24, 37, 65 (10 %, median, 90 %) among normal subscribers.
  talkPaceSpread: 0.39,
  landlineShare: 0.05, // [assumption]
  secondHandsetShare: 0.1, // [table] handsets 1, 1, 3; a morning shows fewer than months
  householdSize: [1, 4], // [assumption] 2.5 on average, as in China's 2020 census (2.62)
  workplaceSize: [4, 24], // [assumption]
  friendsSize: [4, 12], // [assumption]
  outsideContacts: 6, // [assumption]
  abroadShare: 0.03, // [assumption]
  residentsPerShop: 60, // [assumption]
  leavesHome: [7.3, 9.2], // [assumption]
  elsewhereShare: 0.1, // [table] counties 1, 4, 15 over months: most days few places besides home and work
  relations: {
    // [assumption] the shares; [table] durations around the median of 37 s
    family: {
      share: 0.3,
      habit: { ...ACQUAINTED, talkMedianSeconds: 36, talkSpread: ORDINARY_SPREAD },
    },
    work: {
      share: 0.3,
      habit: { ...ACQUAINTED, talkMedianSeconds: 40, talkSpread: ORDINARY_SPREAD },
    },
    friend: { share: 0.2, habit: { ...ACQUAINTED, talkMedianSeconds: 44, talkSpread: 1.3 } },
    outside: { share: 0.13, habit: { ...ACQUAINTED, talkMedianSeconds: 42, talkSpread: 1.25 } },
    shop: {
      share: 0.05,
      habit: {
        answeredShare: 0.85,
        talkMedianSeconds: 32,
        talkSpread: 0.8,
        redial: { share: 0.4, withinMinutes: 15 },
        reply: { share: 0.25, withinMinutes: 60 },
      },
    },
    service: {
      share: 0.015,
      habit: { answeredShare: 0.97, talkMedianSeconds: 95, talkSpread: 0.9 },
    },
    abroad: { share: 0.005, habit: { ...ACQUAINTED, talkMedianSeconds: 240, talkSpread: 1 } },
  },
};

/** Calls to a trade. [assumption] */
export const INQUIRY: CallHabit = {
  answeredShare: 0.85,
  talkMedianSeconds: 40,
  talkSpread: 0.8,
  redial: { share: 0.5, withinMinutes: 10 },
  callBack: { share: 0.35, withinMinutes: 40 },
};

// [assumption] all volumes and shares of the trades, after what couriers, agents and desks are known to do:
// no public table tells their call records apart from those of others.
export const TRADES: readonly Trade[] = [
  {
    role: 'courier',
    count: 16,
    line: 'mobile',
    lines: 1,
    shift: [7.6, 12],
    shiftJitterHours: 1,
    callsPerHour: [13, 30],
    outgoing: {
      answeredShare: 0.76,
      talkMedianSeconds: 18,
      talkSpread: 0.6,
      redial: { share: 0.45, withinMinutes: 12 },
      callBack: { share: 0.4, withinMinutes: 45 },
      again: { share: 0.12, withinMinutes: 20 },
      reply: { share: 0.12, withinMinutes: 30 },
    },
    incomingPerHour: 2.5,
    incoming: { ...INQUIRY, talkMedianSeconds: 22 },
    regulars: 8,
    regularShare: 0.12,
    strangers: 'street',
    roams: false,
  },
  {
    role: 'ride-driver',
    count: 24,
    line: 'mobile',
    lines: 1,
    shift: [7, 12],
    shiftJitterHours: 0.7,
    callsPerHour: [3, 8],
    outgoing: {
      answeredShare: 0.85,
      talkMedianSeconds: 22,
      talkSpread: 0.6,
      redial: { share: 0.7, withinMinutes: 4 },
      callBack: { share: 0.4, withinMinutes: 5 },
      again: { share: 0.2, withinMinutes: 10 },
      reply: { share: 0.15, withinMinutes: 10 },
    },
    incomingPerHour: 1.8,
    incoming: { ...INQUIRY, talkMedianSeconds: 22 },
    regulars: 6,
    regularShare: 0.2,
    strangers: 'town',
    roams: true,
  },
  {
    role: 'hospital-desk',
    count: 2,
    line: 'landline',
    lines: 4,
    shift: [7.5, 12],
    shiftJitterHours: 0.3,
    callsPerHour: [12, 22],
    outgoing: {
      answeredShare: 0.72,
      talkMedianSeconds: 55,
      talkSpread: 0.8,
      redial: { share: 0.6, withinMinutes: 40 },
      callBack: { share: 0.5, withinMinutes: 40 },
      again: { share: 0.08, withinMinutes: 90 },
    },
    incomingPerHour: 35,
    incoming: { ...INQUIRY, talkMedianSeconds: 70 },
    regulars: 500,
    regularShare: 0.8,
    strangers: 'town',
    roams: false,
  },
  {
    role: 'bank-hotline',
    count: 1,
    line: { service: '95588' },
    lines: 12,
    shift: [8.5, 12],
    shiftJitterHours: 0.2,
    callsPerHour: [30, 40],
    outgoing: {
      answeredShare: 0.5,
      talkMedianSeconds: 50,
      talkSpread: 0.8,
      redial: { share: 0.4, withinMinutes: 90 },
      callBack: { share: 0.2, withinMinutes: 60 },
    },
    incomingPerHour: 40,
    incoming: { ...INQUIRY, answeredShare: 0.95, talkMedianSeconds: 140, talkSpread: 0.9 },
    regulars: 800,
    regularShare: 0.5,
    strangers: 'town',
    roams: false,
  },
  {
    role: 'call-centre',
    count: 1,
    line: 'landline',
    lines: 6,
    shift: [8.8, 12],
    shiftJitterHours: 0.2,
    callsPerHour: [60, 85],
    outgoing: {
      answeredShare: 0.46,
      talkMedianSeconds: 34,
      talkSpread: 0.9,
      redial: { share: 0.5, withinMinutes: 60 },
      callBack: { share: 0.14, withinMinutes: 60 },
      again: { share: 0.08, withinMinutes: 60 },
    },
    incomingPerHour: 6,
    incoming: { ...INQUIRY, talkMedianSeconds: 60 },
    regulars: 300,
    regularShare: 0.35,
    strangers: 'town',
    roams: false,
  },
  {
    role: 'school-desk',
    count: 3,
    line: 'landline',
    lines: 2,
    shift: [7.4, 11.8],
    shiftJitterHours: 0.3,
    callsPerHour: [6, 12],
    outgoing: {
      answeredShare: 0.82,
      talkMedianSeconds: 60,
      talkSpread: 0.7,
      redial: { share: 0.7, withinMinutes: 20 },
      callBack: { share: 0.6, withinMinutes: 20 },
      again: { share: 0.12, withinMinutes: 90 },
    },
    incomingPerHour: 9,
    incoming: { ...INQUIRY, talkMedianSeconds: 50 },
    regulars: 300,
    regularShare: 0.95,
    strangers: 'town',
    roams: false,
  },
  {
    role: 'estate-agent',
    count: 4,
    line: 'mobile',
    lines: 1,
    shift: [9, 12],
    shiftJitterHours: 0.6,
    callsPerHour: [10, 18],
    outgoing: {
      answeredShare: 0.56,
      talkMedianSeconds: 42,
      talkSpread: 1,
      redial: { share: 0.3, withinMinutes: 60 },
      callBack: { share: 0.28, withinMinutes: 45 },
      again: { share: 0.2, withinMinutes: 90 },
      reply: { share: 0.15, withinMinutes: 60 },
    },
    incomingPerHour: 3,
    incoming: { ...INQUIRY, talkMedianSeconds: 70 },
    regulars: 40,
    regularShare: 0.45,
    strangers: 'town',
    roams: true,
  },
];

// [table] calls per counterpart 1.0, 1.2, 6.0; share made 0.38, 0.96, 1.0; seconds per call 16, 40, 79; handsets
// 1, 2, 7; counties 0, 1, 8 (10 %, median, 90 %): the eleven lie within. [assumption] answered shares, how
// many fall for it and how long these talk.
export const COLD_CALL = {
  redial: { share: 0.12, withinMinutes: 40 },
  callBack: { share: 0.04, withinMinutes: 60 },
  reply: { share: 0.03, withinMinutes: 60 },
} as const;

export const FRAUD: readonly FraudHabit[] = [
  {
    name: 'a false police officer who forbids to hang up',
    count: 1,
    kind: 'impersonating-police',
    line: 'mobile',
    startsAt: [0.05, 0.2],
    callsPerHour: [12, 18],
    calls: [18, 26],
    handsets: [1, 2],
    callsPerHandset: 12,
    outgoing: { ...COLD_CALL, answeredShare: 0.5, talkMedianSeconds: 60, talkSpread: 1 },
    deception: {
      oneAmongAnswered: [3, 6],
      talkMedianSeconds: 4200,
      talkSpread: 0.35,
      moreCalls: [0, 1],
      gapMinutes: [1, 4],
      calledByVictimShare: 0,
    },
    announced: true,
  },
  {
    name: 'a dialling machine that offers loans',
    count: 1,
    kind: 'loan',
    line: 'mobile',
    startsAt: [0.2, 0.5],
    callsPerHour: [60, 80],
    calls: [85, 120],
    handsets: [1, 2],
    callsPerHandset: 60,
    outgoing: {
      answeredShare: 0.32,
      talkMedianSeconds: 16,
      talkSpread: 0.8,
      redial: { share: 0.05, withinMinutes: 40 },
      callBack: { share: 0.05, withinMinutes: 60 },
    },
    deception: {
      oneAmongAnswered: [10, 18],
      talkMedianSeconds: 420,
      talkSpread: 0.5,
      moreCalls: [1, 2],
      gapMinutes: [5, 25],
      calledByVictimShare: 0.3,
    },
  },
  {
    name: 'a shop that "refunds" a purchase',
    count: 1,
    kind: 'impersonating-customer-service',
    line: 'mobile',
    startsAt: [0.25, 0.55],
    callsPerHour: [18, 26],
    calls: [35, 50],
    handsets: [1, 3],
    callsPerHandset: 15,
    outgoing: { ...COLD_CALL, answeredShare: 0.5, talkMedianSeconds: 42, talkSpread: 1 },
    deception: {
      oneAmongAnswered: [5, 9],
      talkMedianSeconds: 1200,
      talkSpread: 0.5,
      moreCalls: [1, 3],
      gapMinutes: [2, 10],
      calledByVictimShare: 0.1,
    },
  },
  {
    name: 'paid "likes" and orders',
    count: 1,
    kind: 'fake-orders',
    line: 'mobile',
    startsAt: [0.3, 0.6],
    callsPerHour: [25, 40],
    calls: [45, 70],
    handsets: [1, 2],
    callsPerHandset: 25,
    outgoing: { ...COLD_CALL, answeredShare: 0.42, talkMedianSeconds: 36, talkSpread: 0.9 },
    deception: {
      oneAmongAnswered: [6, 11],
      talkMedianSeconds: 540,
      talkSpread: 0.5,
      moreCalls: [1, 3],
      gapMinutes: [5, 20],
      calledByVictimShare: 0.2,
    },
  },
  {
    name: 'a careful friend with an investment',
    count: 1,
    kind: 'romance-investment',
    line: 'mobile',
    startsAt: [0.1, 0.3],
    callsPerHour: [3.5, 5],
    calls: [8, 10],
    handsets: [1, 1],
    callsPerHandset: 100,
    outgoing: { ...COLD_CALL, answeredShare: 0.7, talkMedianSeconds: 79, talkSpread: 0.9 },
    deception: {
      oneAmongAnswered: [2, 4],
      talkMedianSeconds: 1500,
      talkSpread: 0.4,
      moreCalls: [1, 2],
      gapMinutes: [10, 30],
      calledByVictimShare: 0.4,
    },
  },
  {
    name: 'a SIM box that clears credit records',
    count: 1,
    kind: 'credit-repair',
    line: 'mobile',
    startsAt: [0.3, 0.6],
    callsPerHour: [30, 45],
    calls: [45, 75],
    handsets: [4, 8],
    callsPerHandset: 7,
    outgoing: { ...COLD_CALL, answeredShare: 0.45, talkMedianSeconds: 38, talkSpread: 1 },
    deception: {
      oneAmongAnswered: [6, 10],
      talkMedianSeconds: 1300,
      talkSpread: 0.5,
      moreCalls: [1, 2],
      gapMinutes: [3, 15],
      calledByVictimShare: 0.1,
    },
  },
  {
    name: 'a "prosecutor" under a forged foreign number',
    count: 1,
    kind: 'impersonating-police',
    line: 'abroad',
    startsAt: [0.2, 0.45],
    callsPerHour: [16, 24],
    calls: [22, 35],
    handsets: [1, 1],
    callsPerHandset: 100,
    outgoing: {
      answeredShare: 0.38,
      talkMedianSeconds: 50,
      talkSpread: 1,
      redial: { share: 0.15, withinMinutes: 30 },
    },
    deception: {
      oneAmongAnswered: [4, 7],
      talkMedianSeconds: 2700,
      talkSpread: 0.4,
      moreCalls: [0, 2],
      gapMinutes: [1, 5],
      calledByVictimShare: 0,
    },
  },
  {
    name: 'a "boss" who needs money at once',
    count: 1,
    kind: 'impersonating-acquaintance',
    line: 'mobile',
    startsAt: [0.3, 0.55],
    callsPerHour: [10, 16],
    calls: [16, 28],
    handsets: [1, 2],
    callsPerHandset: 14,
    outgoing: { ...COLD_CALL, answeredShare: 0.6, talkMedianSeconds: 45, talkSpread: 0.8 },
    deception: {
      oneAmongAnswered: [4, 7],
      talkMedianSeconds: 360,
      talkSpread: 0.5,
      moreCalls: [2, 4],
      gapMinutes: [4, 15],
      calledByVictimShare: 0.25,
    },
  },
  {
    name: 'a dealer in game accounts',
    count: 1,
    kind: 'gaming-trade',
    line: 'mobile',
    startsAt: [0.35, 0.6],
    callsPerHour: [12, 18],
    calls: [15, 26],
    handsets: [1, 2],
    callsPerHandset: 13,
    outgoing: { ...COLD_CALL, answeredShare: 0.55, talkMedianSeconds: 40, talkSpread: 0.9 },
    deception: {
      oneAmongAnswered: [4, 7],
      talkMedianSeconds: 600,
      talkSpread: 0.5,
      moreCalls: [1, 3],
      gapMinutes: [4, 15],
      calledByVictimShare: 0.3,
    },
  },
  {
    name: 'a second dialling machine that offers loans',
    count: 1,
    kind: 'loan',
    line: 'mobile',
    startsAt: [0.4, 0.65],
    callsPerHour: [50, 70],
    calls: [60, 100],
    handsets: [1, 3],
    callsPerHandset: 35,
    outgoing: {
      answeredShare: 0.36,
      talkMedianSeconds: 20,
      talkSpread: 0.8,
      redial: { share: 0.08, withinMinutes: 40 },
      callBack: { share: 0.05, withinMinutes: 60 },
    },
    deception: {
      oneAmongAnswered: [9, 16],
      talkMedianSeconds: 420,
      talkSpread: 0.5,
      moreCalls: [1, 2],
      gapMinutes: [5, 25],
      calledByVictimShare: 0.3,
    },
  },
  {
    name: 'a SIM box that "cancels a paid membership"',
    count: 1,
    kind: 'impersonating-customer-service',
    line: 'mobile',
    startsAt: [0.45, 0.7],
    callsPerHour: [22, 32],
    calls: [28, 42],
    handsets: [3, 6],
    callsPerHandset: 6,
    outgoing: { ...COLD_CALL, answeredShare: 0.48, talkMedianSeconds: 44, talkSpread: 1 },
    deception: {
      oneAmongAnswered: [5, 9],
      talkMedianSeconds: 1500,
      talkSpread: 0.5,
      moreCalls: [1, 2],
      gapMinutes: [2, 10],
      calledByVictimShare: 0.1,
    },
  },
];

// GB/T 2260 codes; [assumption] shares: people live all around and work towards the centre
export const DISTRICTS: readonly Scenario['districts'][number][] = [
  { code: '510104', homeShare: 0.16, workShare: 0.24 },
  { code: '510105', homeShare: 0.17, workShare: 0.21 },
  { code: '510106', homeShare: 0.2, workShare: 0.16 },
  { code: '510107', homeShare: 0.2, workShare: 0.23 },
  { code: '510108', homeShare: 0.19, workShare: 0.12 },
  { code: '510112', homeShare: 0.08, workShare: 0.04 },
];

// [assumption]; a start is announced when the callee answers, an unanswered call is one record, as charging
// does it (3GPP TS 32.260: ACR Start at the 200 OK, Stop at the BYE, Event for an unsuccessful set-up)
export const FEEDS: readonly Feed[] = [
  {
    network: 'operator-a',
    share: 0.3,
    announcesStart: true,
    callIds: true,
    time: 'iso',
    callerDistrictShare: 0.97,
    calleeDistrictShare: 0.85,
    oddNotationShare: 0.1,
    notation: 'international',
  },
  {
    network: 'operator-b',
    share: 0.6,
    announcesStart: false,
    callIds: true,
    time: 'epoch',
    callerDistrictShare: 0.95,
    calleeDistrictShare: 0.7,
    oddNotationShare: 0.1,
    notation: 'national',
  },
  {
    network: 'operator-c',
    share: 0.1,
    announcesStart: false,
    callIds: false,
    time: 'iso',
    callerDistrictShare: 0,
    calleeDistrictShare: 0,
    oddNotationShare: 0.4,
    notation: 'national',
  },
];

/** A Monday morning, 07:00 to 12:00, among some eight thousand people of central Chengdu. */
export const MORNING_SCENARIO: MorningScenario = {
  name: 'morning',
  start: '2026-11-23T07:00:00+08:00',
  days: 5 / 24,
  people: 8955,
  calls: 42_500,
  districts: [...DISTRICTS],
  residents: RESIDENTS,
  trades: [...TRADES],
  fraud: [...FRAUD],
  fewestFraudCallers: 3,
  feeds: [...FEEDS],
  faults: { badShare: 0.003, repeatedShare: 0.002 }, // [assumption]
};

/** The scenario with as many people, traders and fraud callers as make about so many calls. */
export function sizedForCalls(scenario: MorningScenario, calls: number): Scenario {
  const { calls: meantFor, fewestFraudCallers, residents, ...rest } = scenario;
  const scale = calls / meantFor;
  const trades = rest.trades.map((trade) => ({ ...trade, count: Math.round(trade.count * scale) }));
  const callers = Math.max(fewestFraudCallers, Math.round(rest.fraud.length * scale));
  // In the order of the list: a small city takes its first habits, a large one each of them several times.
  const fraud = rest.fraud.map((habit, index) => ({
    ...habit,
    count: Math.ceil((callers - index) / rest.fraud.length),
  }));
  const hours = rest.days * 24;
  const share = shareOfDay(residents.rhythm, startOf(scenario), hours);
  const others =
    sum(trades, (trade) => trade.count * tradeCalls(trade, startOf(scenario), hours)) +
    sum(fraud, (habit) => habit.count * ((habit.calls[0] + habit.calls[1]) / 2));
  const people = Math.max(
    FEWEST_PEOPLE,
    Math.round((calls - others) / (residents.callsMadePerDay * share)),
  );
  return { ...rest, residents, people, trades, fraud: fraud.filter(({ count }) => count > 0) };
}

function tradeCalls(trade: Trade, start: number, hours: number): number {
  const begin = localHour(start);
  const worked = Math.max(
    0,
    Math.min(trade.shift[1], begin + hours) - Math.max(trade.shift[0], begin),
  );
  const planned = (trade.callsPerHour[0] + trade.callsPerHour[1]) / 2 + trade.incomingPerHour;
  return worked * planned * TRADE_FOLLOW_UP;
}

function sum<T>(list: readonly T[], of: (item: T) => number): number {
  return list.reduce((total, item) => total + of(item), 0);
}
