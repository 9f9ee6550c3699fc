import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudyObjects } from '../../../functions/adapters/study-objects.ts';
import type { Statement } from '../../../functions/study-day/athena-study-archive.ts';
import {
  continueStudy,
  type StudyAnswer,
  type StudyPorts,
  type StudyTurn,
} from '../../../functions/study-day/continue-study.ts';
import { measureNight, type NightPorts } from '../../../functions/study-day/measure-night.ts';
import { startOfDay } from '../../../lib/archive/archived-call.ts';
import type { AnswerRow, DuckDbArchive } from '../../../lib/archive/duckdb-archive.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { TEXT_LANGUAGES } from '../../../lib/domain/policy.ts';
import { NEW_SUBJECT } from '../../../lib/domain/subject/subject-state.ts';
import { seededRandom } from '../../../lib/fitting/random.ts';
import { DuckDbStudyArchive } from '../../../lib/study/duckdb-study-archive.ts';
import { loadDefaultReference } from '../../../lib/study/measures/read-reference.ts';
import { readStudyQuestion } from '../../../lib/study/read-question.ts';
import { parseStudy } from '../../../lib/study/read-study.ts';
import { studyPage } from '../../../lib/study/report/study-page.ts';
import { wordsOf } from '../../../lib/study/report/words.ts';
import { studyDay } from '../../../lib/study/study-day.ts';
import type { StudyResult } from '../../../lib/study/study-result.ts';
import { LISTS_TABLE, STUDY_TABLES } from '../../../lib/study/study-tables.ts';
import { importRecords, simulatedTown, temporaryArchive } from '../../archive/simulated-archive.ts';

const DAY = '2026-11-24';
/** At the end of the day, epoch seconds. */
const MIDNIGHT = startOfDay(DAY, 480) + 86_400;
const policy = loadDefaultPolicy();
const reference = loadDefaultReference();

const warningsOf = (callers: readonly string[]) => ({
  callers: new Map(callers.map((number) => [number, 0])),
  people: { texted: [], heldOut: [] },
});

/** Runs statements as Athena would, in tables of one connection, and can fail half-way. */
class StatementRunner {
  readonly answers = new Map<string, readonly AnswerRow[]>();
  readonly run: string[] = [];
  private readonly archive: DuckDbArchive;
  readonly marks = new Map<string, string>();

  /** Of the calls of a day; they change when late ones come in. */
  stateOf = (day: string): string => `state of ${day}`;

  constructor(archive: DuckDbArchive) {
    this.archive = archive;
  }

  static async of(archive: DuckDbArchive): Promise<StatementRunner> {
    for (const { name, columns } of STUDY_TABLES) {
      const own = columns.map((column) => `${column.name} ${column.duckdb}`);
      await archive.run(`CREATE TABLE ${name} (${own.join(', ')}, day VARCHAR)`);
    }
    const given = LISTS_TABLE.columns.map(({ name, duckdb }) => `${name} ${duckdb}`);
    await archive.run(`CREATE TABLE ${LISTS_TABLE.name} (${given.join(', ')}, list VARCHAR)`);
    return new StatementRunner(archive);
  }

  readonly objects: StudyObjects = {
    days: async () => {
      const rows = await this.archive.ask<{ day: string }>(
        'SELECT DISTINCT day FROM calls ORDER BY day',
      );
      return rows.map(({ day }) => day);
    },
    stateOfCalls: async (day) => this.stateOf(day),
    readMark: async (day) => this.marks.get(day),
    writeMark: async (day, state) => void this.marks.set(day, state),
    readReference: async () => undefined,
    clear: async (table, partition) => {
      const [column, value] = partition.split('=');
      await this.archive.run(`DELETE FROM ${table} WHERE ${column} = '${value}'`);
    },
  };

  async execute({ key, sql }: Statement, fails: boolean): Promise<string> {
    this.run.push(key);
    const id = `execution-${this.run.length}`;
    this.answers.set(id, await this.archive.ask(sql));
    // What a failed statement wrote stays.
    if (fails) throw new Error('exhausted resources');
    return id;
  }
}

describe('a study run statement by statement', () => {
  let archive: DuckDbArchive;
  let expected: StudyResult;
  let known: readonly string[];

  beforeAll(async () => {
    archive = await temporaryArchive();
    await importRecords(archive, simulatedTown());
    const busiest = await archive.ask<{ caller: string }>(
      'SELECT caller FROM calls GROUP BY caller ORDER BY count(*) DESC, caller LIMIT 3',
    );
    known = busiest.map(({ caller }) => caller);
    expected = await studyDay(await DuckDbStudyArchive.open(archive), {
      day: DAY,
      policy,
      known,
      reference,
    });
    for (const { name } of STUDY_TABLES) await archive.run(`DROP VIEW ${name}`);
  });
  afterAll(() => archive?.[Symbol.asyncDispose]());

  const study = async (
    runner: StatementRunner,
    fails: () => boolean,
    changes: Partial<StudyPorts> = {},
  ): Promise<StudyResult[]> => {
    const published: StudyResult[] = [];
    const ports: StudyPorts = {
      objects: runner.objects,
      question: readStudyQuestion,
      readAnswer: async (id) => runner.answers.get(id) ?? [],
      policy: async () => policy,
      reference: async () => reference,
      warnings: async () => warningsOf(known),
      measure: async () => ({}),
      publish: async (result) => void published.push(result),
      feed: async ({ callers }) => ({ waiting: callers.length, listed: 0, refused: 0 }),
      ...changes,
    };
    let turn: StudyTurn = { day: DAY };
    for (;;) {
      // As the workflow hands it on.
      const answer = JSON.parse(JSON.stringify(await continueStudy(turn, ports))) as StudyAnswer;
      if (!('statement' in answer)) return published;
      turn = await runner
        .execute(answer.statement, fails())
        .then((id) => ({ ...answer, asked: { id } }))
        .catch((error: Error) => ({
          ...answer,
          failed: { Error: 'TaskFailed', Cause: error.message },
        }));
    }
  };
  const clean = async (): Promise<StatementRunner> => {
    for (const { name } of [...STUDY_TABLES, LISTS_TABLE]) {
      await archive.run(`DROP TABLE IF EXISTS ${name}`);
    }
    return StatementRunner.of(archive);
  };

  it('comes to what it comes to in a folder', async () => {
    const runner = await clean();
    expect(await study(runner, () => false)).toEqual([expected]);
    expect(new Set(runner.run).size).toBe(runner.run.length);
  });

  it('publishes what the calls and what officers and states tell, and reads states once', async () => {
    const texted = known.map((person) => ({ person, at: MIDNIGHT - 30 * 3_600 }));
    let reads = 0;
    const night: NightPorts = {
      cases: async () => [],
      caseNumbers: async () => [],
      campaigns: async () => [],
      states: async (people) => {
        reads++;
        return new Map(people.map((person) => [person, NEW_SUBJECT]));
      },
    };
    const [result] = await study(await clean(), () => false, {
      warnings: async () => ({ ...warningsOf(known), people: { texted, heldOut: [] } }),
      measure: (found, warnings) => measureNight(found, warnings, night),
    });
    expect(reads).toBe(1);
    const read = parseStudy(JSON.stringify(result), 'what was published');
    expect(read.measures).toMatchObject({ textEffect: { people: 3 }, precision: {} });
    expect(read.measures?.drift).toEqual(expected.measures?.drift);
    expect(read.measures?.drift?.callers).toBeGreaterThan(0);
    for (const language of TEXT_LANGUAGES) {
      const { sections, unknown } = wordsOf(language);
      const page = studyPage(read, language);
      for (const { title } of [sections.drift, sections.effect]) expect(page).toContain(title);
      for (const key of ['drift', 'textEffect'] as const) {
        expect(page).not.toContain(unknown.notMeasured[key]);
      }
    }
  });

  it('comes to the same where statements fail after they wrote', async () => {
    const random = seededRandom(7);
    const runner = await clean();
    let inARow = 0;
    const fails = () => {
      const failed = inARow < 2 && random() < 0.4;
      inARow = failed ? inARow + 1 : 0;
      return failed;
    };
    expect(await study(runner, fails)).toEqual([expected]);
    expect(new Set(runner.run).size).toBeLessThan(runner.run.length);
  });

  it('sums up a day again whose calls changed in the middle, and marks it by what it read', async () => {
    const undisturbed = await clean();
    await study(undisturbed, () => false);
    const runner = await clean();
    runner.stateOf = (day) => `${day} ${runner.run.length < 2 ? 'before' : 'after'}`;
    expect(await study(runner, () => false)).toEqual([expected]);
    expect(runner.run.length).toBe(undisturbed.run.length + 2);
    expect(new Set(runner.marks.values())).toEqual(
      new Set([...runner.marks.keys()].map((day) => `${day} after`)),
    );
  });

  it('is given up when a statement fails again and again', async () => {
    const runner = await clean();
    await expect(study(runner, () => true)).rejects.toThrow(/could not be answered: exhausted/);
  });

  it('needs less of a day that was studied before', async () => {
    const runner = await clean();
    await study(runner, () => false);
    const first = runner.run.length;
    await study(runner, () => false);
    expect(runner.run.length - first).toBeLessThan(first);
  });

  it('keeps what it hands on small enough for Step Functions', async () => {
    const runner = await clean();
    const tokens = Array.from({ length: 5_000 }, (_, i) => `1${String(i).padStart(22, 'A')}`);
    const ports: StudyPorts = {
      objects: runner.objects,
      question: readStudyQuestion,
      readAnswer: async (id) => runner.answers.get(id) ?? [],
      policy: async () => policy,
      reference: async () => reference,
      warnings: async () => warningsOf(tokens),
      measure: async () => ({}),
      publish: async () => undefined,
      feed: async () => ({ waiting: 0, listed: 0, refused: 0 }),
    };
    let turn: StudyTurn = { day: DAY };
    let most = 0;
    for (;;) {
      const answer = await continueStudy(turn, ports);
      most = Math.max(most, JSON.stringify(answer).length);
      if (!('statement' in answer)) break;
      turn = { ...answer, asked: { id: await runner.execute(answer.statement, false) } };
    }
    expect(most).toBeLessThan(256 * 1024);
  });
});
