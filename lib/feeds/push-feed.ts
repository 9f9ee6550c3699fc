import type { Readable } from 'node:stream';
import type { ParsedCall } from '../domain/call-record.ts';
import type { Mapping } from './mapping-schema.ts';
import type { RecordPusher } from './push-records.ts';
import type { RateLimit } from './rate-limit.ts';
import { type FeedItem, readFeed } from './read-feed.ts';

/** A line that was not pushed, and why. */
export interface LineProblem {
  readonly line: number;
  readonly reason: string;
  readonly field?: string;
  readonly detail: string;
  /** The line as it stands in the feed, or as the mapping made it. May hold phone numbers. */
  readonly raw: string;
}

/** Counts over one or more feeds. */
export interface FeedTally {
  /** Rows that were looked at, and not passed over by resuming. */
  read: number;
  /** Rows handed to the pusher; in a dry run, those that would have been. */
  accepted: number;
  /** Rows that the mapping leaves out. */
  skipped: number;
  /** Rows that were not pushed, by reason. */
  readonly rejected: Map<string, number>;
  /** Of the accepted ones, epoch milliseconds. */
  firstStartMs: number;
  lastStartMs: number;
}

export function emptyTally(): FeedTally {
  return {
    read: 0,
    accepted: 0,
    skipped: 0,
    rejected: new Map(),
    firstStartMs: Number.POSITIVE_INFINITY,
    lastStartMs: Number.NEGATIVE_INFINITY,
  };
}

export interface PushFeedOptions {
  readonly mapping?: Mapping | undefined;
  /** Judges each record; undefined: all are pushed, for the pipeline to judge. */
  readonly check?: ((record: unknown) => ParsedCall) | undefined;
  /** Undefined: a dry run. */
  readonly pusher?: RecordPusher | undefined;
  readonly rateLimit?: RateLimit | undefined;
  /** Lines up to this one are passed over. Default 0. */
  readonly afterLine?: number;
  readonly tally: FeedTally;
  readonly onProblem?: (problem: LineProblem) => void;
  /** Told now and then how far reading has come; the next batch waits for it. */
  readonly onBatch?: (bytesRead: number) => Promise<void> | undefined;
  /** Ends reading; what has been read is still pushed. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a feed, checks each record, and pushes the good ones. Returns when everything read has
 * arrived in the stream.
 *
 * @throws {FeedError} when the feed cannot be read on, and whatever the pusher throws
 */
export async function pushFeed(input: Readable, options: PushFeedOptions): Promise<void> {
  const { mapping, pusher, rateLimit, afterLine = 0, onBatch, signal } = options;
  // A feed that waits for more (standard input) would otherwise never notice.
  const stop = () => input.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const { items, bytesRead } of readFeed(input, mapping)) {
      for (const item of items) {
        if (signal?.aborted) break;
        if (item.line <= afterLine) continue;
        const line = judge(item, options);
        if (line === undefined) pusher?.pass(item.line);
        else {
          await rateLimit?.();
          const full = pusher?.push(line);
          if (full !== undefined) await full;
        }
      }
      await onBatch?.(bytesRead);
      if (signal?.aborted) break;
    }
  } catch (error) {
    // Destroying the input makes reading fail; that is no failure when it was asked for.
    if (!signal?.aborted || !input.destroyed || input.errored) throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  await pusher?.flush();
}

/** The line to push; undefined when there is none, which is then counted and told. */
function judge(item: FeedItem, { check, tally, onProblem }: PushFeedOptions) {
  tally.read++;
  if ('skipped' in item) {
    tally.skipped++;
    return undefined;
  }
  if ('problem' in item) {
    count(tally, item.problem.reason);
    onProblem?.({ line: item.line, ...item.problem, raw: item.raw });
    return undefined;
  }
  const { line, json } = item;
  if (check === undefined) {
    tally.accepted++;
    return { line, key: callerOf(item.record), json };
  }
  const parsed = check(item.record);
  if (!parsed.ok) {
    const { ok: _, ...why } = parsed;
    count(tally, why.reason);
    onProblem?.({ line, ...why, raw: json });
    return undefined;
  }
  tally.accepted++;
  tally.firstStartMs = Math.min(tally.firstStartMs, parsed.call.startMs);
  tally.lastStartMs = Math.max(tally.lastStartMs, parsed.call.startMs);
  return { line, key: parsed.call.caller.number, json };
}

function count(tally: FeedTally, reason: string): void {
  tally.rejected.set(reason, (tally.rejected.get(reason) ?? 0) + 1);
}

function callerOf(record: unknown): string {
  if (typeof record !== 'object' || record === null || !('caller' in record)) return '';
  return String(record.caller);
}
