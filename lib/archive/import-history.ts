import type { Readable } from 'node:stream';
import { NumberRegistry } from '../backtest/number-registry.ts';
import { historyContext, readHistory } from '../backtest/read-history.ts';
import type { NumberToken } from '../domain/leg.ts';
import type { PartyNumber } from '../domain/phone-number.ts';
import type { Mapping } from '../feeds/mapping-schema.ts';
import type { DuckDbArchive } from './duckdb-archive.ts';
import { HistoryRecords } from './history-records.ts';
import { readQuestion } from './read-question.ts';

export interface ImportOptions {
  /** Country of national numbers. */
  readonly country: string;
  readonly utcOffsetMinutes: number;
  /** Seals a number. */
  readonly tokenOf: (party: PartyNumber) => NumberToken;
  readonly mapping?: Mapping | undefined;
  /** Whether days that the archive has may be replaced; default true. */
  readonly mayReplace?: boolean;
  readonly onProgress?: (bytesRead: number, records: number) => void;
  /** Told when all is read, and the archive is about to be written. */
  readonly onWriting?: () => void;
  readonly signal?: AbortSignal;
}

/** What an import came to. */
export interface Imported {
  readonly records: number;
  readonly calls: number;
  readonly numbers: number;
  /** Local days of the calls, in order. */
  readonly days: readonly string[];
  readonly rejected: ReadonlyMap<string, number>;
}

/**
 * Takes calls of the past into an archive, sealed, one row a call. A day that was there before is replaced by what
 * the history says of it.
 *
 * @throws {FeedError} when the history cannot be read
 * @throws {ArchiveError} `day-there` when it would replace a day and may not, and when the archive cannot be written
 */
export async function importHistory(
  input: Readable,
  archive: DuckDbArchive,
  options: ImportOptions,
): Promise<Imported> {
  const { country, tokenOf, utcOffsetMinutes } = options;
  const context = historyContext(country);
  const { normaliseNumber } = context;
  const numbers = new NumberRegistry({ normaliseNumber, country, tokenOf });
  const records = await HistoryRecords.begin(archive, numbers);
  const interrupt = () => archive.connection.interrupt();
  options.signal?.addEventListener('abort', interrupt);
  try {
    await readHistory(input, records, {
      numbers,
      context,
      mapping: options.mapping,
      ...(options.onProgress !== undefined && {
        onProgress: (bytesRead) => options.onProgress?.(bytesRead, records.records),
      }),
      signal: options.signal,
    });
    options.signal?.throwIfAborted();
    options.onWriting?.();
    await records.finish(utcOffsetMinutes);
    const [range] = await archive.ask<{ firstDay: string; lastDay: string }>(
      `SELECT coalesce(min(day), 'none') AS firstDay, coalesce(max(day), 'none') AS lastDay FROM call_records`,
    );
    const { calls, days } = await archive.writeCalls(
      await readQuestion('whole-calls'),
      { ...range },
      options.mayReplace,
    );
    return {
      records: records.records,
      calls,
      numbers: numbers.size,
      days,
      rejected: records.rejected,
    };
  } catch (error) {
    // The engine says of an interruption that it failed.
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', interrupt);
    await records.forget();
  }
}
