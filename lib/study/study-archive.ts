import type { AnswerRow } from '../archive/duckdb-archive.ts';
import type { QuestionValues } from '../archive/question.ts';
import type { NumberToken } from '../domain/leg.ts';
import type { StudyTable } from './study-tables.ts';

/** Numbers that a study hands to its questions: those that are risky, and those whose home is asked for. */
export const NUMBER_LISTS = ['study_known', 'study_shown'] as const;
export type NumberList = (typeof NUMBER_LISTS)[number];

export interface ListedNumber {
  readonly number: NumberToken;
  /** Found by the study itself. */
  readonly found: boolean;
}

/** What a study asks of the archive, in a folder or on AWS. */
export interface StudyArchive {
  /** Days that have calls, in order. */
  days(): Promise<readonly string[]>;
  /** Changes whenever the calls of a day do. */
  stateOfCalls(day: string): Promise<string>;
  /** The state of the calls that a day's summaries were made of; undefined when there are none. */
  summarisedState(day: string): Promise<string | undefined>;
  markSummarised(day: string, state: string): Promise<void>;
  /** Makes a table's partition of a day, in place of what was there. */
  make(table: StudyTable, day: string, values: QuestionValues): Promise<void>;
  /** Gives a list of numbers, in place of the one before. */
  list(name: NumberList, numbers: readonly ListedNumber[]): Promise<void>;
  /** Asks one of the study's questions. */
  ask<Row extends AnswerRow>(question: string, values: QuestionValues): Promise<Row[]>;
}
