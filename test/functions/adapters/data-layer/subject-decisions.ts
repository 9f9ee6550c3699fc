import { loadDefaultPolicy } from '../../../../lib/domain/default-policy.ts';
import type { Case, Decision, Grounds, Warning } from '../../../../lib/domain/subject/decide.ts';
import { NEW_SUBJECT } from '../../../../lib/domain/subject/subject-state.ts';
import { CALLER, MORNING, SUBJECT } from '../../../domain/factories.ts';

export const GROUNDS: Grounds = {
  points: 3.75,
  probability: 0.078,
  terms: [
    { id: 'caller', points: 3.5 },
    { id: 'calls', points: 0.25 },
  ],
  facts: { calls: 2, minutes: 2, longestMinutes: 1, callers: 1, callsAfterTheWarning: 0 },
  finding: { caller: CALLER, foundAt: MORNING - 60, track: 'live', side: 'caller' },
  reasons: [{ id: 'calls-strangers', points: 2 }],
  policyVersion: 1,
};

export function warningOf(changes: Partial<Warning> = {}): Warning {
  return {
    id: 'warning-1',
    subject: SUBJECT,
    caller: CALLER,
    caseId: 'case-1',
    kind: 'loan',
    tier: 'low',
    decidedAt: MORNING,
    ...GROUNDS,
    arrivedAt: MORNING * 1000,
    ...changes,
  };
}

export function caseOf(changes: Partial<Case> = {}): Case {
  return {
    id: 'case-1',
    subject: SUBJECT,
    tier: 'medium',
    kind: 'loan',
    openedAt: MORNING,
    ...GROUNDS,
    ladder: loadDefaultPolicy().ladder,
    utcOffsetMinutes: 480,
    ...changes,
  };
}

/** A decision whose state says `floor`, so that states can be told apart. */
export function decisionOf(floor: number, changes: Partial<Decision> = {}): Decision {
  return {
    state: { ...NEW_SUBJECT, floor },
    warnings: [],
    cases: [],
    raised: [],
    exposed: [],
    suppressed: [],
    applied: 1,
    duplicates: 0,
    ...changes,
  };
}
