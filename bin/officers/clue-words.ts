import type { ClueFindingView, ClueView } from '../../lib/api/schemas.ts';
import { CLUES_TERM } from '../../lib/domain/listing/added-points.ts';
import { type Column, fittedTable } from '../terminal/fitted-table.ts';
import { localTime } from '../terminal/spoken-time.ts';

const CLUE_COLUMNS: readonly Column[] = [
  { head: 'reported' },
  { head: 'kind' },
  { head: 'happened' },
  { head: 'text' },
  { head: 'reference', keep: true },
];

/** What people reported, as a table. */
export function cluesInWords(clues: readonly ClueView[]): string {
  return fittedTable(
    CLUE_COLUMNS,
    clues.map(({ at, kind, reference, text, when }) => [
      localTime(at),
      kind,
      localTime(when),
      text,
      reference,
    ]),
  );
}

const FINDING_COLUMNS: readonly Column[] = [
  { head: 'found' },
  { head: 'number' },
  { head: 'kind' },
  { head: 'points', align: 'right' },
  { head: 'of clues', align: 'right' },
  { head: 'until' },
  { head: 'token', keep: true },
];

/** Numbers that only clues led to, as a table. */
export function clueFindingsInWords(findings: readonly ClueFindingView[]): string {
  return fittedTable(
    FINDING_COLUMNS,
    findings.map(({ at, kind, number, points, terms, token, until }) => [
      localTime(at),
      number,
      kind,
      points.toFixed(2),
      (terms.find(({ id }) => id === CLUES_TERM)?.points ?? 0).toFixed(2),
      localTime(until),
      token,
    ]),
  );
}
