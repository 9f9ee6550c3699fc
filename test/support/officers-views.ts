import type { CaseView, TaskView } from '../../lib/api/schemas.ts';

const MINUTE = 60_000;

/** A task as the API shows it. */
export function taskView(more: Partial<TaskView> = {}): TaskView {
  const now = Date.now();
  return {
    taskId: 'case-1-1',
    caseId: 'case-1',
    step: 'call',
    attempt: 1,
    tier: 'high',
    kind: 'loan',
    queue: 'call-desk',
    district: '510104',
    assignedAt: now - MINUTE,
    dueAt: now + 9.5 * MINUTE,
    subject: '+86*******8000',
    ...more,
  };
}

/** A case as the API shows it. */
export function caseView(more: Partial<CaseView> = {}): CaseView {
  const now = Date.now();
  return {
    caseId: 'case-1',
    subject: '+86*******8000',
    tier: 'high',
    state: 'open',
    kind: 'loan',
    district: '510104',
    openedAt: now - MINUTE,
    openedBy: 'policy',
    policyVersion: 7,
    reopened: 0,
    openSteps: [{ taskId: 'case-1-1', step: 'call', dueAt: now + 9.5 * MINUTE }],
    ...more,
  };
}
