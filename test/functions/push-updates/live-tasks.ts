import type { LiveConnection } from '../../../functions/adapters/live-connections.ts';
import type { Task } from '../../../functions/adapters/tasks-table.ts';
import type { OfficerGroup } from '../../../lib/api/officer.ts';

export const NOW = 1_700_000_000_000;

/** A visit by the Jinjiang station, of which its neighbour Wuhou hears in ten minutes. */
export function visit(changes: Partial<Task> = {}): Task {
  return {
    taskId: 'task-1',
    caseId: 'case-1',
    subject: 'a-sealed-number',
    step: 'visit',
    attempt: 1,
    tier: 'high',
    kind: 'loan',
    queue: 'station-jinjiang',
    district: '510104',
    assignedAt: NOW,
    dueAt: NOW + 3_600_000,
    taskToken: 'secret-of-the-workflow',
    backupQueue: 'station-wuhou',
    backupFrom: NOW + 600_000,
    contacts: ['a-sealed-relative'],
    ...changes,
  };
}

export const claimed = { by: 'chen', at: NOW, until: NOW + 900_000 };
export const closed = { outcome: 'dissuaded', by: 'chen', at: NOW, notes: 'private' } as const;

/** A page of an officer that has been open for an hour. */
export function page(
  connectionId: string,
  group: OfficerGroup,
  station?: string,
  openedAt = NOW - 3_600_000,
): LiveConnection {
  return {
    connectionId,
    officer: {
      name: connectionId,
      groups: [group],
      districts: [],
      ...(station !== undefined && { station }),
    },
    openedAt,
  };
}
