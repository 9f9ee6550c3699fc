import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, type Info, parse } from 'csv-parse';
import { DEFAULT_PAYLOAD_LIMITS } from '../wire/record-payload.ts';
import { identityMapping } from './identity-mapping.ts';
import type { Mapping } from './mapping-schema.ts';
import {
  compileCsvMapping,
  compileObjectMapping,
  type MappedRow,
  MissingColumnError,
  type RowMapper,
  type RowProblem,
} from './row-mapping.ts';

/** One row or line of a feed. Lines count from 1; a quoted cell may make a row several lines long. */
export type FeedItem =
  | { readonly line: number; readonly record: unknown; readonly json: string }
  | { readonly line: number; readonly problem: RowProblem; readonly raw: string }
  | { readonly line: number; readonly skipped: true };

/** Rows come in batches: a promise for each row would cost more than the row. */
export interface FeedBatch {
  readonly items: readonly FeedItem[];
  /** Bytes of the input (compressed, if it is) that have been read so far. */
  readonly bytesRead: number;
}

/** The input as a whole cannot be read on; the message says where and why. */
export class FeedError extends Error {
  readonly code = 'unreadable-feed';
  override readonly name = 'FeedError';
}

/** A call record is a few hundred characters; a longer row is most likely an open quote. */
const MAX_ROW_LENGTH = DEFAULT_PAYLOAD_LIMITS.maxLineLength;
const ROWS_PER_BATCH = 256;

/**
 * Reads call records from an operator's export: CSV or JSON Lines, either gzipped (told by its
 * first bytes). Streams: memory does not grow with the input.
 *
 * Without a mapping, JSON Lines must be call records, and CSV columns must be named as their
 * fields; which of the two it is, the first character tells.
 *
 * @param input the bytes of a file or of standard input
 * @throws {FeedError} when the gzip is damaged or the input cannot be read on
 * @throws {MissingColumnError} when the mapping's columns are not in the header
 */
export async function* readFeed(input: Readable, mapping?: Mapping): AsyncGenerator<FeedBatch> {
  const progress = { bytesRead: 0 };
  const texts = textChunks(countBytes(input, progress), mapping?.input.encoding ?? 'utf-8');
  try {
    const first = await texts.next();
    if (first.done === true) return;
    const all = prepend(first.value, texts);
    const format = mapping?.input.format ?? (/^\s*[{[]/.test(first.value) ? 'jsonl' : 'csv');
    const batches = format === 'csv' ? readCsv(all, mapping) : readJsonLines(all, mapping);
    for await (const items of batches) yield { items, bytesRead: progress.bytesRead };
  } finally {
    input.destroy();
  }
}

async function* countBytes(
  input: Readable,
  progress: { bytesRead: number },
): AsyncGenerator<Buffer> {
  for await (const chunk of input as AsyncIterable<Buffer>) {
    progress.bytesRead += chunk.length;
    yield chunk;
  }
}

async function* textChunks(
  bytes: AsyncGenerator<Buffer>,
  encoding: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  try {
    for await (const chunk of await inflated(bytes)) {
      const text = decoder.decode(chunk, { stream: true });
      if (text !== '') yield text;
    }
  } catch (cause) {
    throw new FeedError(`It cannot be read on: ${(cause as Error).message}`, { cause });
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

async function inflated(bytes: AsyncGenerator<Buffer>): Promise<AsyncIterable<Buffer>> {
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await bytes.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const all = prepend(head, bytes);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return all;
  const gunzip = createGunzip();
  // The error, if any, reaches whoever iterates over gunzip: pipeline destroys it with it.
  pipeline(Readable.from(all, { objectMode: false }), gunzip, () => undefined);
  return gunzip;
}

async function* prepend<T>(first: T, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

async function* readJsonLines(
  texts: AsyncIterable<string>,
  mapping: Mapping | undefined,
): AsyncGenerator<FeedItem[]> {
  const map = mapping === undefined ? undefined : compileObjectMapping(mapping);
  for await (const lines of splitLines(texts)) {
    yield lines.map(({ line, text }) => readJsonLine(line, text, map));
  }
}

/** A line that is not blank, and its number from 1. */
export interface NumberedLine {
  readonly line: number;
  /** Of a line longer than a row may be, only a little more than that. */
  readonly text: string;
}

/**
 * Reads the lines of text in UTF-8, gzipped or not. Memory does not grow with the input, nor with a line.
 *
 * @throws {FeedError} when it cannot be read on
 */
export async function* readLines(input: Readable): AsyncGenerator<NumberedLine[]> {
  try {
    yield* splitLines(textChunks(countBytes(input, { bytesRead: 0 }), 'utf-8'));
  } finally {
    input.destroy();
  }
}

/** Splits text into its lines that are not blank; of one that is too long, only its beginning. */
async function* splitLines(texts: AsyncIterable<string>): AsyncGenerator<NumberedLine[]> {
  let rest = '';
  let line = 1;
  for await (const chunk of texts) {
    const text = rest + chunk;
    const lines: NumberedLine[] = [];
    let start = 0;
    for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', start)) {
      const end = Math.min(feed, start + MAX_ROW_LENGTH + 1);
      lines.push({ line: line++, text: text.slice(start, end).trim() });
      start = feed + 1;
    }
    // Whatever is cut off here only makes a line that is too long anyway less so.
    rest = text.slice(start, start + MAX_ROW_LENGTH + 1);
    yield lines.filter(isNotBlank);
  }
  yield [{ line, text: rest.trim() }].filter(isNotBlank);
}

function isNotBlank({ text }: NumberedLine): boolean {
  return text !== '';
}

function readJsonLine(line: number, text: string, map: RowMapper<unknown> | undefined): FeedItem {
  if (text.length > MAX_ROW_LENGTH) {
    const detail = `the line is longer than ${MAX_ROW_LENGTH} characters`;
    return { line, problem: { reason: 'too-large', detail }, raw: text.slice(0, MAX_ROW_LENGTH) };
  }
  // The decoder puts this character where the bytes make no sense in the encoding.
  if (text.includes('\uFFFD')) {
    const detail = 'the line is not in the expected encoding';
    return { line, problem: { reason: 'bad-encoding', detail }, raw: text };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message would quote the line.
    return { line, problem: { reason: 'not-json', detail: 'the line is not JSON' }, raw: text };
  }
  if (map === undefined) return { line, record: value, json: text };
  return feedItem(line, map(value), () => text);
}

function feedItem(line: number, mapped: MappedRow, raw: () => string): FeedItem {
  if ('record' in mapped) {
    return { line, record: mapped.record, json: JSON.stringify(mapped.record) };
  }
  if ('skipped' in mapped) return { line, skipped: true };
  return { line, problem: mapped.problem, raw: raw() };
}

async function* readCsv(
  texts: AsyncGenerator<string>,
  mapping: Mapping | undefined,
): AsyncGenerator<FeedItem[]> {
  const delimiter = mapping?.input.delimiter ?? ',';
  let items: FeedItem[] = [];
  // The parser tells of rows it skips ahead of the rows before them; they wait here for their turn.
  const skipped: FeedItem[] = [];
  let lastLine = 0;
  const parser = parse({
    delimiter,
    quote: mapping?.input.quote === '' ? null : (mapping?.input.quote ?? '"'),
    from_line: (mapping?.input.skipLines ?? 0) + 1,
    info: true,
    max_record_size: MAX_ROW_LENGTH,
    skip_empty_lines: true,
    skip_records_with_error: true,
    on_record: (row: string[], { lines }) => {
      lastLine = lines;
      return row;
    },
    on_skip: (error) => {
      // To go on after these would swallow rows without end, or pair up the wrong quotes.
      if (error !== undefined && ENDS_THE_FEED.has(error.code)) throw error;
      skipped.push(csvProblem(error, delimiter));
      return undefined;
    },
  });
  pipeline(Readable.from(texts, { objectMode: false }), parser, () => undefined);
  let map = mapping?.input.header === false ? compileCsvMapping(mapping, undefined) : undefined;
  try {
    for await (const { record: row, info } of parser as AsyncIterable<CsvRow>) {
      while (skipped[0] !== undefined && skipped[0].line < info.lines) {
        items.push(...skipped.splice(0, 1));
      }
      if (map === undefined) map = mapperFor(row, mapping);
      else items.push(feedItem(info.lines, map(row), () => row.join(delimiter)));
      if (items.length >= ROWS_PER_BATCH) {
        yield items;
        items = [];
      }
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new FeedError(`After line ${lastLine}, ${csvProblemText(cause)}`, { cause });
  }
  items.push(...skipped);
  yield items;
}

const ENDS_THE_FEED: ReadonlySet<string> = new Set(['CSV_MAX_RECORD_SIZE', 'CSV_QUOTE_NOT_CLOSED']);

interface CsvRow {
  readonly record: string[];
  readonly info: Info;
}

function mapperFor(
  row: readonly string[],
  mapping: Mapping | undefined,
): RowMapper<readonly string[]> {
  const header = row.map((name) => name.trim());
  if (header.some((name) => name.includes('\uFFFD'))) {
    throw new MissingColumnError(
      'The header is not in the expected encoding: give the right one as input.encoding of the mapping (gb18030, …)',
    );
  }
  return compileCsvMapping(mapping ?? identityMapping(header), header);
}

function csvProblem(error: CsvError | undefined, delimiter: string): FeedItem {
  const detail = error === undefined ? '' : csvProblemText(error);
  const cells: unknown = error?.record;
  return {
    line: typeof error?.lines === 'number' ? error.lines : 0,
    problem: { reason: 'bad-csv', detail },
    raw: Array.isArray(cells) ? cells.join(delimiter) : '',
  };
}

/** In our words: the parser's own would quote the row. */
function csvProblemText(error: CsvError): string {
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
    case 'CSV_RECORD_INCONSISTENT_COLUMNS':
      return 'the row has another number of cells than the first row';
    case 'CSV_MAX_RECORD_SIZE':
      return `a row is longer than ${MAX_ROW_LENGTH} characters; is a quote left open, or the delimiter another one?`;
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is left open until the end of the input';
    default:
      return `the row is no valid CSV (${error.code})`;
  }
}
