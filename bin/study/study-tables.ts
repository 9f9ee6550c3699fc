import type { TextLanguage } from '../../lib/domain/policy.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';
import { kindInWords, mainEvidenceInWords } from '../../lib/study/study-words.ts';
import { fittedTable } from '../terminal/fitted-table.ts';

const SHOWN = 30;

/** What a study came to, as people read it. */
export function studyTables(result: StudyResult, language: TextLanguage, seconds: number): string {
  const { volume, day } = result;
  const count = (value: number) => value.toLocaleString('en');
  return [
    `${day}: ${count(volume.calls)} calls of ${count(volume.callers)} callers; studied in ${seconds.toFixed(1)} s.`,
    ...callers(result, language),
    ...groups(result, language),
    ...subjects(result, language),
  ].join('\n');
}

function callers({ callers: found }: StudyResult, language: TextLanguage): string[] {
  if (found.length === 0) return ['\nNo caller was found that live thresholds do not show.'];
  const rows = found
    .slice(0, SHOWN)
    .map(({ number, kind, points, contacts, calls, talkSeconds, evidence }) => [
      number,
      kindInWords(kind, language),
      points.toFixed(1),
      contacts,
      calls,
      Math.round(talkSeconds / 60),
      mainEvidenceInWords(evidence, language),
    ]);
  return [
    heading('Callers', found.length),
    fittedTable(
      [
        { head: 'number', keep: true },
        { head: 'found as' },
        { head: 'points', align: 'right' },
        { head: 'contacts', align: 'right' },
        { head: 'calls', align: 'right' },
        { head: 'min', align: 'right' },
        { head: 'because' },
      ],
      rows,
    ),
  ];
}

function groups({ groups: found }: StudyResult, language: TextLanguage): string[] {
  if (found.length === 0) return [];
  const rows = found
    .slice(0, SHOWN)
    .map(({ id, kind, numbers, points, evidence }) => [
      id,
      kindInWords(kind, language),
      numbers.length,
      points.toFixed(1),
      mainEvidenceInWords(evidence, language, 4),
    ]);
  return [
    heading('Groups', found.length),
    fittedTable(
      [
        { head: 'group' },
        { head: 'found as' },
        { head: 'numbers', align: 'right' },
        { head: 'points', align: 'right' },
        { head: 'because' },
      ],
      rows,
    ),
  ];
}

function subjects({ subjects: found }: StudyResult, language: TextLanguage): string[] {
  if (found.length === 0) return [];
  const rows = found
    .slice(0, SHOWN)
    .map(({ number, points, callers: by, evidence }) => [
      number,
      points.toFixed(1),
      by.length,
      mainEvidenceInWords(evidence, language),
    ]);
  return [
    heading('People at risk', found.length),
    fittedTable(
      [
        { head: 'number', keep: true },
        { head: 'points', align: 'right' },
        { head: 'callers', align: 'right' },
        { head: 'because' },
      ],
      rows,
    ),
  ];
}

function heading(what: string, count: number): string {
  return `\n${what}: ${count}${count > SHOWN ? `, the first ${SHOWN}` : ''}`;
}
