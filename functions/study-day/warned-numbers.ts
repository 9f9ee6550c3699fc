import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dayAfter, startOfDay } from '../../lib/archive/archived-call.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { DEFAULT_WINDOW_DAYS } from '../../lib/study/study-day.ts';
import { listDecisions } from '../adapters/decisions-index.ts';

/**
 * Callers of whom people were warned within a study's window, as far as decisions are kept: those are known without
 * the study. A text because of the circumstances of one call says nothing of its caller.
 *
 * @param day local day, the last of the window
 * @returns when the first text was decided, epoch seconds, in order of the numbers
 */
export async function warnedNumbers(
  client: DynamoDBClient,
  subjectsTable: string,
  day: string,
  utcOffsetMinutes: number,
): Promise<ReadonlyMap<NumberToken, number>> {
  const known = new Map<NumberToken, number>();
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
      const { decidedAt, finding } = decision.warning;
      if (decidedAt >= end || finding.side === 'subject') continue;
      known.set(finding.caller, Math.min(known.get(finding.caller) ?? decidedAt, decidedAt));
    }
  }
  return new Map([...known].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
