import { expect, test } from 'vitest';
import type { CaseStore } from '../../../functions/adapters/cases-table.ts';
import { callOffTask } from '../../../functions/adapters/report-outcome.ts';
import type { Task } from '../../../functions/adapters/tasks-table.ts';
import { offerTask } from '../../../functions/offer-task/offer-task.ts';
import { planMove } from '../../../functions/plan-move/plan-move.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { type CaseHead, openCase } from '../../../lib/domain/ladder/case-head.ts';
import { nothingHeard } from '../../../lib/domain/ladder/case-news.ts';
import { SUBJECT } from '../../domain/factories.ts';
import { VirtualTime } from '../../support/virtual-time.ts';
import { WorkflowInMemory } from '../../support/workflow-in-memory.ts';

const NOW = Date.UTC(2026, 10, 24);
const untroubled = {
  losesAnswer: () => false,
  losesToken: () => false,
  breaksDown: () => undefined,
};

/** The same case, its attempts called off. */
const calledOff = (head: CaseHead): CaseHead => ({
  ...head,
  climb: head.climb.map((attempt) => ({ ...attempt, calledOff: true })),
});

/** A case whose first call was planned, and not offered yet. */
async function planned() {
  const workflow = new WorkflowInMemory(new VirtualTime(NOW), untroubled, true);
  const opening = {
    caseId: 'case',
    subject: SUBJECT,
    kind: 'loan',
    tier: 'medium',
    district: '',
    openedBy: 'policy',
    policyVersion: 1,
    ladder: loadDefaultPolicy().ladder,
    utcOffsetMinutes: 480,
    reasons: [],
    heard: nothingHeard('medium'),
  } as const;
  const { changed, events } = openCase(opening, NOW);
  await workflow.cases.create(changed, ...events);
  await planMove('case', { cases: workflow.cases, tellBanks: async () => undefined }, NOW);
  return workflow;
}

test('A task that is called off in the moment when it is offered is on no queue afterwards', async () => {
  const { cases, client, tasks } = await planned();
  let looks = 0;
  // Before the task is put it stands; afterwards it does not.
  const callingOff: CaseStore = Object.assign(Object.create(cases) as CaseStore, {
    read: async (caseId: string) => {
      const head = await cases.read(caseId);
      return ++looks === 1 || head === undefined ? head : calledOff(head);
    },
  });

  await offerTask(
    { caseId: 'case', taskId: 'case-1', taskToken: 'token' },
    {
      cases: callingOff,
      tasks,
      answer: async () => undefined,
      callOff: (taskId) => callOffTask(tasks, client, taskId, NOW),
      relativesOf: async () => [],
      stationOf: async () => undefined,
    },
    NOW,
  );

  expect(looks).toBe(2);
  expect((await tasks.read('case-1'))?.closed).toMatchObject({ outcome: 'cancelled' });
});

test('A task that was called off before it was offered meets an earlier try’s put with a record that it is over', async () => {
  const { cases, client, tasks } = await planned();
  const told: string[] = [];
  const offerOnce = (taskToken: string) =>
    offerTask(
      { caseId: 'case', taskId: 'case-1', taskToken },
      {
        cases: Object.assign(Object.create(cases) as CaseStore, {
          read: async (caseId: string) => {
            const head = await cases.read(caseId);
            return head && calledOff(head);
          },
        }),
        tasks,
        answer: async (token) => {
          told.push(token);
          return undefined;
        },
        callOff: (taskId) => callOffTask(tasks, client, taskId, NOW),
        relativesOf: async () => [],
        stationOf: async () => undefined,
      },
      NOW,
    );

  await offerOnce('token-2');

  expect(told).toEqual(['token-2']);
  const record = await tasks.read('case-1');
  expect(record?.closed).toMatchObject({ outcome: 'cancelled', by: 'workflow' });
  // Of the first try, whose put comes now.
  expect(await tasks.offer({ ...record, taskToken: 'token-1' } as Task)).toBe(false);
});
