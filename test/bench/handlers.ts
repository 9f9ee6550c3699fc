import type { KinesisStreamEvent, KinesisStreamRecord } from 'aws-lambda';
import Table from 'cli-table3';
import { createSealer, type Sealer } from '../../functions/adapters/sealing.ts';
import { processCalls } from '../../functions/intake/process-calls.ts';
import { processLegs } from '../../functions/score-numbers/process-legs.ts';
import type { CallRecordContext } from '../../lib/domain/call-record.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';
import { createLegFolder } from '../../lib/domain/profile/fold-legs.ts';
import { stageDefaults } from '../../lib/infrastructure/stage-config.ts';
import { type Frame, unpackLegs } from '../../lib/wire/frames.ts';
import { InMemoryProfiles, kinesisRecord } from '../support/in-memory-pipeline.ts';
import { type Contestant, type Measurement, measure } from './measure.ts';
import {
  createSequence,
  eventsOf,
  type Morning,
  morningOf,
  packLines,
  recordsOfFrames,
} from './morning-batches.ts';
import { NaiveTable, naiveIntake, naiveScoring } from './naive-sample.ts';

const CALLS = 100_000;
const SEED = 1;
const ROUNDS = 7;
/** The naive way takes so long that a part of the morning has to do; it is no faster for that. */
const NAIVE_RECORDS = 40;
const WARM_UP_ROUNDS = 1;
const TARGETS = { intake: 100_000, 'score-numbers': 200_000 } as const;
/** At the tip of a shard Lambda comes with what a moment brought: about this many records. */
const TIP_BATCH = 10;

const { sources, retention } = stageDefaults.dev;
const DAY_SECONDS = 86_400;
/** After the last call of the later morning. */
const ARRIVED_AT_MS = Date.UTC(2026, 10, 24, 6);
const SECRETS = { current: '1', secrets: { '1': 'of no use outside this benchmark' } };

/** A new container, which remembers no number. */
function freshIntake(): { context: CallRecordContext; sealer: Sealer } {
  return {
    context: {
      normaliseNumber: createNumberNormaliser('CN'),
      nowMs: ARRIVED_AT_MS,
      retentionMs: retention.recordHours * 3_600_000,
      maxFutureMs: 300_000,
    },
    sealer: createSealer(SECRETS),
  };
}

async function takeInAll(
  events: readonly KinesisStreamEvent[],
  { context, sealer }: ReturnType<typeof freshIntake>,
  putLegs: (frames: readonly Frame[]) => void,
): Promise<number> {
  let calls = 0;
  let good = 0;
  for (const event of events) {
    await processCalls(event, context, sealer, {
      putLegs: async (frames) => putLegs(frames),
      putQuarantine: async () => {},
      count: ({ received, accepted }) => {
        calls += received;
        good += accepted;
      },
      onFailure: (message, cause) => {
        throw new Error(message, { cause });
      },
    });
  }
  // Refusing is quicker than taking in: a morning out of its time would be a fine figure for nothing.
  if (good < calls * 0.95) throw new Error(`only ${good} of ${calls} calls were good`);
  return calls;
}

function intakeContestant(name: string, events: readonly KinesisStreamEvent[]): Contestant {
  let container = freshIntake();
  return {
    name,
    prepare: () => {
      container = freshIntake();
    },
    run: () => takeInAll(events, container, () => {}),
  };
}

function parseLines(events: readonly KinesisStreamEvent[]): number {
  let lines = 0;
  for (const { Records } of events) {
    for (const { kinesis } of Records) {
      for (const line of Buffer.from(kinesis.data, 'base64').toString('utf8').split('\n')) {
        try {
          JSON.parse(line);
        } catch {
          // A broken line: parsing it is the work, too.
        }
        lines++;
      }
    }
  }
  return lines;
}

async function benchIntake(morning: Morning): Promise<Measurement[]> {
  const records = packLines(morning.lines, ARRIVED_AT_MS, createSequence());
  const events = eventsOf(records, sources.calls.batchSize);
  const tip = eventsOf(records, TIP_BATCH);
  const naive = { Records: records.slice(0, NAIVE_RECORDS) };
  const naiveCalls = parseLines([naive]);
  let table = new NaiveTable();
  return measure(
    [
      intakeContestant('intake', events),
      intakeContestant(`intake, ${TIP_BATCH} records a batch`, tip),
      { name: 'floor: base64 + JSON.parse', run: () => parseLines(events) },
      {
        name: 'naive: zod, HMAC, update each',
        prepare: () => {
          table = new NaiveTable();
        },
        run: async () => {
          await naiveIntake(naive, table);
          return naiveCalls;
        },
      },
    ],
    ROUNDS,
    WARM_UP_ROUNDS,
  );
}

/** The frames that intake makes of a morning, batch by batch, as events of the legs stream. */
async function legEventsOf(
  morning: Morning,
  nextSequence: () => string,
  callsBatch: number,
  legsBatch: number,
): Promise<KinesisStreamEvent[]> {
  const frames: Frame[] = [];
  const calls = packLines(morning.lines, ARRIVED_AT_MS, nextSequence);
  await takeInAll(eventsOf(calls, callsBatch), freshIntake(), (some) => frames.push(...some));
  return eventsOf(recordsOfFrames(frames, ARRIVED_AT_MS, nextSequence), legsBatch);
}

const fold = createLegFolder(loadDefaultPolicy());

async function scoreAll(
  events: readonly KinesisStreamEvent[],
  profiles: InMemoryProfiles,
): Promise<number> {
  let legs = 0;
  for (const event of events) {
    await processLegs(event, fold, retention.profileDays * DAY_SECONDS, {
      profiles,
      putExposures: async () => {},
      keepFindings: async () => {},
      count: ({ applied, duplicates, late, redelivered }) => {
        if (redelivered > 0) throw new Error('the stores were not fresh');
        legs += applied + duplicates + late;
      },
    });
  }
  return legs;
}

/** Folds a morning into profiles that already hold the morning of the day before. */
function scoringContestant(
  name: string,
  events: readonly KinesisStreamEvent[],
  yesterday: InMemoryProfiles,
): Contestant {
  let profiles = yesterday;
  return {
    name,
    prepare: () => {
      profiles = new InMemoryProfiles();
      for (const [number, item] of yesterday.items) profiles.items.set(number, item);
    },
    run: () => scoreAll(events, profiles),
  };
}

function parseFrames(events: readonly KinesisStreamEvent[]): number {
  let legs = 0;
  for (const { Records } of events) {
    for (const { kinesis } of Records) {
      const frame = JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8'));
      legs += (frame as { legs: unknown[] }).legs.length;
    }
  }
  return legs;
}

/** The same legs as the naive sample takes them: one JSON object to a Kinesis record. */
function naiveEventOf(records: readonly KinesisStreamRecord[]): KinesisStreamEvent {
  const nextSequence = createSequence();
  return {
    Records: records.flatMap(({ kinesis }) =>
      unpackLegs(Buffer.from(kinesis.data, 'base64')).map((leg) => {
        const { number, counterpart, call, start, duration, answered, originating } = leg;
        const naive = { number, counterpart, call, start, duration, answered, originating };
        return kinesisRecord(JSON.stringify(naive), nextSequence(), ARRIVED_AT_MS);
      }),
    ),
  };
}

async function benchScoring(morning: Morning): Promise<Measurement[]> {
  const nextSequence = createSequence();
  const yesterday = new InMemoryProfiles();
  const { calls, legs } = sources;
  await scoreAll(
    await legEventsOf(morningOf(SEED, CALLS), nextSequence, calls.batchSize, legs.batchSize),
    yesterday,
  );
  const events = await legEventsOf(morning, nextSequence, calls.batchSize, legs.batchSize);
  const tip = await legEventsOf(morning, nextSequence, TIP_BATCH, TIP_BATCH);
  const naive = naiveEventOf(events[0]?.Records.slice(0, NAIVE_RECORDS) ?? []);
  let table = new NaiveTable();
  return measure(
    [
      scoringContestant('score-numbers', events, yesterday),
      scoringContestant(`score-numbers, ${TIP_BATCH} records a batch`, tip, yesterday),
      { name: 'floor: base64 + JSON.parse', run: () => parseFrames(events) },
      {
        name: 'naive: zod, HMAC, update each',
        prepare: () => {
          table = new NaiveTable();
        },
        run: () => naiveScoring(naive, table),
      },
    ],
    ROUNDS,
    WARM_UP_ROUNDS,
  );
}

function thousands(perSecond: number): string {
  return `${(perSecond / 1000).toFixed(1)} k`;
}

function print(handler: keyof typeof TARGETS, unit: string, measured: readonly Measurement[]) {
  const [ours, , floor, naive] = measured;
  const table = new Table({
    head: [handler, `${unit}/s/core`, 'lowest … highest', `${unit}/s wall`, '× floor', '× naive'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { name, perCoreSecond, perWallSecond, range } of measured) {
    table.push([
      name,
      thousands(perCoreSecond),
      range.map(thousands).join(' … '),
      thousands(perWallSecond),
      (perCoreSecond / (floor?.perCoreSecond ?? Number.NaN)).toFixed(2),
      (perCoreSecond / (naive?.perCoreSecond ?? Number.NaN)).toFixed(2),
    ]);
  }
  const target = TARGETS[handler];
  const reached = (ours?.perCoreSecond ?? 0) >= target;
  console.log(table.toString());
  console.log(`Target ${thousands(target)} ${unit}/s/core: ${reached ? 'reached' : 'missed'}.\n`);
}

/** Measures both handlers and prints a table for each. */
export async function run(): Promise<void> {
  const morning = morningOf(SEED, CALLS, 1);
  console.log(
    `A simulated morning: ${morning.lines.length} call records of ${morning.distinctNumbers} numbers, ` +
      `packed as \`forewarn push\` does.\nMedian of ${ROUNDS} rounds after ${WARM_UP_ROUNDS} to warm up. ` +
      'Per core: by processor time of the whole process, garbage\ncollection and compilation included. ' +
      'Each round of intake begins with an empty memory for notations;\neach of score-numbers with the profiles of the day before.\n',
  );
  print('intake', 'calls', await benchIntake(morning));
  print('score-numbers', 'legs', await benchScoring(morning));
}
