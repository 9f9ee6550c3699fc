import { writeFile } from 'node:fs/promises';
import { IMPORT_BYTES } from '../../lib/api/endpoints.ts';
import { RefusedError } from '../../lib/api/officers-client.ts';
import { schemaProblems } from '../../lib/domain/schema-problems.ts';
import { EXIT } from '../exit-codes.ts';
import { interruptible } from '../interruption.ts';
import { safeJson } from '../terminal/plain-text.ts';
import { type AnswerOptions, print } from '../terminal/print.ts';
import type { SessionOptions } from './session-options.ts';

/** What was wrong with a line of a file; never what it says. */
export interface LineProblem {
  readonly line: number;
  readonly detail: string;
}

export interface ImportResult {
  /** Rows that were taken. */
  readonly taken: number;
  /** Rows that had been taken before. */
  readonly known: number;
  readonly problems: readonly LineProblem[];
  readonly interrupted: boolean;
}

/** Requests on their way at once: enough to hide the way there and back, and far below what the API lets through. */
const AT_ONCE = 6;
const SHOWN_PROBLEMS = 20;
const BETWEEN_UPDATES_MS = 200;

/** How a batch of rows fared. */
export interface BatchResult {
  readonly taken: number;
  readonly known: number;
  readonly problems: readonly LineProblem[];
}

/** A row of a file, as it stands there. */
export interface FileRow {
  readonly line: number;
  readonly fields: unknown;
}

/** Rows for one request, and what was wrong with the lines between them. */
export interface Batch<Row> {
  readonly rows: readonly { readonly line: number; readonly row: Row }[];
  readonly problems: readonly LineProblem[];
}

/** A compiled schema of a row. */
interface RowSchema<Row> {
  Check(value: unknown): value is Row;
  Errors(value: unknown): Parameters<typeof schemaProblems>[0];
}

/** Left for what stands around the rows of a request. */
const MARGIN_BYTES = 1_024;

/**
 * Rows in requests, each checked as the API checks it: one bad line must not keep the others of its request out.
 *
 * @param most rows that a request may have
 */
export async function* batchesOf<Row>(
  rows: AsyncIterable<FileRow>,
  schema: RowSchema<Row>,
  most: number,
): AsyncGenerator<Batch<Row>> {
  let batch: { line: number; row: Row }[] = [];
  let problems: LineProblem[] = [];
  let bytes = 0;
  for await (const { fields, line } of rows) {
    if (!schema.Check(fields)) {
      const detail = schemaProblems(schema.Errors(fields), 'the line').join('; ');
      problems.push({ line, detail });
      continue;
    }
    const size = Buffer.byteLength(JSON.stringify(fields)) + 1;
    if (batch.length === most || bytes + size > IMPORT_BYTES - MARGIN_BYTES) {
      yield { rows: batch, problems };
      batch = [];
      problems = [];
      bytes = 0;
    }
    batch.push({ line, row: fields });
    bytes += size;
  }
  yield { rows: batch, problems };
}

/** What the API answers to a request of an import. */
interface Imported {
  readonly taken: number;
  readonly known: number;
  readonly rejected: readonly { readonly item: number; readonly detail: string }[];
}

/** Sends the rows of a request, if there are any, and tells by their lines which were refused. */
export async function sendBatch<Row>(
  { problems, rows }: Batch<Row>,
  post: (rows: Row[]) => Promise<Imported>,
): Promise<BatchResult> {
  if (rows.length === 0) return { taken: 0, known: 0, problems };
  try {
    const { known, rejected, taken } = await post(rows.map(({ row }) => row));
    const refused = rejected.map(({ detail, item }) => ({ line: rows[item]?.line ?? 0, detail }));
    return { taken, known, problems: [...problems, ...refused] };
  } catch (error) {
    const why = refusalOf(error);
    const refused = rows.map(({ line }) => ({ line, detail: why }));
    return { taken: 0, known: 0, problems: [...problems, ...refused] };
  }
}

/** What the API refuses about a request is a problem of its lines; anything else ends the import. */
function refusalOf(error: unknown): string {
  if (!(error instanceof RefusedError) || error.problem.status >= 429) throw error;
  const { detail, faults = [], status } = error.problem;
  if (status === 401 || status === 403) throw error;
  return [detail, ...faults].join(' ');
}

/**
 * Sends the rows of a file, some at once. Ctrl-C lets those under way end; the same file again goes on, since what was
 * taken before is known for it.
 */
export async function importRows<Rows>(
  batches: AsyncIterable<Rows>,
  send: (batch: Rows) => Promise<BatchResult>,
  atOnce = AT_ONCE,
): Promise<ImportResult> {
  const interruption = interruptible();
  const { signal } = interruption;
  const problems: LineProblem[] = [];
  let taken = 0;
  let known = 0;
  let toldAt = 0;
  const source = batches[Symbol.asyncIterator]();
  const tell = () => {
    const now = performance.now();
    if (!process.stderr.isTTY || now - toldAt < BETWEEN_UPDATES_MS) return;
    toldAt = now;
    process.stderr.write(`\r${taken} taken, ${known} known before, ${problems.length} not taken`);
  };
  const worker = async () => {
    while (!signal.aborted) {
      const { done, value } = await source.next();
      if (done) return;
      const result = await send(value);
      taken += result.taken;
      known += result.known;
      problems.push(...result.problems);
      tell();
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, worker));
  } finally {
    interruption.release();
    if (process.stderr.isTTY) process.stderr.write('\n');
  }
  problems.sort((a, b) => a.line - b.line);
  return { taken, known, problems, interrupted: signal.aborted };
}

/** What the commands that import take. */
export type ImportOptions = SessionOptions & AnswerOptions & { readonly rejects?: string };

/** Tells how an import went. Returns the exit code. */
export async function printImport(options: ImportOptions, result: ImportResult): Promise<number> {
  const { interrupted, known, problems, taken } = result;
  if (options.rejects !== undefined) {
    await writeFile(
      options.rejects,
      problems.map((problem) => `${JSON.stringify(problem)}\n`).join(''),
    );
  }
  if (options.json) {
    print(safeJson(result, 2));
  } else {
    for (const { detail, line } of problems.slice(0, SHOWN_PROBLEMS)) {
      print(`line ${line}: ${detail}`);
    }
    const more = problems.length - SHOWN_PROBLEMS;
    if (more > 0) print(`… and ${more} more`);
    print(`${taken} taken, ${known} known before, ${problems.length} not taken.`);
    if (interrupted) print('Interrupted: the same file again goes on from here.');
  }
  if (interrupted) return EXIT.interrupted;
  return problems.length === 0 ? EXIT.ok : EXIT.rejected;
}
