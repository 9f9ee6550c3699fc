import { hash } from 'node:crypto';
import type { AnswerRow } from '../../lib/archive/duckdb-archive.ts';
import { fillQuestion, literal, type QuestionValues } from '../../lib/archive/question.ts';
import type { ListedNumber, NumberList, StudyArchive } from '../../lib/study/study-archive.ts';
import { LISTS_TABLE, type StudyTable } from '../../lib/study/study-tables.ts';
import type { StudyObjects } from '../adapters/study-objects.ts';

/** A statement that Athena is to run before the study can go on. */
export interface Statement {
  readonly key: string;
  readonly sql: string;
}

/** The study cannot go on before somebody has run this; it is begun again then. */
export class StatementNeeded extends Error {
  readonly code = 'STATEMENT_NEEDED';
  readonly statement: Statement;

  constructor(statement: Statement) {
    super(`the study waits for ${statement.key}`);
    this.name = 'StatementNeeded';
    this.statement = statement;
  }
}

export interface AthenaStudyPorts {
  readonly objects: StudyObjects;
  /** The SQL of a question. */
  readonly question: (name: string) => Promise<string>;
  /** Executions that succeeded, by the key of their statement. */
  readonly answers: Readonly<Record<string, string>>;
  readonly readAnswer: (executionId: string) => Promise<readonly AnswerRow[]>;
}

/** A state of Step Functions holds 256 KiB, and the statement is part of it. */
const NUMBERS_PER_STATEMENT = 2_000;
const HASH_LENGTH = 16;

const digest = (text: string): string => hash('sha256', text).slice(0, HASH_LENGTH);

/**
 * The study on AWS. Step Functions runs the statements, so that nobody pays for waiting: the study stops at the first
 * one that has no answer yet, and is begun again from the start with all answers so far. That is sound because a study
 * is a function of its answers.
 */
export class AthenaStudyArchive implements StudyArchive {
  private readonly ports: AthenaStudyPorts;
  /** Partitions of the numbers that a list consists of now. */
  private readonly lists = new Map<NumberList, readonly string[]>();
  /** Of the calls of days, as this turn sees them. */
  private readonly states = new Map<string, string>();

  constructor(ports: AthenaStudyPorts) {
    this.ports = ports;
  }

  days(): Promise<readonly string[]> {
    return this.ports.objects.days();
  }

  async stateOfCalls(day: string): Promise<string> {
    const state = await this.ports.objects.stateOfCalls(day);
    this.states.set(day, state);
    return state;
  }

  summarisedState(day: string): Promise<string | undefined> {
    return this.ports.objects.readMark(day);
  }

  markSummarised(day: string, state: string): Promise<void> {
    return this.ports.objects.writeMark(day, state);
  }

  async make(table: StudyTable, day: string, values: QuestionValues): Promise<void> {
    const sql = fillQuestion(await this.ports.question(table.question), values);
    const columns = table.columns.map(
      ({ name, duckdb }) => `CAST(${name} AS ${duckdb}) AS ${name}`,
    );
    await this.fill(
      table.name,
      `day=${day}`,
      `SELECT ${columns.join(', ')}, '${day}' AS day FROM (\n${sql}\n) AS answer`,
      this.states.get(day),
    );
  }

  async list(name: NumberList, numbers: readonly ListedNumber[]): Promise<void> {
    const rows = numbers.map(({ number, found }) => `(${literal('number', number)}, ${found})`);
    const parts: string[] = [];
    for (let first = 0; first < rows.length; first += NUMBERS_PER_STATEMENT) {
      const values = rows.slice(first, first + NUMBERS_PER_STATEMENT).join(', ');
      const part = digest(values);
      await this.fill(
        LISTS_TABLE.name,
        `list=${part}`,
        `SELECT number, found, '${part}' AS list FROM (VALUES ${values}) AS given(number, found)`,
      );
      parts.push(part);
    }
    this.lists.set(name, parts);
  }

  async ask<Row extends AnswerRow>(question: string, values: QuestionValues): Promise<Row[]> {
    const filled = fillQuestion(await this.ports.question(question), values);
    const sql = filled.replace(/\bFROM (study_known|study_shown)\b/g, (_, name: NumberList) =>
      this.readList(name),
    );
    const execution = this.executionOf({ key: `${question} ${digest(sql)}`, sql });
    return [...(await this.ports.readAnswer(execution))] as Row[];
  }

  private readList(name: NumberList): string {
    const parts = this.lists.get(name) ?? [];
    const named = parts.length === 0 ? ["'none'"] : parts.map((part) => `'${part}'`);
    return `FROM (SELECT number, found FROM ${LISTS_TABLE.name} WHERE list IN (${named.join(', ')})) AS ${name}`;
  }

  /** @param state of what is read, where it may change between two turns: another one is filled anew */
  private async fill(table: string, partition: string, select: string, state = ''): Promise<void> {
    const sql = `INSERT INTO ${table}\n${select}`;
    const key = `${table}/${partition} ${digest(sql + state)}`;
    if (this.ports.answers[key] !== undefined) return;
    await this.ports.objects.clear(table, partition);
    throw new StatementNeeded({ key, sql });
  }

  private executionOf(statement: Statement): string {
    const execution = this.ports.answers[statement.key];
    if (execution === undefined) throw new StatementNeeded(statement);
    return execution;
  }
}
