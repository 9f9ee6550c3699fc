import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CaseDetail, Statistics } from '../../lib/api/schemas.ts';
import { type OfficersApiServer, startOfficersApi } from '../support/officers-api-server.ts';
import { caseView, taskView } from '../support/officers-views.ts';
import { startForewarn } from '../support/run-forewarn.ts';

let api: OfficersApiServer;

beforeAll(async () => {
  api = await startOfficersApi();
});

afterAll(() => api.close());

beforeEach(() => {
  api.calls.length = 0;
  api.answerers = {};
});

afterEach(() => {
  expect(api.breaches.splice(0)).toEqual([]);
});

function run(...args: string[]) {
  return startForewarn(['case', ...args], { ...api.environment, TZ: 'Asia/Shanghai' }).finished;
}

const AT = Date.parse('2026-11-24T10:11:05+08:00');

function detail(more: Partial<CaseDetail> = {}): CaseDetail {
  return {
    case: caseView({ openedAt: AT, reopened: 2, lastOfficer: 'li' }),
    grounds: {
      tier: 'high',
      kind: 'loan',
      points: 1.5,
      probability: 0.8176,
      calls: 3,
      minutes: 41.6,
      terms: [
        { id: 'caller', points: 2 },
        { id: 'hour', points: -0.5 },
      ],
      reasons: [{ id: 'holds-strangers-long', points: 1.25 }],
      policyVersion: 7,
      decidedAt: AT,
    },
    exposures: [
      { at: AT, seconds: 2_400, answered: true, caller: '+86*******0001', kind: 'loan' },
      { at: AT, seconds: -1, answered: true, caller: '+86*******0002' },
      { at: AT, seconds: 0, answered: false, caller: '+86*******0003' },
    ],
    texts: [
      { decidedAt: AT, state: 'sent', settledAt: AT, delivery: 'delivered' },
      { decidedAt: AT, state: 'undeliverable', reason: 'landline' },
    ],
    tasks: [
      taskView({ closed: { outcome: 'busy', by: 'li', at: AT } }),
      taskView({ taskId: 'case-1-2', step: 'visit' }),
    ],
    timeline: [
      {
        id: 'case-1-opened',
        at: AT,
        kind: 'opened',
        by: 'policy',
        details: { tier: 'high', policyVersion: 7 },
      },
    ],
    ...more,
  };
}

const LATER = {
  id: 'note-1',
  at: AT + 60_000,
  kind: 'note',
  by: 'li',
  details: { notes: 'her son\ncomes \u001b[31mover' },
} as const;

describe('forewarn case', () => {
  it('lists cases by what was asked for, no more than the limit', async () => {
    api.answerers.listCases = ({ query }) => ({
      cases: [
        caseView({ caseId: query.next === undefined ? 'new-1' : 'old-3' }),
        caseView({ caseId: 'x', state: 'closed', outcome: 'not-a-fraud', openSteps: [] }),
      ],
      next: 'page2',
    });
    const filters = [
      '--state',
      'open',
      '--tier',
      'high',
      '--district',
      '510104',
      '--officer',
      'li',
    ];
    const since = ['--since', '2026-11-24T00:00:00+08:00'];
    const { stdout } = await run('list', ...filters, ...since, '--limit', '3');
    expect(stdout).toMatch(/high │ open .*│ call in 9 min .*│ new-1/);
    expect(stdout).toMatch(/not-a-fraud .*│ x/);
    expect(stdout).toContain('old-3');
    expect(stdout).toContain('There are more: --limit');
    expect(api.calls[1]?.query).toEqual({
      state: 'open',
      tier: 'high',
      district: '510104',
      officer: 'li',
      since: '2026-11-23T16:00:00.000Z',
      limit: '3',
      next: 'page2',
    });
    const json = await run('list', '--limit', '1', '--json');
    expect(JSON.parse(json.stdout).cases).toHaveLength(1);
    expect((await run('list', '--since', 'yesterday')).code).toBe(2);
  });

  it('says when there are none', async () => {
    api.answerers.listCases = () => ({ cases: [] });
    expect((await run('list')).stdout).toBe('No such cases.\n');
  });

  it('shows a case as a page: grounds in words, calls, texts, tasks, the whole timeline in local time', async () => {
    api.answerers = {
      readCase: () => detail({ next: 'page2' }),
      readTimeline: ({ query }) =>
        query.next === 'page2' ? { events: [], next: 'page3' } : { events: [LATER] },
    };
    const { code, stdout } = await run('show', 'case-1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/opened\s+2026-11-24 10:11:05 by policy 7/);
    expect(stdout).toMatch(/reopened\s+2 times/);
    expect(stdout).toContain('high, loan, decided 2026-11-24 10:11:05 by policy 7: 3 risky calls');
    expect(stdout).toMatch(/the caller’s own score\s+│\s+\+2\.00/);
    expect(stdout).toMatch(/probability of 81\.8 % │\s+\+1\.50/);
    expect(stdout).toContain('+1.25  keeps strangers on the line for long');
    expect(stdout).toMatch(/40 min .*│ \+86\*{7}0001 │ loan/);
    expect(stdout).toMatch(/on the line now │ \+86\*{7}0002/);
    expect(stdout).toMatch(/not answered\s+│ \+86\*{7}0003/);
    expect(stdout).toMatch(/sent, delivered/);
    expect(stdout).toMatch(/undeliverable .*│ landline/);
    expect(stdout).toMatch(/busy\s+│ high │ call/);
    expect(stdout).toContain('2026-11-24 10:11:05  opened, by policy: tier high, policyVersion 7');
    expect(stdout).toContain('2026-11-24 10:12:05  note, by li: notes her son comes over\n');
  });

  it('shows a bare case, and one as JSON with the whole of its timeline', async () => {
    const { grounds: _grounds, ...bare } = detail({
      exposures: [],
      texts: [],
      tasks: [],
      timeline: [],
    });
    api.answerers.readCase = () => bare;
    const { stdout } = await run('show', 'case-1');
    expect(stdout).toContain('Risky calls\nnone\n\nTexts\nnone\n\nTasks\nnone\n\nTimeline\nnone');
    expect(stdout).not.toContain('Grounds');
    api.answerers = {
      readCase: () => detail({ next: 'page2' }),
      readTimeline: () => ({ events: [LATER] }),
    };
    const json = JSON.parse((await run('show', 'case-1', '--json')).stdout);
    expect(json.timeline).toHaveLength(2);
    expect(json.timeline[1]).toEqual(LATER);
    expect(json).not.toHaveProperty('next');
  });

  it('opens a case, sets its tier, notes, adds a contact, and closes it', async () => {
    api.answerers = {
      openCase: () => ({ caseId: 'by-hand-1' }),
      setTier: ({ body }) => caseView({ tier: body.tier }),
      addNote: () => ({ done: true }),
      addContact: () => ({ done: true }),
      closeCase: ({ body }) =>
        caseView({ state: 'closed', outcome: body.outcome, closedAt: AT, openSteps: [] }),
    };
    const number = ['--number', '138 0013 8000'];
    const opened = await run(
      'open',
      ...number,
      ...['--kind', 'loan', '--tier', 'high', '--reason', 'her bank rang up'],
    );
    expect(opened.stdout).toBe('Case by-hand-1 is open.\n');
    const raised = await run('tier', 'c', '--tier', 'urgent', '--reason', 'at the bank');
    expect(raised.stdout).toMatch(/tier\s+urgent/);
    expect((await run('note', 'c', 'her son comes over')).stdout).toBe('Noted on the timeline.\n');
    const added = await run('add-contact', 'c', ...number, '--relation', 'daughter');
    expect(added.stdout).toBe('Added to the case.\n');
    const closed = await run('close', 'c', '--outcome', 'not-a-fraud', '--reason', 'her insurer');
    expect(closed.stdout).toMatch(/outcome\s+not-a-fraud\nclosed\s+2026-11-24 10:11:05/);
    expect(api.calls.map(({ name, body }) => [name, body])).toEqual([
      [
        'openCase',
        { kind: 'loan', number: '138 0013 8000', reason: 'her bank rang up', tier: 'high' },
      ],
      ['setTier', { reason: 'at the bank', tier: 'urgent' }],
      ['addNote', { notes: 'her son comes over' }],
      ['addContact', { number: '138 0013 8000', relation: 'daughter' }],
      ['closeCase', { outcome: 'not-a-fraud', reason: 'her insurer' }],
    ]);
    expect(opened.stdout + opened.stderr).not.toContain('8000');
  });

  it('shows the statistics as tables and bars', async () => {
    const statistics: Statistics = {
      at: AT,
      open: { medium: 4, high: 8, urgent: 0 },
      watching: 3,
      dueSoon: 2,
      overdue: 1,
      closedDays: 30,
      closed: 12,
      outcomes: { dissuaded: 3, 'not-a-fraud': 9 },
      medianMinutes: { call: 4.25 },
      precisionByTier: { high: { right: 9, wrong: 1, precision: 0.9 } },
      precisionByReason: {
        'holds-strangers-long': { right: 0, wrong: 0, precision: null },
      },
      precisionByText: { loan: { right: 3, wrong: 1, precision: 0.75 } },
      work: [
        {
          step: 'visit',
          opened: 5,
          done: 4,
          overdue: 2,
          medianMinutes: 40,
          ninetiethMinutes: null,
        },
      ],
      complete: false,
    };
    api.answerers.readStatistics = () => statistics;
    const { stdout } = await run('statistics');
    expect(stdout).toContain('As of 2026-11-24 10:11:05 (not all cases were counted');
    expect(stdout).toContain('2 tasks due within ten minutes, 1 overdue, 3 cases watched');
    expect(stdout).toMatch(/medium │\s+4 │ █{15} /);
    expect(stdout).toMatch(/urgent │\s+0 │\s+│/);
    expect(stdout.indexOf('not-a-fraud')).toBeLessThan(stdout.indexOf('dissuaded'));
    expect(stdout).toMatch(/visit\s+│\s+5 │\s+4 │\s+2 │\s+40 │\s+│/);
    expect(stdout).toMatch(/loan │\s+3 │\s+1 │\s+75\.0 %/);
    expect(stdout).toMatch(/high │\s+9 │\s+1 │\s+90\.0 % │ █{27} /);
    expect(stdout).toMatch(/keeps strangers on the line for long │\s+0 │\s+0 │\s+│/);
    expect(JSON.parse((await run('statistics', '--json')).stdout)).toEqual(statistics);
  });
});
