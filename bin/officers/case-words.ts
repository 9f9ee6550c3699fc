import type { CaseDetail, CaseView, TimelineEventView } from '../../lib/api/schemas.ts';
import { explainEpisode, type ReadableSum } from '../../lib/domain/explain/explain-decision.ts';
import { reasonInWords } from '../../lib/domain/explain/reason-words.ts';
import { type Column, fittedTable } from '../terminal/fitted-table.ts';
import { pairs } from '../terminal/pairs.ts';
import { fromNow, localTime } from '../terminal/spoken-time.ts';
import { tasksInWords } from './task-words.ts';

const COLUMNS: readonly Column[] = [
  { head: 'opened' },
  { head: 'tier' },
  { head: 'state' },
  { head: 'kind' },
  { head: 'subject' },
  { head: 'district' },
  { head: 'next due' },
  { head: 'officer' },
  { head: 'case', keep: true },
];

/** Cases as a table. @param now epoch ms */
export function casesInWords(cases: readonly CaseView[], now: number): string {
  return fittedTable(
    COLUMNS,
    cases.map((one) => [
      localTime(one.openedAt),
      one.tier,
      one.state === 'closed' ? (one.outcome ?? one.state) : one.state,
      one.kind,
      one.subject,
      one.district,
      nextDue(one, now),
      one.lastOfficer ?? '',
      one.caseId,
    ]),
  );
}

function nextDue({ openSteps, watchUntil }: CaseView, now: number): string {
  const [first] = [...openSteps].sort((a, b) => a.dueAt - b.dueAt);
  if (first !== undefined) return `${first.step} ${fromNow(first.dueAt - now)}`;
  return watchUntil === undefined ? '' : `watched, ends ${fromNow(watchUntil - now)}`;
}

/** A case as a page to read. @param now epoch ms */
export function caseInWords(detail: CaseDetail, now: number): string {
  const { exposures, grounds, tasks, texts, timeline } = detail;
  return [
    caseHeadInWords(detail.case, now),
    grounds === undefined ? undefined : section('Grounds', groundsInWords(grounds)),
    section('Risky calls', exposures.length === 0 ? undefined : exposuresInWords(exposures)),
    section('Texts', texts.length === 0 ? undefined : textsInWords(texts)),
    section('Tasks', tasks.length === 0 ? undefined : tasksInWords(tasks, now)),
    section('Timeline', timeline.map(eventInWords).join('\n')),
  ]
    .filter((part) => part !== undefined)
    .join('\n\n');
}

function section(title: string, content: string | undefined): string {
  return `${title}\n${content === undefined || content === '' ? 'none' : content}`;
}

/** What a case is and where it stands. @param now epoch ms */
export function caseHeadInWords(one: CaseView, now: number): string {
  const { closedAt, openSteps, outcome, watchUntil } = one;
  const steps = openSteps.map(({ dueAt, step }) => `${step} due ${fromNow(dueAt - now)}`);
  return pairs([
    ['case', one.caseId],
    ['subject', one.subject],
    ['tier', one.tier],
    ['state', one.state],
    ['kind', one.kind],
    ['district', one.district],
    [
      'opened',
      `${localTime(one.openedAt)} by ${one.openedBy}${one.openedBy === 'policy' ? ` ${one.policyVersion}` : ''}`,
    ],
    ['reopened', one.reopened === 0 ? undefined : timesOf(one.reopened)],
    ['now', steps.join(', ')],
    ['watched', watchUntil === undefined ? undefined : `until ${localTime(watchUntil)}`],
    ['last officer', one.lastOfficer],
    ['outcome', outcome],
    ['closed', closedAt === undefined ? undefined : localTime(closedAt)],
  ]);
}

function timesOf(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

type Grounds = NonNullable<CaseDetail['grounds']>;

function groundsInWords(grounds: Grounds): string {
  const { calls, decidedAt, kind, minutes, policyVersion, reasons, tier } = grounds;
  const callers = reasons.map(
    ({ id, points }) => `  ${signed(points)}  ${reasonInWords(id, undefined, undefined, 'en')}`,
  );
  return [
    `${tier}, ${kind}, decided ${localTime(decidedAt)} by policy ${policyVersion}: ` +
      `${calls} risky ${calls === 1 ? 'call' : 'calls'}, ${Math.round(minutes)} min on the line`,
    sumInWords(explainEpisode(grounds, 'en')),
    ...(callers.length === 0 ? [] : [`What spoke most against the caller:\n${callers.join('\n')}`]),
  ].join('\n');
}

function sumInWords({ lines, points, probability }: ReadableSum): string {
  return fittedTable(
    [{ head: 'what was weighed' }, { head: 'points', align: 'right' }],
    [
      ...lines.map((line) => [line.words, signed(line.points)]),
      [`sum: deceived with a probability of ${(probability * 100).toFixed(1)} %`, signed(points)],
    ],
  );
}

function signed(points: number): string {
  return `${points >= 0 ? '+' : ''}${points.toFixed(2)}`;
}

function exposuresInWords(exposures: CaseDetail['exposures']): string {
  return fittedTable(
    [{ head: 'began' }, { head: 'length' }, { head: 'caller' }, { head: 'kind' }],
    exposures.map(({ answered, at, caller, kind, seconds }) => [
      localTime(at),
      lengthOf(seconds, answered),
      caller,
      kind ?? '',
    ]),
  );
}

function lengthOf(seconds: number, answered: boolean): string {
  if (!answered) return 'not answered';
  if (seconds < 0) return 'on the line now';
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function textsInWords(texts: CaseDetail['texts']): string {
  return fittedTable(
    [{ head: 'decided' }, { head: 'state' }, { head: 'settled' }, { head: 'why' }],
    texts.map(({ decidedAt, delivery, reason, settledAt, state }) => [
      localTime(decidedAt),
      delivery === undefined ? state : `${state}, ${delivery}`,
      settledAt === undefined ? '' : localTime(settledAt),
      reason ?? '',
    ]),
  );
}

/** Details that hold a time, in epoch ms. */
const TIMES: ReadonlySet<string> = new Set(['dueAt', 'offerAt', 'until', 'at']);

/** One line of a timeline. */
export function eventInWords({ at, by, details, kind, step, taskId }: TimelineEventView): string {
  const told = Object.entries(details).map(([name, value]) => {
    const isTime = TIMES.has(name) && typeof value === 'number';
    return `${name} ${isTime ? localTime(value) : value}`;
  });
  const what = [kind, step, taskId === undefined ? undefined : `(${taskId})`];
  const line = what.filter((part) => part !== undefined).join(' ');
  return `${localTime(at)}  ${line}, by ${by}${told.length === 0 ? '' : `: ${told.join(', ')}`}`;
}
