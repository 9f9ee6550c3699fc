import type { Readable } from 'node:stream';
import { Compile } from 'typebox/compile';
import { bodies, MOST_CLUES } from '../../lib/api/schemas.ts';
import { readLines } from '../../lib/feeds/read-feed.ts';
import type { ClueOptions, ReadOptions } from '../commands/clue.ts';
import { csvRowsOf } from '../csv-rows.ts';
import { UsageError } from '../exit-codes.ts';
import { openInput, sizeOf } from '../input-file.ts';
import { clueFindingsInWords, cluesInWords } from '../officers/clue-words.ts';
import {
  batchesOf,
  type FileRow,
  type ImportOptions,
  importRows,
  printImport,
  sendBatch,
} from '../officers/import-rows.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { readPages } from '../officers/read-pages.ts';
import { pairs } from '../terminal/pairs.ts';
import { printAnswer } from '../terminal/print.ts';
import { localTime } from '../terminal/spoken-time.ts';

const COLUMNS = ['reference', 'number', 'kind', 'when', '[text]', '[reporter]'];
const clueSchema = Compile(bodies.importClues.properties.clues.items);

/**
 * The reports of a file, not yet checked.
 *
 * @param file its name tells whether it is JSON Lines or CSV
 * @throws {UsageError} or {FeedError} when it cannot be read
 */
export async function* cluesOf(input: Readable, file: string): AsyncGenerator<FileRow> {
  if (/\.jsonl(\.gz)?$/.test(file)) {
    for await (const lines of readLines(input)) {
      for (const { line, text } of lines) yield { line, fields: objectOf(text) };
    }
    return;
  }
  for await (const { line, row } of csvRowsOf(input, COLUMNS, file)) {
    const given = Object.entries(row).filter(([, value]) => value !== '');
    yield { line, fields: Object.fromEntries(given) };
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

/** Reports in requests, those that the API would refuse left out. */
export const clueBatchesOf = (rows: AsyncIterable<FileRow>) =>
  batchesOf(rows, clueSchema, MOST_CLUES);

/** Takes in the reports of a file. Returns the exit code. */
export async function importClues(file: string, options: ImportOptions): Promise<number> {
  const call = await openOfficersApi(options);
  await sizeOf(file);
  const batches = clueBatchesOf(cluesOf(openInput(file), file));
  const result = await importRows(batches, (batch) =>
    sendBatch(batch, (clues) => call('importClues', { body: { clues } })),
  );
  return printImport(options, result);
}

/** Tells how far a report has come. Returns the exit code. */
export async function showClue(reference: string, options: ClueOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const progress = await call('readClue', { parameters: { reference } });
  return printAnswer(options, progress, ({ state }) => `The report is ${state}.`);
}

/** Shows what people reported of a number. Returns the exit code. */
export async function listClues(number: string | undefined, options: ReadOptions): Promise<number> {
  const { purpose, token } = options;
  if ((number === undefined) === (token === undefined)) {
    throw new UsageError('Give the number, or its pseudonym with --token.');
  }
  const call = await openOfficersApi(options);
  const whose = { ...(number !== undefined && { number }), ...(token !== undefined && { token }) };
  const pages = await readPages((next) =>
    call('readClues', { body: { ...whose, purpose, ...next } }),
  );
  const { number: masked = '' } = pages[0] ?? {};
  const clues = pages.flatMap((page) => page.clues);
  return printAnswer(options, { number: masked, clues }, (plain) =>
    plain.clues.length === 0
      ? `Nobody reported ${plain.number}.`
      : `What was reported of ${plain.number}:\n${cluesInWords(plain.clues)}`,
  );
}

/** Shows one report. Returns the exit code. */
export async function showReport(reference: string, options: ReadOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const { clues, number } = await call('readClues', {
    body: { reference, purpose: options.purpose },
  });
  return printAnswer(options, { number, clues }, (plain) =>
    pairs(
      plain.clues.flatMap(({ at, kind, text, when }) => [
        ['number', plain.number],
        ['kind', kind],
        ['happened', localTime(when)],
        ['reported', localTime(at)],
        ['text', text],
      ]),
    ),
  );
}

/** Shows the numbers that only clues led to. Returns the exit code. */
export async function showFindings(options: ClueOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const pages = await readPages((next) => call('listClueFindings', { query: next }));
  const findings = pages.flatMap((page) => page.findings);
  return printAnswer(options, { findings }, (plain) =>
    plain.findings.length === 0
      ? 'Clues led to no number that its calls did not.'
      : clueFindingsInWords(plain.findings),
  );
}
