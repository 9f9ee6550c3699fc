import { setTimeout as delay } from 'node:timers/promises';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { putRecords } from '../../functions/adapters/kinesis-records.ts';
import { RecordPusher } from '../../lib/feeds/push-records.ts';
import { createRateLimit, systemTimer } from '../../lib/feeds/rate-limit.ts';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import type { ReplaySource } from './replay-source.ts';

export interface ReplayPace {
  /** Record time over wall time; undefined for as fast as the pipeline goes. */
  readonly speed: number | undefined;
  /** At most so many calls a second. */
  readonly rate?: number;
}

/** Where a replay goes on that an earlier run began. */
export interface ReplayPlace {
  /** Lines up to this one have arrived. */
  readonly after: number;
  /** Told that all lines up to this one have arrived. */
  readonly onArrived: (line: number) => void;
}

export interface ReplayCounts {
  pushed: number;
}

/** Calls the pipeline may have in hand before the next is pushed: keeps texts seconds behind their calls. */
const MOST_IN_HAND = 600;
const LINGER_MS = 20;
const PAUSE_MS = 4;

/** Calls pushed and not yet folded into profiles, as the functions' own metrics tell. */
export function callsInHand({ metrics }: LocalCloud, pushed: number): number {
  const emitted = metrics.sum('LegsEmitted');
  const folded =
    metrics.sum('LegsApplied') +
    metrics.sum('DuplicateLegs') +
    metrics.sum('LateLegs') +
    metrics.sum('RedeliveredLegs');
  return pushed - metrics.sum('CallsReceived') + Math.max(0, emitted - folded) / 2;
}

/**
 * Pushes a source into the calls stream, in its order, at its pace.
 *
 * @returns when everything has arrived in the stream
 */
export async function replayCalls(
  source: ReplaySource,
  cloud: LocalCloud,
  pace: ReplayPace,
  counts: ReplayCounts,
  signal: AbortSignal,
  place: ReplayPlace = { after: 0, onArrived: () => undefined },
): Promise<void> {
  const client = new KinesisClient({
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: cloud.credentials,
    requestHandler: new NodeHttpHandler({ requestTimeout: 30_000 }),
  });
  const stream = cloud.outputs.CallsStreamName ?? '';
  const pusher: RecordPusher = new RecordPusher({
    send: (records) => putRecords(client, stream, records),
    timer: systemTimer,
    lingerMs: LINGER_MS,
    onArrived: () => place.onArrived(pusher.arrivedUpTo),
  });
  const turn = pace.rate === undefined ? undefined : createRateLimit(pace.rate, systemTimer);
  const startedAt = performance.now();
  let firstTime: number | undefined;
  let line = 0;
  try {
    for await (const { text, time } of source.lines()) {
      if (signal.aborted) break;
      if (++line <= place.after) continue;
      await turn?.();
      if (pace.speed !== undefined && time !== undefined) {
        firstTime ??= time;
        const due = startedAt + (time - firstTime) / pace.speed;
        if (due > performance.now() + PAUSE_MS) {
          await delay(due - performance.now(), undefined, { signal }).catch(() => undefined);
        }
      }
      counts.pushed++;
      // One key for all: history must arrive in its own order, however much faster than life it runs.
      const full = pusher.push({ line, key: '', json: text });
      if (full !== undefined) await full;
      while (counts.pushed % 16 === 0 && callsInHand(cloud, counts.pushed) > MOST_IN_HAND) {
        if (signal.aborted) break;
        await delay(PAUSE_MS);
      }
    }
    await pusher.flush();
  } finally {
    client.destroy();
  }
}
