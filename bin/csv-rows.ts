import { pipeline, type Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { UsageError } from './exit-codes.ts';
import { openInput, sizeOf } from './input-file.ts';

/** A longer line is no row of what people keep by hand. */
const MOST_BYTES_A_ROW = 4_096;

/** A row of a file, and where it stands. */
export interface CsvLine {
  readonly line: number;
  readonly row: Readonly<Record<string, string>>;
}

/** @throws {UsageError} when a column is missing */
function checkColumns(wanted: readonly string[], header: readonly string[]): string[] {
  const columns = header.map((column) => column.trim());
  const missing = wanted.filter((column) => !column.startsWith('[') && !columns.includes(column));
  if (missing.length === 0) return columns;
  throw new UsageError(
    `The file lacks the columns ${missing.join(', ')}; it must have ${wanted.join(', ')}.`,
  );
}

/**
 * Reads a CSV file with a header line, row by row.
 *
 * @param wanted the columns; those in brackets may be left out
 * @throws {UsageError} when it is no such file
 */
export async function* readCsvRows(
  file: string,
  wanted: readonly string[],
): AsyncGenerator<CsvLine> {
  await sizeOf(file);
  yield* csvRowsOf(openInput(file), wanted, file);
}

/**
 * As {@link readCsvRows}, of bytes.
 *
 * @param file how messages call them
 * @throws {UsageError} when they are no such file
 */
export async function* csvRowsOf(
  input: Readable,
  wanted: readonly string[],
  file: string,
): AsyncGenerator<CsvLine> {
  const parser = parse({
    bom: true,
    columns: (header: string[]) => checkColumns(wanted, header),
    info: true,
    relax_column_count: false,
    max_record_size: MOST_BYTES_A_ROW,
    skip_empty_lines: true,
  });
  // An error of the input, if any, reaches whoever iterates over the parser: pipeline destroys it with it.
  pipeline(input, parser, () => undefined);
  try {
    for await (const { info, record } of parser) yield { line: info.lines, row: record };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UsageError(`${file} is no CSV file: ${error.code}, near line ${error.lines}.`, {
      cause: error,
    });
  }
}
