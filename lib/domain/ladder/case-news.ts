import type { DeliveryState } from '../delivery/text-delivery.ts';
import type { Tier } from '../tiers.ts';
import type { CaseChange, CaseHead } from './case-head.ts';
import { caseTierOf } from './ladder-policy.ts';
import { dialNow, raiseTier, reopen } from './next-move.ts';
import { textEvents } from './text-events.ts';
import { type TimelineEvent, WORKFLOW } from './timeline-event.ts';

/** What was last heard of a warning's text. */
export interface CaseText {
  readonly state: DeliveryState;
  readonly reason?: string;
  /** Epoch ms. */
  readonly at: number;
}

/**
 * What a person's episode has come to since their case was opened. Told as it stands and not as what changed, so that
 * it may be told twice, late or not at all before the next.
 */
export interface CaseProgress {
  readonly tier: Tier;
  /** Further risky calls that the person took. */
  readonly calls: number;
  /** Epoch seconds at which a call that the person was known to be on was over; 0 for never. */
  readonly lineFreeAt: number;
  /** Why no text could reach the person. */
  readonly undeliverable?: string;
  readonly text?: CaseText;
}

/** What a case knows of its person's episode when it is opened. */
export function nothingHeard(tier: Tier): CaseProgress {
  return { tier, calls: 0, lineFreeAt: 0 };
}

/**
 * Takes news into a case. More exposure reopens a watched case one tier higher; a higher tier calls off what waits in
 * the lower one; a line that is free again is dialled now; a text that reached nobody leaves the call as the only
 * way to the person, so a dial that waits for its time is made now.
 *
 * @param now epoch ms
 * @returns undefined where the case is closed, or has heard all of it
 */
export function hearNews(
  before: CaseHead,
  news: CaseProgress,
  now: number,
): CaseChange | undefined {
  if (before.state === 'closed') return undefined;
  const { caseId, heard } = before;
  const events: TimelineEvent[] = [];
  let changed = before;
  const say = (kind: 'exposure' | 'signal', name: string, details: TimelineEvent['details']) =>
    events.push({ id: `${caseId}-${name}`, at: now, kind, by: WORKFLOW, details });
  const take = (change: CaseChange | undefined) => {
    if (change === undefined) return;
    changed = change.changed;
    events.push(...change.events);
  };
  if (news.calls > heard.calls) {
    say('exposure', `exposure-${news.calls}`, { calls: news.calls - heard.calls });
    take(reopen(changed, now));
  }
  if (news.tier !== heard.tier) take(raiseTier(changed, caseTierOf(news.tier), WORKFLOW, now));
  if (news.lineFreeAt > heard.lineFreeAt) {
    say('signal', `free-${news.lineFreeAt}`, { what: 'call-over' });
    changed = dialNow(changed, now);
  }
  if (news.undeliverable !== undefined && heard.undeliverable === undefined) {
    changed = dialNow(changed, now);
  }
  events.push(...textEvents(caseId, heard, news, now));
  const hasHeardMore = changed !== before || events.length > 0 || news.tier !== heard.tier;
  return hasHeardMore
    ? { changed: { ...changed, heard: latestOf(heard, news) }, events }
    : undefined;
}

/**
 * Takes in what a later episode of the person has come to, whose case is one with this one. As {@link hearNews}, it may
 * be told twice, late or not at all before the next.
 *
 * @param other the later case
 * @param now epoch ms
 */
export function hearOfOther(
  before: CaseHead,
  other: string,
  { calls, lineFreeAt, tier, undeliverable }: CaseProgress,
  now: number,
): CaseChange | undefined {
  const { callsOfOthers = {}, heard } = before;
  const known = callsOfOthers[other] ?? 0;
  // The call that opened it is one, too.
  const told = Math.max(known, calls + 1);
  const news: CaseProgress = {
    ...heard,
    tier,
    calls: heard.calls + told - known,
    lineFreeAt: Math.max(heard.lineFreeAt, lineFreeAt),
    ...(undeliverable !== undefined && { undeliverable }),
  };
  const change = hearNews(before, news, now);
  return (
    change && {
      ...change,
      changed: { ...change.changed, callsOfOthers: { ...callsOfOthers, [other]: told } },
    }
  );
}

/** What grows only grows: news that was overtaken on its way takes nothing back. */
function latestOf(heard: CaseProgress, news: CaseProgress): CaseProgress {
  return {
    ...heard,
    ...news,
    calls: Math.max(heard.calls, news.calls),
    lineFreeAt: Math.max(heard.lineFreeAt, news.lineFreeAt),
  };
}
