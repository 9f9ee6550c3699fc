import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import Table from 'cli-table3';
import { startLocalStack } from '../../bin/replay/local-stack.ts';
import { openSealer } from '../../bin/replay/observe-results.ts';
import { callsInHand } from '../../bin/replay/replay-calls.ts';
import { putRecords } from '../../functions/adapters/kinesis-records.ts';
import { warningOfItem } from '../../functions/adapters/subjects-table.ts';
import { percentile } from '../../lib/backtest/measures.ts';
import { RecordPusher } from '../../lib/feeds/push-records.ts';
import { systemTimer } from '../../lib/feeds/rate-limit.ts';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import { simulateMorning } from '../../lib/simulation/simulate-morning.ts';
import { swindlerCalls } from '../e2e/fraud-history.ts';
import {
  expectedState,
  type FinalState,
  foundState,
  scanTable,
  type TableItem,
} from '../support/final-state.ts';
import { InMemoryPipeline, TEST_CONTEXT } from '../support/in-memory-pipeline.ts';
import { residentBytes } from './resident-memory.ts';

const SECONDS = 60;
const TIMES = 10;
/** Of the sustainable rate, while nothing is wrong: what is left of it drains the backlog. */
const NORMAL_SHARE = 0.2;
const CALIBRATION_SECONDS = 24;
const CALM_SECONDS = 15;
const TICK_MS = 20;
const SAMPLE_MS = 1_000;
/** Calls in hand that count as none behind; so does a second of the sustainable rate. */
const CAUGHT_UP = 50;
const MOST_IN_HAND = 600;
const SETTLE_MS = 1_800_000;
/** Swindlers whom the pipeline knows by the time that it counts; each call that one of them gets through is a text. */
const SWINDLERS = 4;
const ENOUGH_CALLS = 15;
const CALLS_TO_ONE_TEXT = 3;
const MOST_SWINDLER_CALLS = 3_000;
const TEXT_EVERY_MS = 1_000;
/** In the past, for no record may be from the future. */
const SWINDLERS_SINCE = Date.now() - 20 * 86_400_000;

type Phase = 'calm' | 'overload' | 'store down' | 'drain' | 'after';

interface Options {
  readonly seconds: number;
  readonly times: number;
  readonly storeDown: number;
}

function readOptions(): Options {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      seconds: { type: 'string', default: String(SECONDS) },
      times: { type: 'string', default: String(TIMES) },
      'store-down': { type: 'string', default: '0' },
    },
  });
  return {
    seconds: Number(values.seconds),
    times: Number(values.times),
    storeDown: Number(values['store-down']),
  };
}

/** The calls of simulated mornings, one after the other. */
function* morningLines(): Generator<string> {
  for (let seed = 1; ; seed++) {
    for (const record of simulateMorning({ seed }).records()) {
      yield typeof record === 'string' ? record : JSON.stringify(record);
    }
  }
}

/** The calls of the swindlers in turns, each to people of his own. */
function* swindlerLines(): Generator<string> {
  const histories = Array.from({ length: SWINDLERS }, (_, who) =>
    swindlerCalls(`1391111000${who}`, MOST_SWINDLER_CALLS, SWINDLERS_SINCE).map((call, i) => ({
      ...call,
      callee: `139${who + 2}000${1000 + i}`,
    })),
  );
  for (let from = 0; from < MOST_SWINDLER_CALLS; from += CALLS_TO_ONE_TEXT) {
    for (const history of histories) {
      for (const call of history.slice(from, from + CALLS_TO_ONE_TEXT)) yield JSON.stringify(call);
    }
  }
}

/** What is pushed, and where in it the swindlers' calls stand: so that it can be made once more. */
class Feed {
  readonly swindlersAt: number[] = [];
  count = 0;
  readonly #morning = morningLines();
  readonly #swindlers = swindlerLines();

  next(isSwindler: boolean): string {
    if (isSwindler) this.swindlersAt.push(this.count);
    this.count++;
    return (isSwindler ? this.#swindlers : this.#morning).next().value ?? '';
  }

  /** The same lines again, without keeping any of them. */
  *again(): Generator<string> {
    const morning = morningLines();
    const swindlers = swindlerLines();
    let place = 0;
    for (let i = 0; i < this.count; i++) {
      const isSwindler = this.swindlersAt[place] === i;
      if (isSwindler) place++;
      yield (isSwindler ? swindlers : morning).next().value ?? '';
    }
  }
}

interface Stretch {
  readonly phase: Phase;
  readonly from: number;
  until: number;
  records: number;
  mostInHand: number;
  mostBehindMs: number;
  peakBytes: number;
}

/** Pushes at a rate that nothing slows down, and looks every second at how far the pipeline is behind. */
class Load {
  readonly feed = new Feed();
  readonly stretches: Stretch[] = [];
  readonly #cloud: LocalCloud;
  readonly #client: KinesisClient;
  readonly #pusher: RecordPusher;
  /** When so many calls had been pushed: what the age of the oldest call in hand is read off. */
  readonly #pushed: { readonly at: number; readonly count: number }[] = [];

  constructor(cloud: LocalCloud) {
    this.#cloud = cloud;
    const { credentials, endpoint, outputs, region } = cloud;
    this.#client = new KinesisClient({
      endpoint,
      region,
      credentials,
      requestHandler: new NodeHttpHandler({ requestTimeout: 60_000 }),
    });
    this.#pusher = new RecordPusher({
      send: (records) => putRecords(this.#client, outputs.CallsStreamName ?? '', records),
      timer: systemTimer,
      lingerMs: TICK_MS,
      maxPendingBytes: 1024 ** 3,
    });
  }

  inHand(): number {
    return Math.max(0, callsInHand(this.#cloud, this.feed.count));
  }

  /** Milliseconds since the oldest call in hand was pushed. */
  #behindMs(): number {
    const done = this.feed.count - this.inHand();
    while (this.#pushed.length > 1 && (this.#pushed[1]?.count ?? 0) <= done) this.#pushed.shift();
    const [oldest] = this.#pushed;
    return oldest === undefined || this.inHand() < CAUGHT_UP ? 0 : Date.now() - oldest.at;
  }

  async push(isSwindler: boolean): Promise<void> {
    const json = this.feed.next(isSwindler);
    // One key for all: what the calls come to is compared with a run that took them in their order.
    await this.#pusher.push({ line: this.feed.count, key: '', json });
  }

  async pushText(): Promise<void> {
    for (let i = 0; i < CALLS_TO_ONE_TEXT; i++) await this.push(true);
  }

  /** Runs at a rate until a condition holds that is looked at every second. */
  async run(phase: Phase, rate: number, isOver: (seconds: number) => boolean): Promise<Stretch> {
    const startedAt = Date.now();
    const stretch: Stretch = {
      phase,
      from: startedAt,
      until: startedAt,
      records: 0,
      mostInHand: 0,
      mostBehindMs: 0,
      peakBytes: 0,
    };
    this.stretches.push(stretch);
    const before = this.feed.count;
    let texts = 0;
    let sampledAt = 0;
    for (;;) {
      const passed = Date.now() - startedAt;
      while (texts * TEXT_EVERY_MS <= passed) {
        texts++;
        await this.pushText();
      }
      const due = Math.floor((passed / 1_000) * rate);
      while (this.feed.count - before < due) await this.push(false);
      if (Date.now() - sampledAt >= SAMPLE_MS) {
        sampledAt = Date.now();
        this.#pushed.push({ at: sampledAt, count: this.feed.count });
        stretch.mostInHand = Math.max(stretch.mostInHand, this.inHand());
        stretch.mostBehindMs = Math.max(stretch.mostBehindMs, this.#behindMs());
        stretch.peakBytes = Math.max(stretch.peakBytes, residentBytes());
        console.log(
          `  ${phase.padEnd(10)} ${String(Math.round(passed / 1_000)).padStart(4)} s  ${String(Math.round(this.inHand())).padStart(8)} calls in hand, the oldest for ${Math.round(this.#behindMs() / 1_000)} s  ${Math.round(stretch.peakBytes / 1e6)} MB`,
        );
        if (isOver(passed / 1_000)) break;
      }
      await delay(TICK_MS);
    }
    stretch.until = Date.now();
    stretch.records = this.feed.count - before;
    return stretch;
  }

  /** The rate at which calls are folded while there is always another in hand, per second. */
  async calibrate(): Promise<number> {
    for (let i = 0; i < SWINDLERS * ENOUGH_CALLS; i++) await this.push(true);
    const startedAt = Date.now();
    let from = { at: 0, done: 0 };
    for (;;) {
      while (this.inHand() > MOST_IN_HAND) await delay(TICK_MS / 4);
      for (let i = 0; i < 16; i++) await this.push(false);
      const seconds = (Date.now() - startedAt) / 1_000;
      const done = this.feed.count - this.inHand();
      // The first half warms up.
      if (from.at === 0 && seconds > CALIBRATION_SECONDS / 2) from = { at: Date.now(), done };
      if (seconds < CALIBRATION_SECONDS) continue;
      await this.#pusher.flush();
      return (done - from.done) / ((Date.now() - from.at) / 1_000);
    }
  }

  async flush(): Promise<void> {
    await this.#pusher.flush();
    this.#client.destroy();
  }
}

interface SentText {
  readonly arrivedAt: number;
  readonly ms: number;
}

/** Texts by the arrival of the call that each is about. */
function textsOf(subjects: readonly TableItem[]): SentText[] {
  return subjects.flatMap((item) => {
    const warning = warningOfItem(item as Parameters<typeof warningOfItem>[0]);
    const sentAt = Number(item.settledAt?.N);
    if (warning === undefined || item.status?.S !== 'sent' || !Number.isFinite(sentAt)) return [];
    return [{ arrivedAt: warning.arrivedAt, ms: sentAt - warning.arrivedAt }];
  });
}

function differences<Value>(
  found: ReadonlyMap<string, Value>,
  expected: ReadonlyMap<string, Value>,
): number {
  const keys = new Set([...found.keys(), ...expected.keys()]);
  return [...keys].filter(
    (key) => JSON.stringify(found.get(key)) !== JSON.stringify(expected.get(key)),
  ).length;
}

function missing(found: readonly string[], expected: readonly string[]): number {
  const there = new Set(found);
  return expected.filter((id) => !there.has(id)).length;
}

async function undisturbed(cloud: LocalCloud, feed: Feed): Promise<FinalState> {
  const pipeline = new InMemoryPipeline(undefined, undefined, await openSealer(cloud), {
    ...TEST_CONTEXT,
    nowMs: Date.now(),
    retentionMs: Date.now() - Date.UTC(2000, 0, 1),
  });
  await pipeline.run([...feed.again()]);
  return expectedState(pipeline);
}

const ms = (value: number | null): string =>
  value === null
    ? '–'
    : value < 10_000
      ? `${Math.round(value)} ms`
      : `${Math.round(value / 1_000)} s`;

function phaseTable(stretches: readonly Stretch[], texts: readonly SentText[]): string {
  const table = new Table({
    head: [
      'phase',
      's',
      'records in',
      'a second',
      'texts',
      'p50',
      'p99',
      'behind',
      'in hand',
      'RSS',
    ],
    style: { head: [], border: [] },
  });
  for (const { from, mostBehindMs, mostInHand, peakBytes, phase, records, until } of stretches) {
    const seconds = (until - from) / 1_000;
    const own = texts
      .filter(({ arrivedAt }) => arrivedAt >= from && arrivedAt < until)
      .map((text) => text.ms);
    table.push([
      phase,
      Math.round(seconds),
      records,
      Math.round(records / seconds),
      own.length,
      ms(percentile(own, 0.5)),
      ms(percentile(own, 0.99)),
      ms(mostBehindMs),
      Math.round(mostInHand),
      `${Math.round(peakBytes / 1e6)} MB`,
    ]);
  }
  return table.toString();
}

async function readTables({ credentials, endpoint, outputs, region }: LocalCloud) {
  const client = new DynamoDBClient({ endpoint, region, credentials });
  try {
    return {
      profiles: await scanTable(client, outputs.ProfilesTableName ?? ''),
      subjects: await scanTable(client, outputs.SubjectsTableName ?? ''),
    };
  } finally {
    client.destroy();
  }
}

async function judge(cloud: LocalCloud, load: Load, refused: number | undefined): Promise<void> {
  const { profiles, subjects } = await readTables(cloud);
  const found = foundState(profiles, subjects);
  const expected = await undisturbed(cloud, load.feed);
  const statuses = Map.groupBy(
    subjects.filter(({ item }) => item?.S?.startsWith('WARNING#')),
    ({ status }) => status?.S ?? '',
  );
  console.log(phaseTable(load.stretches, textsOf(subjects)));
  const drain = load.stretches.find(({ phase }) => phase === 'drain');
  const table = new Table({ style: { head: [], border: [] } });
  table.push(
    ['records in', load.feed.count],
    [
      'profiles that are not as in a run without trouble',
      `${differences(found.profiles, expected.profiles)} of ${expected.profiles.size}`,
    ],
    [
      'people who are not as in a run without trouble',
      `${differences(found.subjects, expected.subjects)} of ${expected.subjects.size}`,
    ],
    [
      'warnings lost, and too many',
      `${missing(found.warnings, expected.warnings)}, ${missing(expected.warnings, found.warnings)} of ${expected.warnings.length}`,
    ],
    [
      'warnings by what came of them',
      [...statuses].map(([name, { length }]) => `${name} ${length}`).join(', '),
    ],
    ['texts sent twice', cloud.metrics.sum('DuplicateWarnings')],
    ['drained after', drain === undefined ? '–' : ms(drain.until - drain.from)],
    ...(refused === undefined ? [] : [['requests that the store refused', refused]]),
  );
  console.log(table.toString());
}

/**
 * Ten times the rate that the local cloud sustains here, or a store that answers nothing, and what becomes of the
 * calls, the texts and the memory meanwhile and afterwards.
 */
export async function run(): Promise<void> {
  const { seconds, storeDown, times } = readOptions();
  const cloud = await startLocalStack();
  try {
    const load = new Load(cloud);
    console.log('finding the sustainable rate …');
    const sustainable = await load.calibrate();
    await cloud.settled(SETTLE_MS);
    const normal = sustainable * NORMAL_SHARE;
    console.log(
      `sustainable: ${Math.round(sustainable)} calls a second; load of the machine ${loadavg()[0]?.toFixed(1)}`,
    );
    await load.run('calm', normal, (passed) => passed >= CALM_SECONDS);
    let refused: number | undefined;
    if (storeDown > 0) {
      const outage = cloud.faults.beginOutage('dynamodb', {
        code: 'InternalServerError',
        status: 500,
      });
      await load.run('store down', normal, (passed) => passed >= storeDown);
      outage.end();
      refused = outage.refused;
    } else {
      await load.run('overload', sustainable * times, (passed) => passed >= seconds);
    }
    await load.run('drain', normal, () => load.inHand() < Math.max(CAUGHT_UP, sustainable));
    await load.run('after', normal, (passed) => passed >= CALM_SECONDS);
    await load.flush();
    await cloud.settled(SETTLE_MS);
    await judge(cloud, load, refused);
  } finally {
    await cloud.close();
  }
}
