import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { Compile } from 'typebox/compile';
import { type BodyOf, IMPORT_BYTES } from '../../lib/api/endpoints.ts';
import type { OfficersClient } from '../../lib/api/officers-client.ts';
import { bodies, MOST_CLUES } from '../../lib/api/schemas.ts';
import { schemaProblems } from '../../lib/domain/schema-problems.ts';
import type { ClueOptions } from '../commands/clue.ts';
import { readCsvRows } from '../csv-rows.ts';
import { openInput, sizeOf } from '../input-file.ts';
import {
  type BatchResult,
  type ImportOptions,
  importRows,
  type LineProblem,
  printImport,
  refusedLines,
} from '../officers/import-rows.ts';
import { openOfficersApi } from '../officers/officers-api.ts';
import { printAnswer } from '../terminal/print.ts';

type Clue = BodyOf<'importClues'>['clues'][number];

interface Row {
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}
type ClueLine = LineProblem | { readonly line: number; readonly clue: Clue };

const COLUMNS = ['reference', 'number', 'kind', 'when', '[text]', '[reporter]'];
const clueSchema = Compile(bodies.importClues.properties.clues.items);
/** Left for what stands around the clues. */
const MARGIN_BYTES = 1_024;

async function* rowsOf(file: string): AsyncGenerator<Row> {
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

/** A row checked as the API checks it: one bad line must not keep the others of its request out. */
function clueOf({ fields, line }: Row): ClueLine {
  if (clueSchema.Check(fields)) return { line, clue: fields };
  return { line, detail: schemaProblems(clueSchema.Errors(fields), 'the line').join('; ') };
}

interface Batch {
  readonly clues: { readonly line: number; readonly clue: Clue }[];
  readonly problems: LineProblem[];
}

async function* batchesOf(rows: AsyncIterable<Row>): AsyncGenerator<Batch> {
  let batch: Batch = { clues: [], problems: [] };
  let bytes = 0;
  for await (const row of rows) {
    const read = clueOf(row);
    if (!('clue' in read)) {
      batch.problems.push(read);
      continue;
    }
    const size = Buffer.byteLength(JSON.stringify(read.clue)) + 1;
    if (batch.clues.length === MOST_CLUES || bytes + size > IMPORT_BYTES - MARGIN_BYTES) {
      yield batch;
      batch = { clues: [], problems: [] };
      bytes = 0;
    }
    batch.clues.push(read);
    bytes += size;
  }
  yield batch;
}

async function send(call: OfficersClient, { clues, problems }: Batch): Promise<BatchResult> {
  if (clues.length === 0) return { taken: 0, known: 0, problems };
  const lines = clues.map(({ line }) => line);
  try {
    const body = { clues: clues.map(({ clue }) => clue) };
    const { known, rejected, taken } = await call('importClues', { body });
    const refused = rejected.map(({ detail, item }) => ({ line: lines[item] ?? 0, detail }));
    return { taken, known, problems: [...problems, ...refused] };
  } catch (error) {
    const refused = refusedLines(error, lines);
    return { ...refused, problems: [...problems, ...refused.problems] };
  }
}

/** Takes in the reports of a file. Returns the exit code. */
export async function importClues(file: string, options: ImportOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const result = await importRows(batchesOf(rowsOf(file)), (batch) => send(call, batch));
  return printImport(options, result);
}

/** Tells how far a report has come. Returns the exit code. */
export async function showClue(reference: string, options: ClueOptions): Promise<number> {
  const call = await openOfficersApi(options);
  const progress = await call('readClue', { parameters: { reference } });
  return printAnswer(options, progress, ({ state }) => `The report is ${state}.`);
}
