import { writeFile } from 'node:fs/promises';
import { RefusedError } from '../../lib/api/officers-client.ts';
import { EXIT } from '../exit-codes.ts';
import { interruptible } from '../interruption.ts';
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

/** Rows on their way at once: enough to hide the way there and back, and far below what the API lets through. */
const AT_ONCE = 6;
const SHOWN_PROBLEMS = 20;
const BETWEEN_UPDATES_MS = 200;

/** How a batch of rows fared. */
export interface BatchResult {
  readonly taken: number;
  readonly known: number;
  readonly problems: readonly LineProblem[];
}

/** What the API refuses about a batch is a problem of its lines; anything else ends the import. */
export function refusedLines(error: unknown, lines: readonly number[]): BatchResult {
  if (!(error instanceof RefusedError) || error.problem.status >= 429) throw error;
  const { detail, faults = [], status } = error.problem;
  if (status === 401 || status === 403) throw error;
  const why = [detail, ...faults].join(' ');
  return { taken: 0, known: 0, problems: lines.map((line) => ({ line, detail: why })) };
}

/**
 * Sends the rows of a file, some at once. Ctrl-C lets those under way end; the same file again goes on, since what was
 * taken before is known for it.
 */
export async function importRows<Batch>(
  batches: AsyncIterable<Batch>,
  send: (batch: Batch) => Promise<BatchResult>,
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
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
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
    print(JSON.stringify(result, undefined, 2));
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
