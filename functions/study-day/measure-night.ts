import { dayAfter, startOfDay } from '../../lib/archive/archived-call.ts';
import type { CaseHead, CaseState } from '../../lib/domain/ladder/case-head.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { ListEntry } from '../../lib/domain/listing/list-entry.ts';
import type { SubjectState } from '../../lib/domain/subject/subject-state.ts';
import { measureMissed } from '../../lib/study/measures/missed.ts';
import { measurePrecision } from '../../lib/study/measures/precision.ts';
import { measureQueues } from '../../lib/study/measures/queues.ts';
import type { CampaignMeasure, StudyMeasures } from '../../lib/study/measures/study-measures.ts';
import type { TextEffect } from '../../lib/study/measures/text-effect.ts';
import {
  effectByStates,
  type PeopleTexted,
  whoseHoursAreOver,
} from '../../lib/study/measures/texted-people.ts';
import { DEFAULT_WINDOW_DAYS } from '../../lib/study/study-day.ts';
import type { StudyResult } from '../../lib/study/study-result.ts';
import { STATES_A_READ, type StateReader } from '../adapters/subject-states.ts';
import type { LiveWarnings } from './live-warnings.ts';

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
  readonly states: StateReader;
}

/** What a night can measure of what officers, police and campaigns know by the end of the studied day. */
export async function measureNight(
  result: StudyResult,
  warnings: LiveWarnings,
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
  const textEffect = await measureTexts(warnings.people, toMs / 1000, ports.states);
  return {
    precision: measurePrecision(
      closed.filter(({ closedAt }) => (closedAt ?? Number.POSITIVE_INFINITY) < toMs),
    ),
    queues: measureQueues([...closed, ...unfinished], { fromMs, toMs }),
    missed: measureMissed(confirmed, warnings.callers, callers),
    ...(textEffect !== undefined && { textEffect }),
    campaigns: await ports.campaigns(toMs - CAMPAIGN_DAYS * DAY_MS),
  };
}

/** Reads the states of so many people at once, and of a sample at the most. */
async function measureTexts(
  people: PeopleTexted,
  until: number,
  read: StateReader,
): Promise<TextEffect | undefined> {
  const over = whoseHoursAreOver(people, until);
  const asked = [...new Set([...over.texted, ...over.heldOut].map(({ person }) => person))];
  const states = new Map<NumberToken, SubjectState>();
  for (let first = 0; first < asked.length; first += STATES_A_READ) {
    const some = await read(asked.slice(first, first + STATES_A_READ));
    for (const [person, state] of some) states.set(person, state);
  }
  return effectByStates(over, states, until);
}
