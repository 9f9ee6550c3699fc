import { beforeEach, describe, expect, test } from 'vitest';
import { checkChain } from '../../../lib/domain/audit/audit-chain.ts';
import {
  AUDITOR,
  DAUGHTER,
  DESK,
  NOW,
  OfficersDesk,
  OTHER_DESK,
  PERSON,
  STATION,
  SUPERVISOR,
  tokenOf,
} from '../../support/officers-desk.ts';

const MINUTE = 60_000;
const CALL = { parameters: { taskId: 'case-1-1' } };
const VISIT = { parameters: { taskId: 'case-1-2' } };
const CASE = { parameters: { caseId: 'case-1' } };

let desk: OfficersDesk;

beforeEach(async () => {
  desk = new OfficersDesk();
  await desk.openCase();
});

const kindsOf = async () => (await desk.timelineOf()).map(({ by, kind }) => `${kind} by ${by}`);

describe('a task', () => {
  test('goes to one of two who claim it at once, and the other is told by whom it was taken', async () => {
    const [first, second] = await Promise.all([
      desk.claim('case-1-1', DESK),
      desk.claim('case-1-1', OTHER_DESK),
    ]);

    expect(first.status).toBe(200);
    expect(first.body.claim).toMatchObject({ by: 'ada', mine: true });
    expect(second.status).toBe(409);
    expect(second.body).toMatchObject({
      type: 'urn:forewarn:problem:task-taken',
      detail: 'ada works on it.',
    });
  });

  test('silent for too long, may be claimed by another, and the timeline says so', async () => {
    await desk.claim('case-1-1', DESK);
    desk.now += 60 * MINUTE;

    const { status } = await desk.claim('case-1-1', OTHER_DESK);
    const kept = await desk.call('keepTask', DESK, CALL);

    expect(status).toBe(200);
    expect(kept.body.type).toBe('urn:forewarn:problem:task-not-yours');
    expect(await kindsOf()).toEqual(
      expect.arrayContaining(['task-lapsed by workflow', 'task-claimed by bo']),
    );
  });

  test('tells how long it stood on its queue until it was first taken', async () => {
    const { body } = await desk.call('readTask', DESK, CALL);
    desk.now = Number(body.assignedAt) + 3 * MINUTE;
    await desk.claim('case-1-1', DESK);
    desk.now += 60 * MINUTE;
    await desk.claim('case-1-1', OTHER_DESK);
    expect(desk.waits).toEqual([3 * MINUTE]);
  });

  test('is kept by heartbeats', async () => {
    await desk.claim('case-1-1', DESK);
    for (let i = 0; i < 20; i++) {
      desk.now += 4 * MINUTE;
      expect((await desk.call('keepTask', DESK, CALL)).status).toBe(200);
    }

    expect((await desk.claim('case-1-1', OTHER_DESK)).status).toBe(409);
  });

  test('released, is free', async () => {
    await desk.claim('case-1-1', DESK);
    await desk.call('releaseTask', DESK, CALL);

    expect((await desk.claim('case-1-1', OTHER_DESK)).status).toBe(200);
  });

  test('is reported on by whom it is with, and its workflow is told', async () => {
    await desk.claim('case-1-1', DESK);

    const { body } = await desk.call('reportTask', DESK, {
      ...CALL,
      body: { outcome: 'dissuaded', notes: 'will not pay' },
    });

    expect(body).toMatchObject({
      result: 'accepted',
      task: { closed: { outcome: 'dissuaded', by: 'ada', notes: 'will not pay' } },
    });
    expect(desk.workflowHeard).toEqual([
      { token: 'token-of-case-1-1', output: { outcome: 'dissuaded', by: 'ada' } },
    ]);
  });

  test('is not reported on by who never claimed it', async () => {
    const { body } = await desk.call('reportTask', DESK, { ...CALL, body: { outcome: 'busy' } });

    expect(body.type).toBe('urn:forewarn:problem:task-not-yours');
    expect(desk.workflowHeard).toEqual([]);
  });

  test('reported on after the case had gone on, is kept and told kindly', async () => {
    await desk.claim('case-1-1', DESK);
    await desk.tasks.close('case-1-1', { outcome: 'overdue', by: 'workflow', at: desk.now });

    const { body, status } = await desk.call('reportTask', DESK, {
      ...CALL,
      body: { outcome: 'dissuaded' },
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({ result: 'late' });
    expect(String(body.message)).toContain('kept on the timeline');
    expect(await kindsOf()).toContain('late-result by ada');
  });

  test('handed over, stands on the other queue and is nobody’s', async () => {
    await desk.claim('case-1-1', DESK);

    const { body } = await desk.call('handOverTask', DESK, {
      ...CALL,
      body: { queue: 'station-jinjiang', reason: 'she asked for a visit' },
    });
    const listed = await desk.call('listTasks', STATION);

    expect(body).toMatchObject({ queue: 'station-jinjiang' });
    expect(listed.text).toContain('case-1-1');
    expect((await desk.claim('case-1-1', STATION)).status).toBe(200);
  });

  test('is handed over to no queue that nobody works', async () => {
    await desk.claim('case-1-1', DESK);

    const { status } = await desk.call('handOverTask', DESK, {
      ...CALL,
      body: { queue: 'station-nowhere', reason: 'x' },
    });

    expect(status).toBe(400);
  });

  test('of a police station says which, and who is on duty there', async () => {
    const { body } = await desk.call('readTask', STATION, VISIT);

    expect(body.station).toEqual({ name: 'jinjiang', dutyOfficer: 'Jin' });
    expect((await desk.call('readTask', DESK, CALL)).body.station).toBeUndefined();
  });

  test('lists come in pages, the first due first, and can be narrowed', async () => {
    await desk.openCase('case-2', { tier: 'urgent' });
    await desk.openCase('case-3');
    await desk.claim('case-3-1', DESK);

    const first = await desk.call('listTasks', DESK, { query: { limit: '2' } });
    const rest = await desk.call('listTasks', DESK, {
      query: { limit: '2', next: String(first.body.next) },
    });
    const mine = await desk.call('listTasks', DESK, { query: { mine: 'true' } });

    expect(first.body.tasks).toHaveLength(2);
    expect(rest.body.tasks).toHaveLength(1);
    expect(rest.body.next).toBeUndefined();
    expect(mine.body.tasks).toMatchObject([{ taskId: 'case-3-1', claim: { mine: true } }]);
  });
});

describe('a write', () => {
  test('with the same key again is answered as it was, and done once', async () => {
    const first = await desk.call('claimTask', DESK, { ...CALL, key: 'the-same-key' });
    desk.now += MINUTE;
    const second = await desk.call('claimTask', DESK, { ...CALL, key: 'the-same-key' });

    expect(second.text).toBe(first.text);
    expect((await kindsOf()).filter((kind) => kind.startsWith('task-claimed'))).toHaveLength(1);
  });

  test('that was refused stays refused under its key', async () => {
    await desk.claim('case-1-1', OTHER_DESK);
    const first = await desk.call('claimTask', DESK, { ...CALL, key: 'the-same-key' });
    await desk.call('releaseTask', OTHER_DESK, CALL);
    const second = await desk.call('claimTask', DESK, { ...CALL, key: 'the-same-key' });

    expect([first.status, second.status]).toEqual([409, 409]);
  });

  test('may not have the key of another', async () => {
    await desk.call('claimTask', DESK, { ...CALL, key: 'the-same-key' });
    const { status } = await desk.call('releaseTask', DESK, { ...CALL, key: 'the-same-key' });

    expect(status).toBe(422);
  });

  test('of another officer with the same key is another write', async () => {
    await desk.call('claimTask', DESK, { ...CALL, key: 'the-same-key' });
    const { status } = await desk.call('claimTask', OTHER_DESK, { ...CALL, key: 'the-same-key' });

    expect(status).toBe(409);
  });

  test.each(['', 'short', 'with spaces in it', 'x'.repeat(65)])(
    'without a proper key is refused: %j',
    async (key) => {
      const { body } = await desk.call('claimTask', DESK, { ...CALL, key });

      expect(body.type).toBe('urn:forewarn:problem:key-missing');
    },
  );

  test('that failed here can be repeated with its key', async () => {
    const append = desk.cases.append.bind(desk.cases);
    desk.cases.append = async () => {
      throw new Error('the table is away');
    };
    const failed = await desk.call('claimTask', DESK, { ...CALL, key: 'the-same-key' });
    desk.cases.append = append;
    const again = await desk.call('claimTask', DESK, { ...CALL, key: 'the-same-key' });

    expect([failed.status, again.status]).toEqual([500, 200]);
    expect(failed.text).not.toContain('the table is away');
    expect(desk.reports).toMatchObject([{ what: 'failed', route: 'POST /tasks/{taskId}/claim' }]);
  });
});

describe('a case', () => {
  test('raised by hand, calls off what waits and tells its workflow', async () => {
    const { body } = await desk.call('setTier', DESK, {
      ...CASE,
      body: { tier: 'urgent', reason: 'money was sent' },
    });

    expect(body).toMatchObject({ tier: 'urgent', lastOfficer: 'ada' });
    expect(desk.workflowHeard.map(({ token }) => token)).toEqual([
      'token-of-case-1-1',
      'token-of-case-1-2',
    ]);
    expect(await desk.timelineOf()).toContainEqual(
      expect.objectContaining({
        kind: 'tier-raised',
        details: { from: 'high', to: 'urgent', reason: 'money was sent' },
      }),
    );
  });

  test('lowered by hand, lets go on what is under way', async () => {
    const { body } = await desk.call('setTier', DESK, {
      ...CASE,
      body: { tier: 'medium', reason: 'it was her nephew' },
    });

    expect(body).toMatchObject({ tier: 'medium' });
    expect(body.openSteps).toHaveLength(2);
    expect(desk.workflowHeard).toEqual([]);
  });

  test('that has the tier already is not changed', async () => {
    const { body } = await desk.call('setTier', DESK, {
      ...CASE,
      body: { tier: 'high', reason: 'x' },
    });

    expect(body.type).toBe('urn:forewarn:problem:no-change');
  });

  test('closed by hand, calls off all of its tasks, and cannot be closed again', async () => {
    const body = { outcome: 'not-a-fraud', reason: 'a courier' };
    const closed = await desk.call('closeCase', SUPERVISOR, { ...CASE, body });
    expect(desk.workflowHeard).toHaveLength(2);
    const again = await desk.call('closeCase', SUPERVISOR, { ...CASE, body });

    expect(closed.body).toMatchObject({ state: 'closed', outcome: 'not-a-fraud', openSteps: [] });
    expect(again.body.type).toBe('urn:forewarn:problem:case-closed');
  });

  test.each([
    ['setTier', DESK, { tier: 'urgent', reason: 'money was sent' }],
    ['closeCase', SUPERVISOR, { outcome: 'wrong-person', reason: 'a courier' }],
  ] as const)(
    'that a crash kept from telling its workflow tells it by the next try: %s',
    async (name, who, body) => {
      const close = desk.tasks.close.bind(desk.tasks);
      desk.tasks.close = async () => {
        throw new Error('the function was stopped');
      };
      const broken = await desk.call(name, who, { ...CASE, body, key: 'key-of-change' });
      desk.tasks.close = close;
      await desk.call(name, who, { ...CASE, body, key: 'key-of-change' });

      expect(broken.status).toBe(500);
      expect(desk.workflowHeard.map(({ token }) => token)).toEqual([
        'token-of-case-1-1',
        'token-of-case-1-2',
      ]);
    },
  );

  test('shows its tasks, texts, calls and timeline, and the numbers masked', async () => {
    await desk.claim('case-1-2', STATION);
    desk.person = {
      warnings: [
        {
          warning: { decidedAt: NOW / 1000, caseId: 'case-1' } as never,
          status: 'sent',
          settledAt: NOW + 900,
        },
      ],
      exposures: [
        {
          caller: tokenOf('+8613700137000'),
          call: 1,
          start: NOW / 1000 - 60,
          duration: 50,
          answered: true,
        },
      ],
    };

    const { body } = await desk.call('readCase', STATION, CASE);

    expect(body).toMatchObject({
      case: { caseId: 'case-1', subject: '+86*******0008', state: 'open' },
      texts: [{ state: 'sent', decidedAt: NOW, settledAt: NOW + 900 }],
      exposures: [{ caller: '+86*******7000', seconds: 50 }],
      tasks: [{ taskId: 'case-1-1' }, { taskId: 'case-1-2', claim: { mine: true } }],
    });
    expect(body.timeline).toHaveLength(2);
  });

  test('opened by hand stands in the officer’s name, once for the same request', async () => {
    const body = { number: '137 1234 0009', kind: 'loan', tier: 'high', reason: 'a bank called' };
    const first = await desk.call('openCase', DESK, { body, key: 'the-same-key' });
    const again = await desk.call('openCase', DESK, { body, key: 'the-same-key' });
    const another = await desk.call('openCase', DESK, { body });

    expect(first.status).toBe(201);
    expect(again.text).toBe(first.text);
    expect(desk.opened).toMatchObject([{ openedBy: 'ada', tier: 'high', kind: 'loan' }]);
    expect(another.body.detail).toBe(
      `The person has a case under way: ${String(first.body.caseId)}.`,
    );
  });

  test('gets a relative whom the officer learned of, and the relatives can be asked', async () => {
    await desk.call('addContact', DESK, {
      ...CASE,
      body: { number: DAUGHTER, relation: 'daughter' },
    });
    await desk.claim('case-1-2', STATION);

    const task = await desk.call('readTask', STATION, VISIT);
    const revealed = await desk.call('revealNumber', STATION, {
      ...VISIT,
      body: { purpose: 'asking the daughter for help', contact: 1 },
    });

    expect(task.body.contacts).toEqual(['+86*******9001']);
    expect(revealed.body).toMatchObject({ number: DAUGHTER, relation: 'daughter', auditEntry: 1 });
    expect(await kindsOf()).toContain('relative-used by jin');
  });

  test('has a contact once', async () => {
    const body = { number: DAUGHTER, relation: 'daughter' };
    await desk.call('addContact', DESK, { ...CASE, body });

    expect((await desk.call('addContact', DESK, { ...CASE, body })).status).toBe(409);
  });
});

describe('a look at a number', () => {
  test('is audited before the number is shown', async () => {
    await desk.claim('case-1-1', DESK);
    desk.audit.append = async () => {
      throw new Error('the audit is away');
    };

    const { status, text } = await desk.call('revealNumber', DESK, {
      ...CALL,
      body: { purpose: 'calling her' },
    });

    expect(status).toBe(500);
    expect(text).not.toContain(PERSON.slice(3));
  });

  test('stands in a chain that verifies, once for the same request', async () => {
    await desk.claim('case-1-1', DESK);
    const options = { ...CALL, body: { purpose: 'calling her' } };
    const first = await desk.call('revealNumber', DESK, { ...options, key: 'the-same-key' });
    desk.now += 1_000;
    const again = await desk.call('revealNumber', DESK, { ...options, key: 'the-same-key' });
    expect((await kindsOf()).filter((kind) => kind === 'revealed by ada')).toHaveLength(1);
    await desk.call('revealNumber', DESK, options);

    expect(first.body).toEqual({ number: PERSON, auditEntry: 1 });
    expect(again.body).toEqual(first.body);
    expect(desk.audit.entries).toMatchObject([
      { sequence: 1, by: 'ada', taskId: 'case-1-1', whose: 'subject', purpose: 'calling her' },
      { sequence: 2 },
    ]);
    expect(checkChain(desk.audit.entries)).toMatchObject({ ok: true, entries: 2 });
    const { body } = await desk.call('readAudit', AUDITOR);
    expect(body.entries).toHaveLength(2);
  });

  test('is kept in no ledger of answers', async () => {
    await desk.claim('case-1-1', DESK);
    await desk.call('revealNumber', DESK, { ...CALL, body: { purpose: 'calling her' } });

    expect(JSON.stringify([...desk.ledger.kept.values()])).not.toContain(PERSON.slice(3));
  });

  test('is over with the claim', async () => {
    await desk.claim('case-1-1', DESK);
    desk.now += 60 * MINUTE;

    const { status } = await desk.call('revealNumber', DESK, {
      ...CALL,
      body: { purpose: 'calling her' },
    });

    expect(status).toBe(409);
  });
});

describe('the statistics', () => {
  test('count what is open, due and overdue, and how right the closed ones were', async () => {
    await desk.openCase('case-2', { tier: 'urgent' });
    await desk.openCase('case-3', { tier: 'medium' });
    await desk.call('closeCase', SUPERVISOR, {
      parameters: { caseId: 'case-2' },
      body: { outcome: 'not-a-fraud', reason: 'a courier' },
    });
    desk.now += 11 * MINUTE;

    const { body } = await desk.call('readStatistics', SUPERVISOR);

    expect(body).toMatchObject({
      open: { medium: 1, high: 1, urgent: 0 },
      overdue: 4,
      dueSoon: 0,
      closed: 1,
      outcomes: { 'not-a-fraud': 1 },
      precisionByTier: { urgent: { right: 0, wrong: 1, precision: 0 } },
      precisionByReason: { 'new-contacts-day': { right: 0, wrong: 1 } },
      work: [
        { step: 'call', opened: 2, done: 0, overdue: 2, medianMinutes: null },
        { step: 'visit', opened: 2, done: 0, overdue: 2, medianMinutes: null },
      ],
      complete: true,
    });
  });
});
