import type { Case, Decision, Warning } from '../../../../lib/domain/subject/decide.ts';
import { NEW_SUBJECT } from '../../../../lib/domain/subject/subject-state.ts';
import { CALLER, MORNING, SUBJECT } from '../../../domain/factories.ts';

export function warningOf(changes: Partial<Warning> = {}): Warning {
  return {
    id: 'warning-1',
    subject: SUBJECT,
    caller: CALLER,
    kind: 'loan',
    tier: 'low',
    decidedAt: MORNING,
    reasons: [{ id: 'calls-strangers', points: 2 }],
    policyVersion: 1,
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
    reasons: [{ id: 'risky-calls', points: 2 }],
    policyVersion: 1,
    queue: 'call-desk',
    dueSeconds: 1_800,
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
    suppressed: [],
    applied: 1,
    duplicates: 0,
    ...changes,
  };
}
