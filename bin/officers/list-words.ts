import type { ListEntryView, ListVersionView, TakenBackView } from '../../lib/api/schemas.ts';
import { beginsAsFormula } from '../../lib/domain/plain-text.ts';
import { type Column, fittedTable } from '../terminal/fitted-table.ts';
import { localTime } from '../terminal/spoken-time.ts';

const ENTRY_COLUMNS: readonly Column[] = [
  { head: 'number' },
  { head: 'kind' },
  { head: 'from' },
  { head: 'why' },
  { head: 'by' },
  { head: 'added' },
  { head: 'until' },
  { head: 'entry', keep: true },
];

/** A list as a table. */
export function entriesInWords(entries: readonly ListEntryView[]): string {
  return fittedTable(
    ENTRY_COLUMNS,
    entries.map(({ at, by, id, kind, number, reason, reference, until }) => [
      number,
      kind ?? '',
      reference,
      reason,
      by,
      localTime(at),
      localTime(until),
      id,
    ]),
  );
}

/** Every change of a list as a table, the oldest first. */
export function versionsInWords(versions: readonly ListVersionView[]): string {
  return fittedTable(
    [
      { head: 'version', align: 'right' },
      { head: 'when' },
      { head: 'what' },
      { head: 'number' },
      { head: 'from' },
      { head: 'why' },
      { head: 'by' },
    ],
    versions.map(({ act, at, by, number, reason, reference, version }) => [
      String(version),
      localTime(at),
      act,
      number,
      reference,
      reason,
      by,
    ]),
  );
}

/** What was taken back, in sentences. */
export function takenBackInWords({ cases, complete, sent, withdrawn }: TakenBackView): string {
  return [
    `${withdrawn} texts were taken back before they went out; ${sent} had been sent.`,
    ...(cases.length === 0
      ? []
      : [
          `${cases.length} cases were opened because of it; close them by hand: ${cases.join(', ')}`,
        ]),
    ...(complete ? [] : ['There were more decisions than could be looked through.']),
  ].join('\n');
}

const csvCell = (value: string | number | undefined): string => {
  const text = String(value ?? '');
  // What a spreadsheet would run as a formula is shown as text.
  const safe = beginsAsFormula(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const isoTime = (at: number | undefined) => (at === undefined ? '' : new Date(at).toISOString());

/** A list as CSV, for spreadsheets. */
export function entriesAsCsv(entries: readonly ListEntryView[]): string {
  const rows = entries.map(({ at, by, id, kind, number, reason, reference, until, version }) => [
    id,
    number,
    kind,
    reference,
    reason,
    by,
    isoTime(at),
    isoTime(until),
    version,
  ]);
  const header = [
    'entry',
    'number',
    'kind',
    'reference',
    'reason',
    'by',
    'added',
    'until',
    'version',
  ];
  return [header, ...rows].map((row) => row.map(csvCell).join(',')).join('\n');
}
