import { describe, expect, test } from 'vitest';
import type { Attempt, CaseState } from '../../../lib/domain/ladder/case-head.ts';
import { measureQueues } from '../../../lib/study/measures/queues.ts';

const MINUTE = 60_000;
const DAY = { fromMs: 0, toMs: 1440 * MINUTE };

const attempt = (
  offer: number,
  ended?: readonly [outcome: 'dissuaded' | 'overdue' | 'cancelled', minute: number],
): Attempt => ({
  taskId: `task-${offer}`,
  step: 'call',
  offerAt: offer * MINUTE,
  dueAt: (offer + 30) * MINUTE,
  ...(ended && {
    ended: {
      outcome: ended[0],
      by: ended[0] === 'dissuaded' ? 'chen' : 'workflow',
      at: ended[1] * MINUTE,
    },
  }),
});

const openCase = (climb: readonly Attempt[], state: CaseState = 'open', closedMinute?: number) => ({
  climb,
  state,
  openedAt: 0,
  ...(closedMinute !== undefined && { closedAt: closedMinute * MINUTE }),
});

describe('measureQueues', () => {
  const measures = measureQueues(
    [
      openCase([attempt(10, ['dissuaded', 20]), attempt(60, ['dissuaded', 100])], 'closed', 100),
      openCase([attempt(30, ['overdue', 60])]),
      openCase([attempt(1400)]),
      openCase([attempt(1430), attempt(5, ['cancelled', 6])], 'watching'),
      openCase([{ ...attempt(8), calledOff: true }], 'closed', 9),
      openCase([attempt(-100, ['dissuaded', -90]), attempt(2000)], 'closed', -90),
    ],
    DAY,
  );

  test('counts what was offered within the day, what was done and what was late', () => {
    expect(measures.steps).toEqual([
      {
        step: 'call',
        opened: 5,
        done: 2,
        overdue: 3,
        medianMinutes: 10,
        ninetiethMinutes: 40,
      },
    ]);
  });

  test('knows what is overdue, open and watched when the day ends', () => {
    expect(measures).toMatchObject({ overdueNow: 1, openCases: 2, watching: 1 });
  });
});
