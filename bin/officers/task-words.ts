import type { TaskView } from '../../lib/api/schemas.ts';
import { type Column, fittedTable } from '../terminal/fitted-table.ts';
import { pairs } from '../terminal/pairs.ts';
import { fromNow, localTime, span } from '../terminal/spoken-time.ts';

const COLUMNS: readonly Column[] = [
  { head: 'due' },
  { head: 'tier' },
  { head: 'step' },
  { head: 'kind' },
  { head: 'subject' },
  { head: 'whose' },
  { head: 'task', keep: true },
];

/** Tasks as a table. @param now epoch ms */
export function tasksInWords(tasks: readonly TaskView[], now: number): string {
  return fittedTable(
    COLUMNS,
    tasks.map((task) => [
      dueInWords(task, now),
      task.tier,
      task.attempt > 1 ? `${task.step} (${task.attempt})` : task.step,
      task.kind,
      task.subject,
      holderOf(task, now),
      task.taskId,
    ]),
  );
}

/** A call to be dialled later stands on its queue from the beginning. */
function dueInWords({ assignedAt, closed, dueAt }: TaskView, now: number): string {
  if (closed !== undefined) return closed.outcome;
  const due = fromNow(dueAt - now);
  return assignedAt > now ? `${due}, not before ${span(assignedAt - now)}` : due;
}

function holderOf({ claim }: TaskView, now: number): string {
  if (claim === undefined || claim.until <= now) return '';
  return claim.mine ? 'you' : claim.by;
}

/** One task as a page. @param now epoch ms */
export function taskInWords(task: TaskView, now: number): string {
  const {
    backupQueue,
    caseId,
    claim,
    closed,
    contacts = [],
    district,
    queue,
    station,
    taskId,
  } = task;
  const holder = holderOf(task, now);
  return pairs([
    ['task', taskId],
    ['case', caseId],
    ['what', `${task.step}, attempt ${task.attempt}`],
    ['tier', task.tier],
    ['kind', task.kind],
    ['subject', task.subject],
    ['contacts', contacts.map((contact, i) => `${i + 1}: ${contact}`).join(', ')],
    ['district', district],
    ['queue', backupQueue === undefined ? queue : `${queue}, then ${backupQueue}`],
    ['station', station && `${station.name}; on duty: ${station.dutyOfficer}`],
    ['from', localTime(task.assignedAt)],
    [
      'due',
      closed === undefined
        ? `${localTime(task.dueAt)} (${fromNow(task.dueAt - now)})`
        : localTime(task.dueAt),
    ],
    ['held by', holder && `${holder}, until ${localTime(claim?.until ?? 0)} without a heartbeat`],
    ['outcome', closed && `${closed.outcome}, by ${closed.by} at ${localTime(closed.at)}`],
    ['notes', closed?.notes],
  ]);
}
