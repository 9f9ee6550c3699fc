import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { CALL_COLUMNS, PARTITION_COLUMNS, RECORD_COLUMNS } from './archived-call.ts';
import { ArchiveError } from './errors.ts';
import { fillQuestion, type QuestionValues } from './question.ts';

/** How much of the machine the embedded engine may take. */
export interface EngineLimits {
  readonly memoryMiB: number;
  readonly threads: number;
}

export const DEFAULT_ENGINE_LIMITS: EngineLimits = { memoryMiB: 1_024, threads: 2 };

const TABLES = { calls: CALL_COLUMNS, call_records: RECORD_COLUMNS } as const;
export type ArchiveTable = keyof typeof TABLES;

/** An answer's row; whole numbers of 64 bits come as numbers, which hold all that the archive keeps exactly. */
export type AnswerRow = Readonly<Record<string, number | string | boolean | null>>;

/**
 * The archive in a folder, laid out as in S3 (`calls/day=2026-11-27/bucket=3/*.parquet`), asked by DuckDB in this
 * process. Larger questions than memory spill to the folder for temporary files.
 *
 * @example
 * await using archive = await DuckDbArchive.open('/var/forewarn/archive');
 * await archive.ask("SELECT count(*) AS calls FROM calls WHERE day = ${day}", { day: '2026-11-27' });
 */
export class DuckDbArchive implements AsyncDisposable {
  readonly folder: string;
  readonly #instance: DuckDBInstance;
  readonly connection: DuckDBConnection;

  private constructor(folder: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.folder = folder;
    this.#instance = instance;
    this.connection = connection;
  }

  /** @throws {ArchiveError} `not-an-archive` when the folder cannot be made or is a file */
  static async open(
    folder: string,
    limits: EngineLimits = DEFAULT_ENGINE_LIMITS,
  ): Promise<DuckDbArchive> {
    try {
      await mkdir(folder, { recursive: true });
    } catch (cause) {
      throw new ArchiveError('not-an-archive', `${folder} is no folder for an archive`, { cause });
    }
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: `${limits.memoryMiB}MiB`,
      threads: String(limits.threads),
      temp_directory: join(folder, '.spill'),
      preserve_insertion_order: 'false',
    });
    const connection = await instance.connect();
    const archive = new DuckDbArchive(folder, instance, connection);
    await archive.refresh();
    return archive;
  }

  /** Takes up partitions that were written since: a table without any is an empty one. */
  async refresh(): Promise<void> {
    for (const table of Object.keys(TABLES) as ArchiveTable[]) {
      await this.run(
        `CREATE OR REPLACE VIEW ${table} AS ${(await this.#holds(table)) ? this.#scan(table) : emptyTable(table)}`,
      );
    }
  }

  /**
   * Asks one question.
   *
   * @throws {ArchiveError} `bad-value`, or `engine-failed` with the engine's own words
   */
  async ask<Row extends AnswerRow = AnswerRow>(
    sql: string,
    values: QuestionValues = {},
  ): Promise<Row[]> {
    const filled = fillQuestion(sql, values);
    try {
      const reader = await this.connection.runAndReadAll(filled);
      return reader.getRowObjectsJS().map(plainRow) as Row[];
    } catch (cause) {
      throw engineFailed(cause, filled);
    }
  }

  /**
   * Writes the answer of a question as the table `calls`: its days replace those that were there.
   *
   * @returns how many calls there were
   */
  async writeCalls(sql: string, values: QuestionValues): Promise<number> {
    const target = join(this.folder, 'calls').replaceAll("'", "''");
    const filled = fillQuestion(sql, values);
    const columns = [...CALL_COLUMNS, ...PARTITION_COLUMNS].map(({ name }) => name).join(', ');
    await mkdir(join(this.folder, 'calls'), { recursive: true });
    const answer = await this.ask<{ Count: number }>(
      `COPY (SELECT ${columns} FROM (${filled})) TO '${target}'
       (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day, bucket), OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'calls_{i}')`,
    );
    await this.refresh();
    return answer[0]?.Count ?? 0;
  }

  /** Runs a statement without an answer. */
  async run(sql: string): Promise<void> {
    try {
      await this.connection.run(sql);
    } catch (cause) {
      throw engineFailed(cause, sql);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.closeSync();
    this.#instance.closeSync();
  }

  async #holds(table: ArchiveTable): Promise<boolean> {
    try {
      await stat(join(this.folder, table));
    } catch {
      // Nothing was ever written to it.
      return false;
    }
    const files = await this.ask<{ files: number }>(
      `SELECT count(*) AS files FROM glob('${this.#files(table)}')`,
    );
    return (files[0]?.files ?? 0) > 0;
  }

  #scan(table: ArchiveTable): string {
    const columns = [...TABLES[table], ...PARTITION_COLUMNS].map(({ name }) => name).join(', ');
    const types = PARTITION_COLUMNS.map(({ name, duckdb }) => `'${name}': ${duckdb}`).join(', ');
    return `SELECT ${columns} FROM read_parquet('${this.#files(table)}', hive_partitioning = true, hive_types = {${types}})`;
  }

  #files(table: ArchiveTable): string {
    return `${join(this.folder, table).replaceAll("'", "''")}/day=*/bucket=*/*.parquet`;
  }
}

function emptyTable(table: ArchiveTable): string {
  const columns = [...TABLES[table], ...PARTITION_COLUMNS].map(
    ({ name, duckdb }) => `CAST(NULL AS ${duckdb}) AS ${name}`,
  );
  return `SELECT ${columns.join(', ')} WHERE false`;
}

function plainRow(row: Readonly<Record<string, unknown>>): AnswerRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? Number(value) : (value as AnswerRow[string]),
    ]),
  );
}

function engineFailed(cause: unknown, sql: string): ArchiveError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new ArchiveError('engine-failed', `The archive could not answer: ${said}\n${sql}`, {
    cause,
  });
}
