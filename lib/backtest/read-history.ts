import { Readable } from 'node:stream';
import {
  type CallRecordContext,
  type ParsedCall,
  parseCallLine,
  parseCallRecord,
} from '../domain/call-record.ts';
import { createNumberNormaliser } from '../domain/phone-number.ts';
import type { Mapping } from '../feeds/mapping-schema.ts';
import { readFeed } from '../feeds/read-feed.ts';
import { DEFAULT_PAYLOAD_LIMITS, splitPayload } from '../wire/record-payload.ts';
import { fillFromCall, HistoryCall } from './history-call.ts';
import { inflatedBytes, type LineBlock, lineBlocks, prepend } from './history-lines.ts';
import type { NumberRegistry } from './number-registry.ts';
import { NOT_PLAIN, QuickLine } from './quick-line.ts';

/** History may be of any age since telephones keep such records, and simulated time may run ahead. */
const OLDEST_MS = Date.UTC(2000, 0, 1);
const NEWEST_MS = Date.UTC(2100, 0, 1);
const LINE_FEED = 0x0a;

/** What the domain's parser asks for: a backtest has no clock, so any time between 2000 and 2100 will do. */
export function historyContext(country: string): CallRecordContext {
  return {
    normaliseNumber: createNumberNormaliser(country),
    nowMs: NEWEST_MS,
    retentionMs: NEWEST_MS - OLDEST_MS,
    maxFutureMs: 0,
  };
}

/** What becomes of the records of a history as they are read. */
export interface HistoryReader {
  /** The next valid records, the first `count` of `calls`. The objects are filled anew afterwards. */
  readonly take: (calls: readonly HistoryCall[], count: number) => void;
  readonly reject: (reason: string) => void;
}

/** A reader that takes one call at a time, and passes over what is no record. */
export function readerOfEach(take: (call: HistoryCall) => void): HistoryReader {
  return {
    take: (calls, count) => {
      for (let i = 0; i < count; i++) take(calls[i] as HistoryCall);
    },
    reject: () => undefined,
  };
}

/** What reading a history needs. */
export interface ReadHistoryOptions {
  readonly numbers: NumberRegistry;
  readonly context: CallRecordContext;
  /** How an operator's columns become records; without one, lines are records, and CSV columns named as fields. */
  readonly mapping?: Mapping | undefined;
  /** Told now and then how many bytes of the input have been read. */
  readonly onProgress?: (bytesRead: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a history: call records as JSON Lines or CSV, gzipped or not.
 *
 * @throws {FeedError} when the input cannot be read on
 */
export async function readHistory(
  input: Readable,
  reader: HistoryReader,
  options: ReadHistoryOptions,
): Promise<void> {
  const { mapping, signal } = options;
  const progress = { bytesRead: 0 };
  const stop = () => input.destroy();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const chunks = inflatedBytes(input, progress);
    const first = await chunks.next();
    if (first.done === true) return;
    const all = prepend(first.value, chunks);
    if (mapping === undefined && beginsAsJson(first.value)) {
      const lines = new LineReader(reader, options);
      for await (const block of lineBlocks(all)) {
        if (signal?.aborted) break;
        lines.read(block);
        options.onProgress?.(progress.bytesRead);
      }
    } else {
      await readMapped(Readable.from(all, { objectMode: false }), reader, options, progress);
    }
  } catch (error) {
    // Destroying the input makes reading fail; that is no failure when it was asked for.
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function beginsAsJson(bytes: Uint8Array): boolean {
  return /^\uFEFF?\s*[{[]/.test(Buffer.from(bytes.subarray(0, 64)).toString('utf8'));
}

/** So many calls are handed on together: their profiles are fetched from memory side by side. */
const CALLS_TOGETHER = 32;

/** Gathers calls until there are enough to hand on. */
class CallBatch {
  private readonly calls = Array.from({ length: CALLS_TOGETHER }, () => new HistoryCall());
  private readonly reader: HistoryReader;
  private count = 0;

  constructor(reader: HistoryReader) {
    this.reader = reader;
  }

  /** To be filled; it counts once {@link added}. */
  next(): HistoryCall {
    return this.calls[this.count] as HistoryCall;
  }

  added(): void {
    this.count++;
    if (this.count === CALLS_TOGETHER) this.handOn();
  }

  handOn(): void {
    if (this.count > 0) this.reader.take(this.calls, this.count);
    this.count = 0;
  }
}

/** Reads lines the quick way, and those that are not plain the domain's. */
export class LineReader {
  private readonly batch: CallBatch;
  private readonly quick: QuickLine;
  private readonly reader: HistoryReader;
  private readonly options: ReadHistoryOptions;

  constructor(reader: HistoryReader, options: ReadHistoryOptions) {
    this.reader = reader;
    this.batch = new CallBatch(reader);
    this.options = options;
    this.quick = new QuickLine(options.numbers, { oldest: OLDEST_MS, newest: NEWEST_MS });
  }

  read({ bytes, end }: LineBlock): void {
    const { batch, quick } = this;
    quick.begin(bytes);
    for (let at = 0; at < end; ) {
      const next = quick.read(at, batch.next());
      if (next !== NOT_PLAIN) {
        batch.added();
        at = next;
        continue;
      }
      const feed = bytes.indexOf(LINE_FEED, at);
      this.readSlowly(bytes.subarray(at, feed));
      at = feed + 1;
    }
    batch.handOn();
  }

  private readSlowly(line: Uint8Array): void {
    if (isBlank(line)) return;
    for (const piece of splitPayload(line, DEFAULT_PAYLOAD_LIMITS)) {
      if ('text' in piece) this.judge(parseCallLine(piece.text, this.options.context));
      else this.reader.reject(piece.reason);
    }
  }

  private judge(parsed: ParsedCall): void {
    if (!parsed.ok) {
      this.reader.reject(parsed.reason);
      return;
    }
    fillFromCall(this.batch.next(), parsed.call, this.options.numbers);
    this.batch.added();
  }
}

function isBlank(line: Uint8Array): boolean {
  return line.every((code) => code === 0x20 || code === 0x09 || code === 0x0d);
}

async function readMapped(
  input: Readable,
  reader: HistoryReader,
  { context, numbers, mapping, onProgress, signal }: ReadHistoryOptions,
  progress: { readonly bytesRead: number },
): Promise<void> {
  const batch = new CallBatch(reader);
  for await (const { items } of readFeed(input, mapping)) {
    for (const item of items) {
      if ('skipped' in item) continue;
      if ('problem' in item) {
        reader.reject(item.problem.reason);
        continue;
      }
      const parsed = parseCallRecord(item.record, context);
      if (parsed.ok) {
        fillFromCall(batch.next(), parsed.call, numbers);
        batch.added();
      } else reader.reject(parsed.reason);
    }
    batch.handOn();
    onProgress?.(progress.bytesRead);
    if (signal?.aborted) return;
  }
}
