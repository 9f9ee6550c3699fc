import { startOfDay } from '../archive/archived-call.ts';
import type { AnswerRow } from '../archive/duckdb-archive.ts';
import type { StudyArchive } from './study-archive.ts';
import type { StudyResult, SubjectAtRisk } from './study-result.ts';
import type { StudyWindow } from './suspect.ts';

const HOURS = 24;

type VolumeRow = AnswerRow &
  Record<'hour' | 'district' | 'calls' | 'answered' | 'talk' | 'risky', number>;
type DayRow = AnswerRow & { day: string } & Record<
    'calls' | 'callers' | 'people' | 'risky_calls' | 'found',
    number
  >;

/** How much was telephoned, and how much of it by numbers in `study_known`, which must have been made. */
export async function answerVolume(
  archive: StudyArchive,
  { day, firstDay }: StudyWindow,
  utcOffsetMinutes: number,
  subjects: readonly SubjectAtRisk[],
): Promise<Pick<StudyResult, 'volume' | 'districts'>> {
  const rows = await archive.ask<VolumeRow>('volume', {
    day,
    startOfDay: startOfDay(day, utcOffsetMinutes),
  });
  const days = await archive.ask<DayRow>('days', { day, firstDay });
  const studied = days.at(-1);
  const total = (of: (row: VolumeRow) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  const byHour = (of: (row: VolumeRow) => number) =>
    Array.from({ length: HOURS }, (_, hour) =>
      rows.filter((row) => row.hour === hour).reduce((sum, row) => sum + of(row), 0),
    );
  return {
    volume: {
      calls: total(({ calls }) => calls),
      answered: total(({ answered }) => answered),
      callers: studied?.callers ?? 0,
      people: studied?.people ?? 0,
      talkSeconds: total(({ talk }) => talk),
      callsByHour: byHour(({ calls }) => calls),
      riskyCallsByHour: byHour(({ risky }) => risky),
      days: days.map((row) => ({
        day: row.day,
        calls: row.calls,
        riskyCalls: row.risky_calls,
        found: row.found,
      })),
    },
    districts: districtsOf(rows, subjects),
  };
}

function districtsOf(
  rows: readonly VolumeRow[],
  subjects: readonly SubjectAtRisk[],
): StudyResult['districts'] {
  const atRisk = Map.groupBy(subjects, ({ district }) => district);
  const calls = Map.groupBy(rows, ({ district }) => district);
  return [...new Set([...calls.keys(), ...atRisk.keys()])]
    .map((district) => {
      const own = calls.get(district) ?? [];
      return {
        district,
        calls: own.reduce((sum, row) => sum + row.calls, 0),
        riskyCalls: own.reduce((sum, row) => sum + row.risky, 0),
        peopleAtRisk: atRisk.get(district)?.length ?? 0,
      };
    })
    .toSorted((a, b) => b.calls - a.calls || a.district - b.district);
}
