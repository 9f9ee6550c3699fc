import type { Policy } from '../../lib/domain/policy.ts';
import type { FeatureReference } from '../../lib/study/measures/drift.ts';
import type { StudyMeasures } from '../../lib/study/measures/study-measures.ts';
import { studyDay } from '../../lib/study/study-day.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';
import { StudyStatementError } from '../adapters/errors.ts';
import {
  AthenaStudyArchive,
  type AthenaStudyPorts,
  type Statement,
  StatementNeeded,
} from './athena-study-archive.ts';
import type { FedFindings } from './feed-findings.ts';
import type { LiveWarnings } from './live-warnings.ts';

/** What the workflow hands from one turn to the next. */
export interface StudyTurn {
  /** Local day, YYYY-MM-DD. */
  readonly day: string;
  /** Executions that succeeded, by the key of their statement. */
  readonly answers?: Readonly<Record<string, string>>;
  /** The statement that was run last, and what became of it. */
  readonly statement?: Statement;
  readonly asked?: { readonly id: string };
  readonly failed?: { readonly Error?: string; readonly Cause?: string };
  /** Failures of this statement in a row. */
  readonly failures?: number;
}

export type StudyAnswer =
  | (Required<Pick<StudyTurn, 'day' | 'answers' | 'statement'>> & Pick<StudyTurn, 'failures'>)
  | {
      readonly day: string;
      readonly found: { readonly [what: string]: number };
      readonly fed: FedFindings;
    };

export interface StudyPorts extends Omit<AthenaStudyPorts, 'answers'> {
  readonly policy: () => Promise<Policy>;
  /** What the features of the day's callers are compared with; undefined where there is nothing that can be used. */
  readonly reference: () => Promise<FeatureReference | undefined>;
  /** What was decided live by the end of a day. */
  readonly warnings: (day: string) => Promise<LiveWarnings>;
  /** What became of warnings, cases and campaigns. */
  readonly measure: (result: StudyResult, warnings: LiveWarnings) => Promise<StudyMeasures>;
  /** Keeps the result, in place of that of an earlier study of the day. */
  readonly publish: (result: StudyResult) => Promise<void>;
  /** Hands what was found to whoever reviews it, or lists it by itself, as the policy says. */
  readonly feed: (result: StudyResult, policy: Policy) => Promise<FedFindings>;
}

const MOST_FAILURES = 3;

/**
 * One turn of a study: goes as far as there are answers, and says which statement is to be run next; or ends it.
 *
 * @throws {StudyStatementError} when a statement fails again and again
 */
export async function continueStudy(turn: StudyTurn, ports: StudyPorts): Promise<StudyAnswer> {
  const { day } = turn;
  const failures = failuresOf(turn);
  const answers = { ...turn.answers, ...newAnswer(turn) };
  const archive = new AthenaStudyArchive({ ...ports, answers });
  try {
    const policy = await ports.policy();
    const warnings = await ports.warnings(day);
    const known = [...warnings.callers.keys()];
    const reference = await ports.reference();
    const result = await studyDay(archive, { day, policy, reference, known });
    const measures = { ...result.measures, ...(await ports.measure(result, warnings)) };
    await ports.publish({ ...result, measures });
    const fed = await ports.feed(result, policy);
    const { callers, groups, subjects } = result;
    return {
      day,
      found: { callers: callers.length, groups: groups.length, subjects: subjects.length },
      fed,
    };
  } catch (error) {
    if (!(error instanceof StatementNeeded)) throw error;
    return { day, answers, statement: error.statement, ...(failures > 0 && { failures }) };
  }
}

function newAnswer({ asked, failed, statement }: StudyTurn): Readonly<Record<string, string>> {
  return statement === undefined || asked === undefined || failed !== undefined
    ? {}
    : { [statement.key]: asked.id };
}

function failuresOf({ failed, failures = 0, statement }: StudyTurn): number {
  if (failed === undefined) return 0;
  if (failures + 1 >= MOST_FAILURES) {
    throw new StudyStatementError(statement?.key ?? '', failed.Cause ?? failed.Error ?? '');
  }
  return failures + 1;
}
