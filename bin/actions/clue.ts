import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { Compile } from 'typebox/compile';
import { bodies, MOST_CLUES } from '../../lib/api/schemas.ts';
import type { ClueOptions } from '../commands/clue.ts';
import { readCsvRows } from '../csv-rows.ts';
import { openInput, sizeOf } from '../input-file.ts';
import {
  batchesOf,
  type FileRow,
  type ImportOptions,
  importRows,
  printImport,
  sendBatch,
} from '../officers/import-rows.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { printAnswer } from '../terminal/print.ts';

const COLUMNS = ['reference', 'number', 'kind', 'when', '[text]', '[reporter]'];
const clueSchema = Compile(bodies.importClues.properties.clues.items);

async function* rowsOf(file: string): AsyncGenerator<FileRow> {
  const isGzip = file.endsWith('.gz');
  if (!/\.jsonl(\.gz)?$/.test(file)) {
    for await (const { line, row } of readCsvRows(file, COLUMNS)) {
      const given = Object.entries(row).filter(([, value]) => value !== '');
      yield { line, fields: Object.fromEntries(given) };
    }
    return;
  }
  await sizeOf(file);
  const input = openInput(file);
  const lines = createInterface({ input: isGzip ? input.pipe(createGunzip()) : input });
  let line = 0;
  for await (const text of lines) {
    line++;
    if (text.trim() === '') continue;
    yield { line, fields: objectOf(text) };
  }
}

/** What is no object is sent as one without fields, and refused by its line. */
function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Takes in the reports of a file. Returns the exit code. */
export async function importClues(file: string, options: ImportOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const batches = batchesOf(rowsOf(file), clueSchema, MOST_CLUES);
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
