import { dayAfter, startOfDay } from '../../lib/archive/archived-call.ts';
import type { CaseHead, CaseState } from '../../lib/domain/ladder/case-head.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { ListEntry } from '../../lib/domain/listing/list-entry.ts';
import { measureMissed } from '../../lib/study/measures/missed.ts';
import { measurePrecision } from '../../lib/study/measures/precision.ts';
import { measureQueues } from '../../lib/study/measures/queues.ts';
import type { CampaignMeasure, StudyMeasures } from '../../lib/study/measures/study-measures.ts';
import { DEFAULT_WINDOW_DAYS } from '../../lib/study/study-day.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';

const DAY_MS = 86_400_000;
/** Officers take days to close a case: precision is of those that were closed in so many. */
const CLOSED_DAYS = 30;
const CAMPAIGN_DAYS = 60;

export interface NightPorts {
  /** Cases that came to a state then or later, epoch ms. */
  readonly cases: (state: CaseState, from: number) => Promise<readonly CaseHead[]>;
  readonly caseNumbers: () => Promise<readonly ListEntry[]>;
  /** Effects of campaigns that changed then or later, epoch ms. */
  readonly campaigns: (since: number) => Promise<readonly CampaignMeasure[]>;
}

/** What a night can measure of what officers, police and campaigns know by the end of the studied day. */
export async function measureNight(
  result: StudyResult,
  warned: ReadonlyMap<NumberToken, number>,
  ports: NightPorts,
): Promise<StudyMeasures> {
  const { callers, day, utcOffsetMinutes } = result;
  const fromMs = startOfDay(day, utcOffsetMinutes) * 1000;
  const toMs = fromMs + DAY_MS;
  const closed = await ports.cases('closed', toMs - CLOSED_DAYS * DAY_MS);
  const unfinished = [...(await ports.cases('open', 0)), ...(await ports.cases('watching', 0))];
  const firstDay = dayAfter(day, 1 - DEFAULT_WINDOW_DAYS);
  const windowMs = startOfDay(firstDay, utcOffsetMinutes) * 1000;
  const confirmed = (await ports.caseNumbers())
    .filter(({ at }) => at >= windowMs && at < toMs)
    .map(({ at, kind = 'other', number }) => ({
      number,
      kind,
      at: Math.floor(at / 1000),
      source: 'case-number' as const,
    }));
  return {
    precision: measurePrecision(
      closed.filter(({ closedAt }) => (closedAt ?? Number.POSITIVE_INFINITY) < toMs),
    ),
    queues: measureQueues([...closed, ...unfinished], { fromMs, toMs }),
    missed: measureMissed(confirmed, warned, callers),
    campaigns: await ports.campaigns(toMs - CAMPAIGN_DAYS * DAY_MS),
  };
}
