import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dayAfter, startOfDay } from '../../lib/archive/archived-call.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { type PeopleTexted, TextedPeople } from '../../lib/study/measures/texted-people.ts';
import { DEFAULT_WINDOW_DAYS } from '../../lib/study/study-day.ts';
import { listDecisions } from '../adapters/decisions-index.ts';
import type { WarningStatus } from '../adapters/subjects-table.ts';

/** What was decided live within a study's window, as far as decisions are kept. */
export interface LiveWarnings {
  /**
   * Callers of whom people were warned, in order of the numbers: when the first text was decided, epoch seconds. A text
   * because of the circumstances of one call says nothing of its caller.
   */
  readonly callers: ReadonlyMap<NumberToken, number>;
  /** Who was texted, and who was not because the budget had no room; of very many, a sample. */
  readonly people: PeopleTexted;
}

const SENT: WarningStatus = 'sent';
const OVER_BUDGET: WarningStatus = 'over-budget';

/** @param day local day, the last of the window */
export async function liveWarnings(
  client: DynamoDBClient,
  subjectsTable: string,
  day: string,
  utcOffsetMinutes: number,
): Promise<LiveWarnings> {
  const callers = new Map<NumberToken, number>();
  const people = new TextedPeople();
  const end = startOfDay(dayAfter(day, 1), utcOffsetMinutes);
  // Decisions are kept by the days of UTC: the local day has hours of two of them.
  for (let back = DEFAULT_WINDOW_DAYS; back >= -1; back--) {
    for await (const decision of listDecisions(
      client,
      subjectsTable,
      dayAfter(day, -back),
      'live',
    )) {
      if (decision.what !== 'warning') continue;
      const { decidedAt, finding, subject } = decision.warning;
      if (decidedAt >= end) continue;
      if (decision.status === SENT) people.add(subject, decidedAt, 'texted');
      if (decision.status === OVER_BUDGET) people.add(subject, decidedAt, 'heldOut');
      if (finding.side === 'subject') continue;
      callers.set(finding.caller, Math.min(callers.get(finding.caller) ?? decidedAt, decidedAt));
    }
  }
  return {
    callers: new Map([...callers].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    people: people.people(),
  };
}
