import { describe, expect, test } from 'vitest';
import { isTold, type TaskWrite, updateOf } from '../../../functions/push-updates/task-update.ts';
import { claimed, closed, NOW, page, visit } from './live-tasks.ts';

const { backupFrom: _from, backupQueue: _queue, ...handedOver } = visit({ queue: 'call-desk' });
const { backupFrom: _closedFrom, backupQueue: _closedQueue, ...over } = visit({ closed });

describe('Of a write on a task', () => {
  test.each<[string, TaskWrite, string | undefined]>([
    ['that it is offered', { after: visit() }, 'offered'],
    ['that it is claimed', { before: visit(), after: visit({ claim: claimed }) }, 'claimed'],
    [
      'that somebody else claims it',
      { before: visit({ claim: claimed }), after: visit({ claim: { ...claimed, by: 'li' } }) },
      'claimed',
    ],
    [
      'nothing of a heartbeat',
      {
        before: visit({ claim: claimed }),
        after: visit({ claim: { ...claimed, until: claimed.until + 1 } }),
      },
      undefined,
    ],
    [
      'nothing of the same task offered again with another token',
      { before: visit(), after: visit({ taskToken: 'another' }) },
      undefined,
    ],
    ['that it is free again', { before: visit({ claim: claimed }), after: visit() }, 'released'],
    [
      'that it stands on another queue',
      { before: visit({ claim: claimed }), after: handedOver },
      'moved',
    ],
    ['that it is over', { before: visit({ claim: claimed }), after: over }, 'closed'],
    ['nothing of what happens to a task that is over', { before: over, after: over }, undefined],
    ['nothing of a task that was over before it stood on a queue', { after: over }, undefined],
  ])('pages are told %s', (_, write, change) => {
    expect(updateOf(write)?.change).toBe(change);
  });

  test('pages are told nothing about the person, and no secret', () => {
    expect(updateOf({ before: visit(), after: over })).toEqual({
      what: 'task',
      taskId: 'task-1',
      caseId: 'case-1',
      queue: 'station-jinjiang',
      step: 'visit',
      tier: 'high',
      dueAt: NOW + 3_600_000,
      change: 'closed',
    });
  });
});

describe('Who is told', () => {
  const told = (write: TaskWrite, now = NOW): string[] =>
    [
      page('jinjiang', 'station', 'jinjiang'),
      page('wuhou', 'station', 'wuhou'),
      page('desk', 'call-desk'),
      page('supervisor', 'supervisor'),
      page('analyst', 'analyst'),
      page('nowhere', 'station'),
    ]
      .filter(({ officer }) => isTold(officer, write, now))
      .map(({ connectionId }) => connectionId);

  test('of a station’s task: the station, and supervisors', () => {
    expect(told({ after: visit() })).toEqual(['jinjiang', 'supervisor']);
  });

  test('when the station has had its time: its neighbour too', () => {
    expect(told({ before: visit(), after: visit({ claim: claimed }) }, NOW + 600_000)).toEqual([
      'jinjiang',
      'wuhou',
      'supervisor',
    ]);
  });

  test('of a task that left a queue: those who lose it as well as those who get it', () => {
    expect(told({ before: visit(), after: handedOver })).toEqual([
      'jinjiang',
      'desk',
      'supervisor',
    ]);
  });

  test('of one that the neighbour closed: the neighbour, whose queue it left by that', () => {
    expect(told({ before: visit(), after: over }, NOW + 600_000)).toContain('wuhou');
  });
});
