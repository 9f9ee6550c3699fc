import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, StatementType } from '@duckdb/node-api';
import {
  type ArchiveColumn,
  CALL_COLUMNS,
  PARTITION_COLUMNS,
  RECORD_COLUMNS,
} from './archived-call.ts';
import { ArchiveError } from './errors.ts';
import { fillQuestion, type QuestionValues } from './question.ts';

/** How much of the machine the embedded engine may take. */
export interface EngineLimits {
  readonly memoryMiB: number;
  readonly threads: number;
}

export const DEFAULT_ENGINE_LIMITS: EngineLimits = { memoryMiB: 1_024, threads: 2 };

/** Begins the names of folders that are still written to; what an interruption left of one can be removed. */
const UNFINISHED = '.unfinished-';
const DAY_FOLDER = 'day=';
const DAY_FOLDER_NAME = /^day=\d{4}-\d\d-\d\d$/;

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
      // Nothing is fetched from anywhere: all that an archive needs is built in.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const connection = await instance.connect();
    // As Athena divides: whole numbers by whole numbers give a whole number.
    await connection.run('SET integer_division = true');
    const archive = new DuckDbArchive(folder, instance, connection);
    await archive.refresh();
    return archive;
  }

  /** Takes up partitions that were written since: a table without any is an empty one. */
  async refresh(): Promise<void> {
    for (const table of Object.keys(TABLES) as ArchiveTable[]) {
      await this.run(
        `CREATE OR REPLACE VIEW ${table} AS ${(await this.#holds(table)) ? this.#scan(table) : emptyRows([...TABLES[table], ...PARTITION_COLUMNS])}`,
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
   * Keeps this process to the archive's folder from now on: what is asked can read and write no other file, and cannot
   * undo it. For questions of others than this product.
   */
  async confine(): Promise<void> {
    await this.run(`SET allowed_directories = ['${this.#quoted('')}']`);
    await this.run('SET enable_external_access = false');
    await this.run('SET lock_configuration = true');
  }

  /**
   * Asks a question that may only read.
   *
   * @throws {ArchiveError} `bad-question` when it is not one statement that reads
   */
  async askReading(sql: string, values: QuestionValues = {}): Promise<AnswerRow[]> {
    const filled = fillQuestion(sql, values);
    try {
      if (!(await this.#reads(filled)))
        throw new ArchiveError('bad-question', 'A question is one SELECT, and no more.');
    } catch (cause) {
      throw cause instanceof ArchiveError ? cause : engineFailed(cause, filled);
    }
    return this.ask(sql, values);
  }

  /**
   * Writes the answer of a question as the table `calls`. Each of its days replaces that day as it was, whole: whoever
   * reads meanwhile, or after an interruption, finds a day as it was or as it is now.
   *
   * @throws {ArchiveError} `day-there` when it would replace a day and may not; nothing has changed then
   */
  async writeCalls(
    sql: string,
    values: QuestionValues,
    mayReplace = true,
  ): Promise<{ readonly calls: number; readonly days: readonly string[] }> {
    const filled = fillQuestion(sql, values);
    const columns = [...CALL_COLUMNS, ...PARTITION_COLUMNS].map(({ name }) => name).join(', ');
    const unfinished = `${UNFINISHED}${randomUUID()}`;
    await mkdir(join(this.folder, unfinished), { recursive: true });
    try {
      const answer = await this.ask<{ Count: number }>(
        `COPY (SELECT ${columns} FROM (${filled})) TO '${this.#quoted(unfinished)}'
         (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day, bucket), OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'calls_{i}')`,
      );
      const days = (await readdir(join(this.folder, unfinished))).map(dayOfFolder).sort();
      if (!mayReplace) await this.#refuseToReplace(days);
      await this.#takeDaysFrom(unfinished, days);
      return { calls: answer[0]?.Count ?? 0, days };
    } finally {
      await rm(join(this.folder, unfinished), { recursive: true, force: true });
      await this.refresh();
    }
  }

  /** The days that the table `calls` holds, in order. */
  async days(): Promise<readonly string[]> {
    const folders = (await readdir(join(this.folder, 'calls')).catch(unlessAbsent)) ?? [];
    return folders
      .filter((name) => DAY_FOLDER_NAME.test(name))
      .map(dayOfFolder)
      .sort();
  }

  async #refuseToReplace(days: readonly string[]): Promise<void> {
    const there = new Set(await this.days());
    const both = days.filter((day) => there.has(day));
    if (both.length === 0) return;
    throw new ArchiveError('day-there', `The archive has calls of ${both.join(', ')} already.`);
  }

  async #takeDaysFrom(unfinished: string, days: readonly string[]): Promise<void> {
    const calls = join(this.folder, 'calls');
    await mkdir(calls, { recursive: true });
    for (const day of days) {
      const folder = `${DAY_FOLDER}${day}`;
      // A folder cannot be put in the place of one that holds files.
      const before = join(this.folder, unfinished, `before-${day}`);
      await rename(join(calls, folder), before).catch(unlessAbsent);
      await rename(join(this.folder, unfinished, folder), join(calls, folder));
    }
  }

  async #reads(sql: string): Promise<boolean> {
    const statements = await this.connection.extractStatements(sql);
    if (statements.count !== 1) return false;
    const prepared = await statements.prepare(0);
    const reads = prepared.statementType === StatementType.SELECT;
    prepared.destroySync();
    return reads;
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
    // What means something in a pattern means itself in brackets.
    return `${this.#quoted(table).replaceAll(/[*?[]/g, '[$&]')}/day=*/bucket=*/*.parquet`;
  }

  /** A path below the archive, for a literal. */
  #quoted(below: string): string {
    return join(this.folder, below).replaceAll("'", "''");
  }
}

function dayOfFolder(folder: string): string {
  return folder.slice(DAY_FOLDER.length);
}

/** Nothing where there is no such file or folder. @throws what it is given, for any other reason */
export function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

/** What a table without files is selected from. */
export function emptyRows(columns: readonly Pick<ArchiveColumn, 'duckdb' | 'name'>[]): string {
  const nothing = columns.map(({ name, duckdb }) => `CAST(NULL AS ${duckdb}) AS ${name}`);
  return `SELECT ${nothing.join(', ')} WHERE false`;
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
