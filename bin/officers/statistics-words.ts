import type { Statistics } from '../../lib/api/schemas.ts';
import { reasonInWords } from '../../lib/domain/explain/reason-words.ts';
import { CASE_TIERS } from '../../lib/domain/ladder/ladder-policy.ts';
import { bar } from '../terminal/bars.ts';
import { type Column, fittedTable } from '../terminal/fitted-table.ts';
import { localTime } from '../terminal/spoken-time.ts';

/** The figures of a centre as tables and bars. */
export function statisticsInWords(statistics: Statistics): string {
  const { at, closed, closedDays, complete, dueSoon, medianMinutes, open, outcomes } = statistics;
  const days = `of the cases opened in ${closedDays} days`;
  return [
    `As of ${localTime(at)}${complete ? '' : ' (not all cases were counted: there are too many)'}`,
    `Open: ${dueSoon} tasks due within ten minutes, ${statistics.overdue} overdue, ` +
      `${statistics.watching} cases watched`,
    barsOf(
      'tier',
      'cases',
      CASE_TIERS.map((tier) => [tier, open[tier]] as const),
    ),
    `Outcomes ${days}: ${closed} closed`,
    barsOf('outcome', 'cases', largestFirst(outcomes)),
    'Minutes from the offer of a task until somebody reported, median',
    barsOf('step', 'minutes', Object.entries(medianMinutes)),
    'Tasks offered in the last 24 hours',
    workOf(statistics.work),
    `Precision by tier, ${days}`,
    precisionOf('tier', statistics.precisionByTier, (tier) => tier),
    `Precision by what weighed most, ${days}`,
    precisionOf('reason', statistics.precisionByReason, (id) =>
      reasonInWords(id, undefined, undefined, 'en'),
    ),
    `Precision by the kind that a text named, ${days}`,
    precisionOf('kind', statistics.precisionByText, (kind) => kind),
  ].join('\n');
}

function largestFirst(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).sort(([, a], [, b]) => b - a);
}

function barsOf(
  what: string,
  unit: string,
  values: readonly (readonly [string, number])[],
): string {
  if (values.length === 0) return 'none';
  const largest = Math.max(...values.map(([, value]) => value));
  const columns: Column[] = [
    { head: what, keep: true },
    { head: unit, align: 'right' },
  ];
  return fittedTable(
    [...columns, { head: '' }],
    values.map(([name, value]) => [name, Math.round(value * 10) / 10, bar(value, largest)]),
  );
}

function workOf(work: Statistics['work']): string {
  if (work.length === 0) return 'none';
  const figure = (value: number | null) => value ?? '';
  return fittedTable(
    [
      { head: 'step', keep: true },
      { head: 'offered', align: 'right' },
      { head: 'done', align: 'right' },
      { head: 'late', align: 'right' },
      { head: 'median minutes', align: 'right' },
      { head: 'nine of ten by', align: 'right' },
    ],
    work.map((each) => [
      each.step,
      each.opened,
      each.done,
      each.overdue,
      figure(each.medianMinutes),
      figure(each.ninetiethMinutes),
    ]),
  );
}

function precisionOf(
  what: string,
  precisions: Statistics['precisionByTier'],
  nameOf: (id: string) => string,
): string {
  const rows = Object.entries(precisions)
    .sort(([, a], [, b]) => b.right + b.wrong - (a.right + a.wrong))
    .map(([id, { precision, right, wrong }]) => [
      nameOf(id),
      right,
      wrong,
      precision === null ? '' : `${(precision * 100).toFixed(1)} %`,
      bar(precision ?? 0, 1),
    ]);
  if (rows.length === 0) return 'none';
  return fittedTable(
    [
      { head: what, keep: true },
      { head: 'right', align: 'right' },
      { head: 'wrong', align: 'right' },
      { head: 'precision', align: 'right' },
      { head: '' },
    ],
    rows,
  );
}
