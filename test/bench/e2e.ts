import Table from 'cli-table3';
import { startLocalStack } from '../../bin/replay/local-stack.ts';
import { type ReplayCounts, type ReplayPace, replayCalls } from '../../bin/replay/replay-calls.ts';
import { type ReplaySource, simulatedSource } from '../../bin/replay/replay-source.ts';
import { percentile } from '../../lib/backtest/measures.ts';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';

interface Measured {
  readonly records: number;
  readonly perSecond: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly texts: number;
  readonly megabytes: number;
}

const SETTLE_MS = 300_000;
/** Records of the paced run: long enough for texts by the dozen, short enough to wait for. */
const PACED_RECORDS = 36_000;
const PACED_RATE = 300;

/** The beginning of a source. */
function firstOf(source: ReplaySource, most: number): ReplaySource {
  return {
    ...source,
    async *lines() {
      let count = 0;
      for await (const line of source.lines()) {
        if (count++ === most) return;
        yield line;
      }
    },
  };
}

async function measure(
  cloud: LocalCloud,
  source: ReplaySource,
  pace: ReplayPace,
): Promise<Measured> {
  const textsBefore = cloud.inbox.texts.length;
  const latenciesBefore = cloud.metrics.values('PushToTextMs').length;
  const counts: ReplayCounts = { pushed: 0 };
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 250);
  const startedAt = performance.now();
  await replayCalls(source, cloud, pace, counts, new AbortController().signal);
  await cloud.settled(SETTLE_MS);
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(watch);
  const latencies = cloud.metrics.values('PushToTextMs').slice(latenciesBefore);
  return {
    records: counts.pushed,
    perSecond: counts.pushed / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    texts: cloud.inbox.texts.length - textsBefore,
    megabytes: Math.round(peak / 1e6),
  };
}

async function withCloud<T>(work: (cloud: LocalCloud) => Promise<T>): Promise<T> {
  const cloud = await startLocalStack();
  try {
    return await work(cloud);
  } finally {
    await cloud.close();
  }
}

function row(name: string, measured: Measured, floor: Measured): string[] {
  const ms = (value: number | null) => (value === null ? '-' : `${Math.round(value)} ms`);
  return [
    name,
    String(measured.records),
    `${Math.round(measured.perSecond)}/s`,
    (measured.perSecond / floor.perSecond).toFixed(2),
    ms(measured.p50),
    ms(measured.p99),
    String(measured.texts),
    `${measured.megabytes} MB`,
  ];
}

/**
 * The whole pipeline on the local cloud: as fast as it goes, and paced. The floor pushes as many records of
 * which intake refuses every one: the cost of streams, gateway and one function without any folding.
 */
export async function run(): Promise<void> {
  const morning = simulatedSource(1);
  const refused: ReplaySource = {
    ...morning,
    async *lines() {
      for (let i = 0; i < (morning.total ?? 0); i++)
        yield { text: '{"caller":"1"}', time: undefined };
    },
  };
  console.log('the floor: every record refused …');
  const floor = await withCloud((cloud) => measure(cloud, refused, { speed: undefined }));
  console.log('a morning, as fast as it goes …');
  const fast = await withCloud((cloud) => measure(cloud, morning, { speed: undefined }));
  console.log(`the beginning of a morning at ${PACED_RATE} records a second …`);
  const paced = await withCloud((cloud) =>
    measure(cloud, firstOf(simulatedSource(1), PACED_RECORDS), {
      speed: undefined,
      rate: PACED_RATE,
    }),
  );
  const table = new Table({
    head: ['run', 'records', 'speed', 'of floor', 'text p50', 'text p99', 'texts', 'peak RSS'],
    style: { head: [], border: [] },
  });
  table.push(
    row('floor: all refused', floor, floor),
    row('as fast as it goes', fast, floor),
    row(`paced at ${PACED_RATE}/s`, paced, floor),
  );
  console.log(table.toString());
}
