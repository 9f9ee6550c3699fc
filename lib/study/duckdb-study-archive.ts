import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AnswerRow,
  type DuckDbArchive,
  emptyRows,
  unlessAbsent,
} from '../archive/duckdb-archive.ts';
import { fillQuestion, type QuestionValues } from '../archive/question.ts';
import { readStudyQuestion } from './read-question.ts';
import {
  type ListedNumber,
  NUMBER_LISTS,
  type NumberList,
  type StudyArchive,
} from './study-archive.ts';
import { STUDY_TABLES, type StudyTable } from './study-tables.ts';

const DAY_COLUMN = { name: 'day', duckdb: 'VARCHAR' } as const;

const quoted = (path: string) => path.replaceAll("'", "''");

/** The study's tables and lists beside an archive in a folder. */
export class DuckDbStudyArchive implements StudyArchive {
  private readonly archive: DuckDbArchive;

  private constructor(archive: DuckDbArchive) {
    this.archive = archive;
  }

  /** Takes up the partitions of the study's tables as they are now; a table without any is an empty one. */
  static async open(archive: DuckDbArchive): Promise<DuckDbStudyArchive> {
    const opened = new DuckDbStudyArchive(archive);
    for (const table of STUDY_TABLES) await archive.run(await opened.viewOf(table));
    for (const list of NUMBER_LISTS) await opened.list(list, []);
    return opened;
  }

  days(): Promise<readonly string[]> {
    return this.archive.days();
  }

  async stateOfCalls(day: string): Promise<string> {
    const hash = createHash('sha256').update(STUDY_TABLES.map(({ name }) => name).join());
    const folder = this.partitionOf('calls', day);
    const files = await readdir(folder, { recursive: true });
    for (const file of files.filter((name) => name.endsWith('.parquet')).toSorted()) {
      const { size, mtimeMs } = await stat(join(folder, file));
      hash.update(`${file} ${size} ${mtimeMs}\n`);
    }
    return hash.digest('hex');
  }

  summarisedState(day: string): Promise<string | undefined> {
    return readFile(this.markOf(day), 'utf8').catch(unlessAbsent);
  }

  markSummarised(day: string, state: string): Promise<void> {
    return writeFile(this.markOf(day), state);
  }

  async make(table: StudyTable, day: string, values: QuestionValues): Promise<void> {
    const folder = this.partitionOf(table.name, day);
    await mkdir(folder, { recursive: true });
    const columns = table.columns.map(
      ({ name, duckdb }) => `CAST(${name} AS ${duckdb}) AS ${name}`,
    );
    const sql = fillQuestion(await readStudyQuestion(table.question), values);
    const partial = join(folder, '.partial');
    await this.archive.run(
      `COPY (SELECT ${columns.join(', ')} FROM (${sql}) AS answer) TO '${quoted(partial)}'
       (FORMAT parquet, COMPRESSION zstd)`,
    );
    await rename(partial, join(folder, 'rows.parquet'));
    await this.archive.run(await this.viewOf(table));
  }

  /** In a table of this connection. */
  async list(name: NumberList, numbers: readonly ListedNumber[]): Promise<void> {
    await this.archive.run(`CREATE OR REPLACE TEMP TABLE ${name} (number VARCHAR, found BOOLEAN)`);
    const appender = await this.archive.connection.createAppender(name, null, 'temp');
    for (const { number, found } of numbers) {
      appender.appendVarchar(number);
      appender.appendBoolean(found);
      appender.endRow();
    }
    appender.closeSync();
  }

  async ask<Row extends AnswerRow>(question: string, values: QuestionValues): Promise<Row[]> {
    return this.archive.ask<Row>(await readStudyQuestion(question), values);
  }

  private partitionOf(table: string, day: string): string {
    return join(this.archive.folder, table, `day=${day}`);
  }

  private markOf(day: string): string {
    return join(this.partitionOf('study_pairs', day), '.calls');
  }

  private async viewOf({ name, columns }: StudyTable): Promise<string> {
    const days = (await readdir(join(this.archive.folder, name)).catch(unlessAbsent)) ?? [];
    const whole: string[] = [];
    for (const day of days.toSorted()) {
      const file = join(this.archive.folder, name, day, 'rows.parquet');
      if ((await stat(file).catch(unlessAbsent)) !== undefined) whole.push(`'${quoted(file)}'`);
    }
    const all = [...columns, DAY_COLUMN];
    if (whole.length === 0) return `CREATE OR REPLACE VIEW ${name} AS ${emptyRows(all)}`;
    return `CREATE OR REPLACE VIEW ${name} AS SELECT ${all.map((column) => column.name).join(', ')}
      FROM read_parquet([${whole.join(', ')}], hive_partitioning = true, hive_types = {'day': VARCHAR})`;
  }
}
