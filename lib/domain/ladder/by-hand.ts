import type { NumberToken } from '../leg.ts';
import {
  type CaseChange,
  type CaseContact,
  type CaseHead,
  type CaseOutcome,
  callOff,
  openAttempts,
} from './case-head.ts';
import { CASE_TIERS, type CaseTier } from './ladder-policy.ts';
import { raiseTier } from './next-move.ts';
import type { TimelineEvent } from './timeline-event.ts';

/** Who changes a case by hand, and why. */
export interface Hand {
  readonly by: string;
  /** Names no person and no number. */
  readonly reason: string;
  /** Names the request, so that its repeat writes nothing twice. */
  readonly key: string;
  /** Epoch ms. */
  readonly at: number;
}

/** More contacts of one case help nobody. */
export const MOST_CONTACTS = 9;

const rank = (tier: CaseTier) => CASE_TIERS.indexOf(tier);

/**
 * Gives a case another tier. A higher one calls off what waits and begins its own steps; a lower one lets what is
 * under way go on, and counts from the next move on.
 *
 * @returns undefined where the case has that tier already, or is closed
 */
export function setTier(before: CaseHead, tier: CaseTier, hand: Hand): CaseChange | undefined {
  if (before.state === 'closed' || tier === before.tier) return undefined;
  const details = { from: before.tier, to: tier, reason: hand.reason };
  const said: TimelineEvent = {
    id: `${before.caseId}-tier-${hand.key}`,
    at: hand.at,
    kind: rank(tier) > rank(before.tier) ? 'tier-raised' : 'tier-lowered',
    by: hand.by,
    details,
  };
  const raised = raiseTier(before, tier, hand.by, hand.at)?.changed;
  return {
    changed: { ...(raised ?? { ...before, tier }), lastOfficer: hand.by },
    events: [said],
  };
}

/**
 * Closes a case whatever it waits for: its tasks are called off, and its workflow finds it closed.
 *
 * @returns undefined where it is closed already
 */
export function closeByHand(
  before: CaseHead,
  outcome: CaseOutcome,
  { at, by, reason }: Hand,
): CaseChange | undefined {
  if (before.state === 'closed') return undefined;
  const { watchUntil: _watchUntil, ...kept } = callOff(before, () => true);
  return {
    changed: { ...kept, state: 'closed', outcome, closedAt: at, lastOfficer: by },
    events: [
      {
        id: `${before.caseId}-closed`,
        at,
        kind: 'closed',
        by,
        details: { outcome, reason, reopened: before.reopened },
      },
    ],
  };
}

/**
 * Adds a relative, or another number of the person. Where the step with the relatives had failed for want of any, it
 * is to be tried again.
 *
 * @returns undefined where the case has it already, has enough, or is closed
 */
export function addContact(
  before: CaseHead,
  contact: Pick<CaseContact, 'contact' | 'relation'>,
  { at, by, key }: Omit<Hand, 'reason'>,
): CaseChange | undefined {
  const known = before.contacts ?? [];
  const has = known.some((one) => one.contact === contact.contact);
  if (before.state === 'closed' || has || known.length >= MOST_CONTACTS) return undefined;
  return {
    changed: { ...before, contacts: [...known, { ...contact, at }], lastOfficer: by },
    events: [
      {
        id: `${before.caseId}-contact-${key}`,
        at,
        kind: 'contact-added',
        by,
        details: { relation: contact.relation, place: known.length + 1 },
      },
    ],
  };
}

/** All whom an officer may ask about a person: as the task names them, then those added to the case since. */
export function contactsOf(
  task: { readonly contacts?: readonly NumberToken[] },
  head: Pick<CaseHead, 'contacts'> | undefined,
): NumberToken[] {
  const added = (head?.contacts ?? []).map(({ contact }) => contact);
  return [...new Set([...(task.contacts ?? []), ...added])];
}

/** What people are to do for a case now, and by when. */
export function openSteps(head: CaseHead) {
  return openAttempts(head)
    .filter(({ calledOff }) => calledOff !== true)
    .map(({ dueAt, step, taskId }) => ({ taskId, step, dueAt }));
}
