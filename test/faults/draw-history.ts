import { TASK_OUTCOMES } from '../../lib/domain/task-outcome.ts';
import { SeededRandom } from '../../lib/simulation/seeded-random.ts';
import {
  type Actor,
  BATCH_FAULTS,
  CALL_FAULTS,
  type Fault,
  type HandFault,
  type History,
  PACKINGS,
  type PlannedLine,
  type PlannedRecord,
  type Reaction,
  type SourceName,
} from './history.ts';
import { POLICIES, TEXTS_ALONE } from './policies.ts';
import { NUMBER_PREFIX } from './privacy.ts';

/** A weekday morning in China; the beginning of every history. */
export const START = Date.parse('2026-11-24T09:00:00+08:00');

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** National digits of the nth number in use. */
export function numberOf(n: number): string {
  return `${NUMBER_PREFIX}${1000 + n}`;
}

export function e164Of(n: number): string {
  return `+86${numberOf(n)}`;
}

/** Numbers from here on are people who are called; below are those who call. */
export const FIRST_PERSON = 10;
export const PEOPLE = 4;
const STRANGERS_FROM = 30;
export const MOST_NUMBERS = 120;

/** The calls of each function to services, by which faults are drawn; those that matter most more often. */
export const CALLS: Readonly<Record<Actor, readonly string[]>> = {
  intake: ['PutRecords', 'PutRecords', 'PutObject'],
  'score-numbers': [
    'BatchGetItem',
    'BatchExecuteStatement',
    'BatchExecuteStatement',
    'PutRecords',
    'PutRecords',
    'PutItem',
  ],
  'score-subjects': ['GetItem', 'TransactWriteItems', 'TransactWriteItems'],
  'send-warnings': [
    'GetItem',
    'UpdateItem',
    'TransactWriteItems',
    'TransactWriteItems',
    'CheckIfPhoneNumberIsOptedOut',
    'Publish',
    'Publish',
    'SendMessage',
  ],
  'record-delivery': ['GetItem', 'UpdateItem', 'TransactWriteItems', 'SendMessage'],
  'open-cases': [
    'GetItem',
    'BatchGetItem',
    'TransactWriteItems',
    'StartExecution',
    'UpdateItem',
    'Query',
    'SendTaskSuccess',
  ],
  'plan-move': ['GetItem', 'TransactWriteItems', 'Publish'],
  'offer-task': ['GetItem', 'PutItem', 'UpdateItem', 'SendTaskSuccess'],
  'settle-task': ['GetItem', 'UpdateItem', 'TransactWriteItems', 'Publish', 'SendTaskSuccess'],
  'await-news': ['GetItem', 'TransactWriteItems', 'SendTaskSuccess'],
  'close-case': ['GetItem', 'UpdateItem'],
  'officers-api': ['UpdateItem', 'GetItem', 'SendTaskSuccess', 'TransactWriteItems', 'Query'],
};
const ACTORS = Object.keys(CALLS) as [Actor, ...Actor[]];
/** The pipeline has more to lose than the ladder, of which each step is one request. */
const PIPELINE: [Actor, ...Actor[]] = [
  'intake',
  'score-numbers',
  'score-numbers',
  'score-subjects',
  'score-subjects',
  'send-warnings',
  'send-warnings',
  'open-cases',
];
const SOURCES: [SourceName, ...SourceName[]] = [
  'calls',
  'legs',
  'legs',
  'exposures',
  'exposures',
  'subject-warnings',
  'subject-warnings',
  'subject-cases',
  'warning-retries',
  'early-reports',
  'workflow',
  'workflow',
];
type Service = Extract<Fault, { readonly on: 'outage' }>['service'];
const TEXT_ERRORS: [string, ...string[]] = [
  'ThrottledException',
  'InternalErrorException',
  'KMSThrottlingException',
  // Not of the account, but of the number: nobody tries again.
  'InvalidParameterException',
];

interface DrawnCall {
  readonly caller: number;
  readonly callee: number;
  /** ms after the beginning. */
  readonly start: number;
  readonly seconds: number;
  readonly announced: boolean;
  readonly abroad: boolean;
}

const WRITTEN: [(n: number) => string, ...((n: number) => string)[]] = [
  numberOf,
  e164Of,
  (n) => `0086${numberOf(n)}`,
  (n) => `${numberOf(n).slice(0, 3)} ${numberOf(n).slice(3, 7)} ${numberOf(n).slice(7)}`,
];

function drawCalls(random: SeededRandom, spanMs: number): DrawnCall[] {
  const swindlers = random.wholeBetween([1, 2]);
  const count = random.wholeBetween([4, 18]);
  const starts = Array.from({ length: count }, () => random.below(spanMs)).sort((a, b) => a - b);
  return starts.map((start, i) => {
    const isSwindle = random.chance(0.8);
    const caller = isSwindle ? random.below(swindlers) : 2 + random.below(4);
    const isStranger = random.chance(0.35);
    const callee = isStranger ? STRANGERS_FROM + i : FIRST_PERSON + random.below(PEOPLE);
    return {
      caller,
      callee,
      start,
      seconds: random.pick([0, 30, 70, 120, 400, 900, 2000]),
      announced: random.chance(0.3),
      abroad: random.chance(0.1),
    };
  });
}

/** The lines of a call with the times at which they are pushed. */
function linesOf(
  call: DrawnCall,
  id: number,
  random: SeededRandom,
): { at: number; line: string }[] {
  const record = {
    callId: `c${id}`,
    caller: random.pick(WRITTEN)(call.caller),
    callee: random.pick(WRITTEN)(call.callee),
    start: START + call.start,
    calleeDistrict: '510104',
    ...(call.abroad && { international: true }),
  };
  const end = call.start + call.seconds * 1000;
  if (call.announced && call.seconds > 0) {
    return [
      {
        at: call.start,
        line: JSON.stringify({ ...record, event: 'call.started', answered: true }),
      },
      { at: end, line: JSON.stringify({ ...record, event: 'call.ended', duration: call.seconds }) },
    ];
  }
  return [{ at: end, line: JSON.stringify({ ...record, duration: call.seconds }) }];
}

/** A line that is not taken, with the reason why. */
function drawBadLine(at: number, random: SeededRandom): { line: string; rejected: string } {
  const good = {
    callId: `bad${random.below(1000)}`,
    caller: numberOf(0),
    callee: numberOf(FIRST_PERSON + random.below(PEOPLE)),
    start: START + at,
    duration: 60,
  };
  const [rejected, line] = random.pick<[string, string]>([
    ['not-json', `${JSON.stringify(good).slice(0, -1)},`],
    ['missing-field', JSON.stringify({ ...good, caller: undefined })],
    ['bad-number', JSON.stringify({ ...good, callee: `${numberOf(0)}${numberOf(1)}` })],
    ['caller-is-callee', JSON.stringify({ ...good, callee: e164Of(0) })],
    ['bad-start', JSON.stringify({ ...good, start: 'yesterday' })],
    ['start-too-old', JSON.stringify({ ...good, start: START - 2_000 * HOUR_MS })],
    ['start-in-future', JSON.stringify({ ...good, start: START + 2_000 * HOUR_MS })],
    ['bad-duration', JSON.stringify({ ...good, duration: -1 })],
    ['unknown-event', JSON.stringify({ ...good, event: 'call.moved' })],
    ['wrong-type', JSON.stringify({ ...good, callId: 7 })],
    ['bad-district', JSON.stringify({ ...good, calleeDistrict: 'Jinjiang' })],
    ['not-an-object', JSON.stringify([good])],
  ]);
  return { line, rejected };
}

function drawRecords(random: SeededRandom, spanMs: number): PlannedRecord[] {
  const lines = drawCalls(random, spanMs)
    .flatMap((call, id) => linesOf(call, id, random))
    .sort((a, b) => a.at - b.at);
  const records: PlannedRecord[] = [];
  const most = random.wholeBetween([1, 6]);
  // Some operators push as it happens, others what gathered.
  const gathering = random.pick([1, 1, 30_000, 180_000]);
  for (let i = 0; i < lines.length; ) {
    const part = lines.slice(i, i + 1 + random.below(most));
    i += part.length;
    const last = Math.ceil((part.at(-1)?.at ?? 0) / gathering) * gathering;
    const at = last + random.below(gathering === 1 ? 2_000 : 150);
    const record = records.length;
    const planned: PlannedLine[] = part.map(({ line }) => ({ record, line }));
    if (random.chance(0.12)) planned.push({ record, ...drawBadLine(at, random) });
    records.push({
      at,
      // Operators use what keys they like.
      partitionKey: String(random.below(5)),
      lines: planned,
      packing: random.pick(['plain', 'plain', 'plain', ...PACKINGS]),
      ...(random.chance(0.15) && { again: random.pick([10, 3_000, 120_000]) }),
    });
  }
  return records;
}

/** Sometimes a record of which nothing can be read. */
function drawDamaged(random: SeededRandom, records: readonly PlannedRecord[]): PlannedRecord[] {
  if (random.chance(0.8)) return [];
  const at = (records[random.below(records.length)]?.at ?? 0) + random.below(100);
  const [packing, damaged] = random.pick<['gzip', 'bad-gzip'] | ['plain', 'bad-encoding']>([
    ['gzip', 'bad-gzip'],
    ['plain', 'bad-encoding'],
  ]);
  const { line } = drawBadLine(at, random);
  return [
    {
      at,
      partitionKey: String(random.below(5)),
      lines: [{ record: records.length, line, rejected: damaged }],
      packing,
      damaged,
    },
  ];
}

function drawFault(random: SeededRandom, records: readonly PlannedRecord[]): Fault {
  const kind = random.next();
  if (kind < 0.6) {
    const actor = random.chance(0.65) ? random.pick(PIPELINE) : random.pick(ACTORS);
    const operations = CALLS[actor] as [string, ...string[]];
    return {
      on: 'call',
      actor,
      operation: random.pick(operations),
      nth: 1 + Math.floor(random.exponential(3)),
      kind: random.pick([...CALL_FAULTS]),
    };
  }
  if (kind < 0.82) {
    return {
      on: 'batch',
      source: random.pick(SOURCES),
      nth: 1 + Math.floor(random.exponential(3)),
      kind: random.pick([...BATCH_FAULTS]),
    };
  }
  // Whatever happens at a time happens when there is something to do.
  const near = records[random.below(records.length)]?.at ?? 0;
  const at = Math.max(0, near + random.below(20_000) - 5_000);
  if (kind < 0.87) {
    return {
      on: 'reshard',
      stream: random.pick(['calls', 'legs', 'legs', 'exposures']),
      at,
      where: random.next(),
    };
  }
  if (kind < 0.92) {
    const service = random.pick<Service>([
      'dynamoDB',
      'kinesis',
      'kinesis',
      'kinesis',
      's3',
      'sfn',
      'sqs',
    ]);
    return { on: 'outage', service, at, until: at + random.pick([3_000, 20_000, 60_000]) };
  }
  if (kind < 0.94) return { on: 'policy', at, variant: random.below(POLICIES.length) };
  if (kind < 0.96) return { on: 'opt-out', at, person: FIRST_PERSON + random.below(PEOPLE) };
  const until = at + random.pick([20_000, 10 * MINUTE_MS, 2 * HOUR_MS]);
  if (kind < 0.985) {
    return { on: 'texts-refused', at, until, error: random.pick(TEXT_ERRORS) };
  }
  if (kind < 0.9925) return { on: 'spend-limit', at, until };
  return { on: 'by-hand', at, person: FIRST_PERSON + random.below(PEOPLE) };
}

/** Most acts fall between two requests for the same step, where they are hardest to get right. */
function drawSupervisor(random: SeededRandom): HandFault[] {
  if (random.chance(0.7)) return [];
  return Array.from({ length: random.wholeBetween([1, 2]) }, () => ({
    on: 'supervisor',
    act: random.pick(['close', 'close', 'raise', 'lower']),
    nth: 1 + Math.floor(random.exponential(3)),
    afterMs: random.pick([0, 0, 2, 5, 20, 60, 200, 5_000, 10 * MINUTE_MS]),
  }));
}

function drawReaction(random: SeededRandom): Reaction {
  return {
    outcome: random.pick([...TASK_OUTCOMES]),
    afterMinutes: random.below(80),
    silent: random.chance(0.25),
    twice: random.pick(['no', 'no', 'repeat', 'colleague']),
    claims: random.chance(0.5),
    reveals: random.chance(0.3),
  };
}

/** Trouble with the carriers' reports, which come function by function and in no batches. */
function drawReportFaults(random: SeededRandom): Fault[] {
  if (!random.chance(0.2)) return [];
  const kind = random.pick([...BATCH_FAULTS]);
  return [{ on: 'batch', source: 'delivery-log', nth: 1 + random.below(3), kind }];
}

/**
 * Draws a whole history from a seed. Kinds of trouble draw from sources of their own, so that a new one leaves the rest
 * of each history as it was.
 */
export function drawHistory(seed: number): History {
  const random = new SeededRandom(seed, 'history');
  const spanMs = random.pick([3, 10, 10, 60, 300, 3_600]) * MINUTE_MS;
  const records = drawRecords(random, spanMs);
  const faults = Array.from({ length: Math.floor(random.exponential(4)) }, () =>
    drawFault(random, records),
  ).slice(0, 12);
  return {
    seed,
    stage: random.pick(['dev', 'prod']),
    records: [...records, ...drawDamaged(new SeededRandom(seed, 'damaged'), records)],
    faults: [
      ...faults,
      ...drawSupervisor(new SeededRandom(seed, 'supervisor')),
      ...drawReportFaults(new SeededRandom(seed, 'reports')),
    ],
    reactions: Array.from({ length: 4 }, () => drawReaction(random)),
    staleMs: random.pick([0, 100, 900]),
    skewMs: random.pick([0, 1_000, 8_000]),
    policy: random.chance(0.5) ? TEXTS_ALONE : random.below(TEXTS_ALONE),
  };
}
