import type { CaseProgress, CaseText } from './case-news.ts';
import { type TimelineEvent, WORKFLOW } from './timeline-event.ts';

type Heard = Pick<CaseProgress, 'undeliverable' | 'text'>;

const nameOf = (text: CaseText | undefined): string =>
  text === undefined ? '' : `text-${text.state}-${text.at}`;

/**
 * What is new about a person's text, for the timeline of their case.
 *
 * @param heard what the case knew before
 * @param at epoch ms
 */
export function textEvents(
  caseId: string,
  heard: Heard,
  { text, undeliverable }: Heard,
  at: number,
): TimelineEvent[] {
  const say = (name: string, details: TimelineEvent['details']): TimelineEvent => ({
    id: `${caseId}-${name}`,
    at,
    kind: 'text',
    by: WORKFLOW,
    details,
  });
  const events: TimelineEvent[] = [];
  if (undeliverable !== undefined && heard.undeliverable === undefined) {
    events.push(say('undeliverable', { state: 'undeliverable', reason: undeliverable }));
  }
  if (text !== undefined && nameOf(text) !== nameOf(heard.text)) {
    const { reason, state } = text;
    events.push(say(nameOf(text), reason === undefined ? { state } : { state, reason }));
  }
  return events;
}
