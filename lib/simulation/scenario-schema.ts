import Type, { type Static, type TObject, type TProperties } from 'typebox';
import { FRAUD_KINDS } from '../domain/fraud-kind.ts';

/** An object in which a misspelt property is an error. */
function record<T extends TProperties>(properties: T, description: string): TObject<T> {
  return Type.Object(properties, { additionalProperties: false, description });
}

const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const seconds = (description: string) => Type.Number({ minimum: 1, maximum: 14_400, description });
const spread = Type.Number({
  minimum: 0,
  maximum: 3,
  description: 'Standard deviation of the logarithm of the seconds.',
});
const count = (description: string) =>
  Type.Integer({ minimum: 0, maximum: 1_000_000, description });
const range = (description: string, maximum = 1_000_000) =>
  Type.Tuple([Type.Number({ minimum: 0, maximum }), Type.Number({ minimum: 0, maximum })], {
    description: `[from, to]: ${description}`,
  });
const wholeRange = (description: string) =>
  Type.Tuple(
    [Type.Integer({ minimum: 0, maximum: 1e6 }), Type.Integer({ minimum: 0, maximum: 1e6 })],
    { description: `[from, to], whole numbers, both included: ${description}` },
  );
const weights = (length: number, description: string) =>
  Type.Array(Type.Number({ minimum: 0 }), { minItems: length, maxItems: length, description });
const hours = (description: string) => range(`${description} Hours of the local day, 0 to 24.`, 24);
const partsOfSpan = (description: string) =>
  range(`${description} In parts of the simulated time: 0 is its begin, 1 its end.`, 1);

const FollowUp = (description: string) =>
  record(
    {
      share: share('How often.'),
      withinMinutes: Type.Number({ minimum: 0.25, maximum: 10_080 }),
    },
    description,
  );

const CallHabit = (description: string) =>
  record(
    {
      answeredShare: share('Of calls that find the callee free.'),
      talkMedianSeconds: seconds('Median length of an answered call.'),
      talkSpread: spread,
      hangUp: Type.Optional(
        record(
          { share: share('How often.'), talkMedianSeconds: seconds('Median length then.') },
          'Callees who hang up as soon as they know what it is about.',
        ),
      ),
      redial: Type.Optional(FollowUp('After an unanswered call the caller tries again …')),
      callBack: Type.Optional(FollowUp('… or the callee calls back.')),
      again: Type.Optional(FollowUp('After a talk the caller calls again …')),
      reply: Type.Optional(FollowUp('… or the callee does.')),
    },
    description,
  );

const District = record(
  {
    code: Type.String({ pattern: '^\\d{6}$', description: 'GB/T 2260.' }),
    homeShare: share('Of the people who live here.'),
    workShare: share('Of the people who work here.'),
  },
  'A district of the city.',
);

export const RELATIONS = [
  'family',
  'work',
  'friend',
  'outside',
  'shop',
  'service',
  'abroad',
] as const;
export type Relation = (typeof RELATIONS)[number];

const relation = (who: string) =>
  record(
    {
      share: share('Of the calls that a resident begins of his own accord.'),
      habit: CallHabit('How these calls go.'),
    },
    who,
  );

const Residents = record(
  {
    callsPerDayMedian: Type.Number({
      exclusiveMinimum: 0,
      description: 'Calls made and received on a day, median over people.',
    }),
    callsPerDaySpread: Type.Number({ minimum: 0, maximum: 3 }),
    callsPerDayMost: Type.Number({ exclusiveMinimum: 0 }),
    ownAccordShare: share('Of those calls: begun of one’s own accord, and no follow-up.'),
    callsMadePerDay: Type.Number({
      exclusiveMinimum: 0,
      description: 'Calls that one resident’s day adds in all; for the progress bar.',
    }),
    rhythm: weights(24, '24 hourly weights, local time.'),
    week: Type.Optional(
      weights(7, '7 daily weights, Monday first; 1 is a day of callsPerDayMedian.'),
    ),
    talkPaceSpread: spread,
    landlineShare: share('Residents on a landline.'),
    secondHandsetShare: share('Residents with a second handset.'),
    householdSize: wholeRange('people of a household.'),
    workplaceSize: wholeRange('people who work together.'),
    friendsSize: wholeRange('people of a circle of friends.'),
    outsideContacts: Type.Integer({
      minimum: 1,
      maximum: 300,
      description: 'Contacts of each resident who live elsewhere in China.',
    }),
    abroadShare: share('Residents with a contact abroad.'),
    residentsPerShop: Type.Integer({ minimum: 1, maximum: 10_000 }),
    leavesHome: hours('When residents leave home.'),
    returnsHome: Type.Optional(hours('When they are back. Without it they stay out.')),
    elsewhereShare: share('Calls from neither home nor work: roaming in town.'),
    awayShare: Type.Optional(share('Residents who are out of town on a given day: roaming.')),
    relations: record(
      {
        family: relation('The household.'),
        work: relation('The workplace.'),
        friend: relation('The circle of friends.'),
        outside: relation('People elsewhere in China.'),
        shop: relation('Shops of the street.'),
        service: relation('Service numbers: 10086, 12345, 120, …'),
        abroad: relation('People abroad.'),
      },
      'Whom residents call; the shares together are 1.',
    ),
  },
  'Ordinary people.',
);

const line = (description: string) =>
  Type.Union(
    [
      Type.Literal('mobile'),
      Type.Literal('landline'),
      record(
        { service: Type.String({ pattern: '^\\d{3,12}$' }) },
        'A service number, such as 95588.',
      ),
    ],
    { description },
  );
const like = Type.Optional(
  Type.String({
    description: 'Begin with the values of the default city’s entry of this name; for a new entry.',
  }),
);

const Trade = record(
  {
    role: Type.String({
      minLength: 1,
      maxLength: 80,
      description: 'Its name. One of the default city’s changes that entry, another one adds one.',
    }),
    like,
    count: count('How many of them; 0 leaves the entry out.'),
    line: line('What they call from.'),
    lines: Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'Calls that can be up at once.',
    }),
    shift: hours('Working hours.'),
    shiftJitterHours: Type.Number({
      minimum: 0,
      maximum: 6,
      description: 'Each one begins and ends up to so much later.',
    }),
    week: Type.Optional(
      weights(7, 'Share of them that works on each day of the week, Monday first. Default: all.'),
    ),
    rhythm: Type.Optional(weights(24, 'Hourly weights within the shift. Default: even.')),
    appearsAt: Type.Optional(
      partsOfSpan('Unheard of before: a new number. Default: there from the begin.'),
    ),
    activeDays: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 400,
        description: 'How long it goes on, from appearsAt. Default: to the end.',
      }),
    ),
    callsPerHour: range('calls made in an hour of the shift, drawn for each of them.'),
    outgoing: CallHabit('Calls that they make.'),
    incomingPerHour: Type.Number({
      minimum: 0,
      maximum: 10_000,
      description: 'Calls to each of them in an hour of the shift, callbacks not counted.',
    }),
    incoming: CallHabit('Calls to them.'),
    regulars: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description: 'How many known parties each has: colleagues, clients, patients.',
    }),
    regularShare: share('Calls to and from these.'),
    abroadShare: Type.Optional(share('Calls to and from a few people abroad.')),
    strangers: Type.Union([Type.Literal('street'), Type.Literal('town')], {
      description: 'The rest: neighbours along a round, or anybody.',
    }),
    roams: Type.Boolean({ description: 'Works all over town.' }),
  },
  'An honest trade or person who calls many strangers: a hard negative.',
);

const Deception = record(
  {
    oneAmongAnswered: wholeRange('one falls for it among so many who answer.'),
    talkMedianSeconds: seconds('Median length of a deceiving call.'),
    talkSpread: spread,
    moreCalls: wholeRange('calls after the first one.'),
    gapMinutes: range('minutes between them.', 20_160),
    calledByVictimShare: share('Of the later calls: the deceived person dials.'),
    transferShare: Type.Optional(
      share(
        'Of the later calls: from another number of the same gang, as “I transfer you to the prosecutor”.',
      ),
    ),
  },
  'How a person falls for it.',
);

const FraudHabit = record(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 120,
      description: 'One of the default city’s changes that entry, another one adds one.',
    }),
    like,
    count: count('How many gangs or lone callers have this habit; 0 leaves the entry out.'),
    kind: Type.Enum([...FRAUD_KINDS], { description: 'What they pretend.' }),
    line: Type.Union(
      [
        Type.Literal('mobile'),
        Type.Literal('landline'),
        Type.Literal('abroad'),
        Type.Literal('forged'),
      ],
      {
        description:
          'abroad: a foreign number; forged: it comes in from abroad and shows a domestic number.',
      },
    ),
    numbers: Type.Optional(
      wholeRange('numbers that a gang uses, over time or at once. Default: one.'),
    ),
    atOnce: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 100,
        description:
          'Numbers of a gang in use at a time; a number whose calls are made is followed by the next. Default: 1.',
      }),
    ),
    rotationMinutes: Type.Optional(range('pause until the next number is in use.', 20_160)),
    startsAt: partsOfSpan('The first cold call of the gang.'),
    shift: Type.Optional(hours('When cold calls are made. Default: at any hour.')),
    week: Type.Optional(weights(7, 'Share of days of the week that they work. Default: all.')),
    callsPerHour: range('cold calls in an hour.'),
    callsPerDay: Type.Optional(wholeRange('cold calls of a number on a day, at most.')),
    calls: wholeRange('cold calls of a number in all.'),
    handsets: wholeRange('handsets of a number; the numbers of a gang take turns at them.'),
    callsPerHandset: Type.Integer({
      minimum: 1,
      description: 'Calls until the next handset is used.',
    }),
    outgoing: CallHabit('Cold calls.'),
    targets: Type.Optional(
      Type.Union([Type.Literal('anybody'), Type.Literal('buyers')], {
        description:
          'anybody; buyers: people who talked to a courier or a shop lately. Default: anybody.',
      }),
    ),
    targetsElsewhereShare: Type.Optional(
      share('Cold calls to people in other cities, of which nothing else is seen. Default: 0.15.'),
    ),
    cover: Type.Optional(
      record(
        {
          share: share('Of the calls that the number makes.'),
          contacts: Type.Integer({ minimum: 1, maximum: 100 }),
        },
        'Harmless calls to accomplices, to look like anybody.',
      ),
    ),
    history: Type.Optional(
      record(
        {
          days: range('how long the number had an honest holder before.', 400),
          callsPerDay: Type.Number({ exclusiveMinimum: 0, description: 'Of the honest holder.' }),
          contacts: Type.Integer({ minimum: 1, maximum: 500 }),
          silenceHours: range('nothing is heard of the number before the fraud begins.', 10_000),
        },
        'The number is a recycled one. startsAt is when its honest holder is first seen.',
      ),
    ),
    deception: Deception,
    announced: Type.Optional(
      Type.Literal(true, { description: 'Its operator announces calls when they start.' }),
    ),
  },
  'A habit of fraud callers.',
);

const Feed = record(
  {
    network: Type.String({ minLength: 1, maxLength: 60 }),
    share: share('Of the callers.'),
    announcesStart: Type.Boolean({
      description:
        'call.started when the callee answers and call.ended; or one record when the call is over.',
    }),
    callIds: Type.Boolean(),
    time: Type.Union([Type.Literal('iso'), Type.Literal('epoch')]),
    callerDistrictShare: share('Of the records that tell where the caller is.'),
    calleeDistrictShare: share('Of the records that tell where the callee is.'),
    oddNotationShare: share('Numbers in other than the operator’s usual notation.'),
    notation: Type.Union([Type.Literal('national'), Type.Literal('international')]),
  },
  'How one operator sends its subscribers’ calls.',
);

/** A whole scenario, as the simulator takes it. */
export const ScenarioSchema = record(
  {
    $schema: Type.Optional(Type.String()),
    name: Type.String({ minLength: 1, maxLength: 80 }),
    description: Type.Optional(Type.String()),
    start: Type.String({
      description:
        'First moment of the measured span, ISO 8601 with its offset. Hours of the day are China’s.',
    }),
    days: Type.Number({
      exclusiveMinimum: 0,
      maximum: 400,
      description: 'May be a part of a day.',
    }),
    warmUpDays: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 60,
        description:
          'Days of ordinary life before `start`, without fraud: what a pipeline remembers when the measured span begins. Default 0.',
      }),
    ),
    people: Type.Integer({
      minimum: 200,
      maximum: 5_000_000,
      description:
        'Residents. Counts of trades and fraud that the document does not give follow in proportion.',
    }),
    districts: Type.Array(District, { minItems: 1 }),
    residents: Residents,
    trades: Type.Array(Trade),
    fraud: Type.Array(FraudHabit),
    feeds: Type.Array(Feed, { minItems: 1 }),
    faults: record(
      {
        badShare: share('Broken lines, besides the good ones.'),
        repeatedShare: share('Records that are sent a second time, a little later.'),
      },
      'What goes wrong on the way.',
    ),
  },
  'A city, and how it telephones.',
);

export type Scenario = Static<typeof ScenarioSchema>;
export type Trade = Scenario['trades'][number];
export type FraudHabit = Scenario['fraud'][number];
export type Deception = FraudHabit['deception'];
export type CallHabit = FraudHabit['outgoing'];
export type Feed = Scenario['feeds'][number];
export type Residents = Scenario['residents'];
export type Range = readonly [from: number, to: number];
