import type { Readable } from 'node:stream';
import type { BodyOf } from '../../lib/api/endpoints.ts';
import type { OfficersClient } from '../../lib/api/officers-client.ts';
import { readLines } from '../../lib/feeds/read-feed.ts';
import type { ClueOptions } from '../commands/clue.ts';
import { csvRowsOf } from '../csv-rows.ts';
import { openInput, sizeOf } from '../input-file.ts';
import {
  type BatchResult,
  importRows,
  printImport,
  refusedLines,
} from '../officers/import-rows.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { printAnswer } from '../terminal/print.ts';

type Clue = BodyOf<'importClues'>['clues'][number];

/** A report, and the line of the file on which it stands. */
export interface ClueLine {
  readonly line: number;
  readonly clue: Readonly<Record<string, unknown>>;
}

const COLUMNS = ['reference', 'number', 'kind', 'when', '[text]', '[reporter]'];
/** The API takes 50 clues and 16 KB a request. */
const MOST_CLUES = 50;
const MOST_BYTES = 15_000;

/**
 * The reports of a file, not yet checked: the API does that.
 *
 * @param file its name tells whether it is JSON Lines or CSV
 * @throws {UsageError} or {FeedError} when it cannot be read
 */
export async function* cluesOf(input: Readable, file: string): AsyncGenerator<ClueLine> {
  if (/\.jsonl(\.gz)?$/.test(file)) {
    for await (const lines of readLines(input)) {
      for (const { line, text } of lines) yield { line, clue: objectOf(text) };
    }
    return;
  }
  for await (const { line, row } of csvRowsOf(input, COLUMNS, file)) {
    const given = Object.entries(row).filter(([, value]) => value !== '');
    yield { line, clue: Object.fromEntries(given) };
  }
}

/**
 * What is no object is sent as one without fields, and refused by its line. Fields hold no objects: what nests deeply
 * could not even be written out again.
 */
function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    const isFlat =
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((field) => typeof field !== 'object');
    return isFlat ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Clues by as many as the API takes in one request. */
export async function* batchesOf(lines: AsyncIterable<ClueLine>): AsyncGenerator<ClueLine[]> {
  let batch: ClueLine[] = [];
  let bytes = 0;
  for await (const line of lines) {
    const size = Buffer.byteLength(JSON.stringify(line.clue)) + 1;
    if (batch.length === MOST_CLUES || (batch.length > 0 && bytes + size > MOST_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(line);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

async function send(call: OfficersClient, batch: readonly ClueLine[]): Promise<BatchResult> {
  const clues = batch.map(({ clue }) => clue as Clue);
  try {
    const { known, rejected, taken } = await call('importClues', { body: { clues } });
    const problems = rejected.map(({ detail, item }) => ({ line: batch[item]?.line ?? 0, detail }));
    return { taken, known, problems };
  } catch (error) {
    const refused = refusedLines(
      error,
      batch.map(({ line }) => line),
    );
    if (batch.length === 1) return refused;
    // One bad line must not keep the others out.
    const halves = [batch.slice(0, batch.length >> 1), batch.slice(batch.length >> 1)];
    const results: BatchResult[] = [];
    for (const half of halves) results.push(await send(call, half));
    return {
      taken: results.reduce((sum, { taken }) => sum + taken, 0),
      known: results.reduce((sum, { known }) => sum + known, 0),
      problems: results.flatMap(({ problems }) => problems),
    };
  }
}

/** Takes in the reports of a file. Returns the exit code. */
export async function importClues(file: string, options: ClueOptions): Promise<number> {
  const call = await openOfficersApi(options);
  await sizeOf(file);
  const result = await importRows(batchesOf(cluesOf(openInput(file), file)), (batch) =>
    send(call, batch),
  );
  return printImport(options, result);
}

/** Tells how far a report has come. Returns the exit code. */
export async function showClue(reference: string, options: ClueOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const progress = await call('readClue', { parameters: { reference } });
  return printAnswer(options, progress, ({ state }) => `The report is ${state}.`);
}
