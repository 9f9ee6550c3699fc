import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { encodeCursor } from '../../../functions/adapters/page-cursor.ts';
import { createTasksTable, type Task } from '../../../functions/adapters/tasks-table.ts';
import {
  claimsOf,
  DAUGHTER,
  DESK,
  OfficersDesk,
  OTHER_STATION,
  PERSON,
  STATION,
  SUPERVISOR,
} from '../../support/officers-desk.ts';

const CALL = { parameters: { taskId: 'case-1-1' } };
const CASE = { parameters: { caseId: 'case-1' } };

let desk: OfficersDesk;

beforeEach(async () => {
  desk = new OfficersDesk();
  await desk.openCase();
});

const digitsOf = (number: string) => number.slice(3);

describe('tokens', () => {
  test('an access token names no officer', async () => {
    const { status } = await desk.call('listTasks', { ...DESK, token_use: 'access' });

    expect(status).toBe(401);
  });

  test.each([
    ['a group that there is not', '[admin root]'],
    ['a group that only looks like one', '[call-desk-of-another-app supervisors]'],
    ['no list at all', ''],
  ])('%s opens nothing', async (_, groups) => {
    const claims = { ...DESK, 'cognito:groups': groups };

    expect((await desk.call('listTasks', claims)).status).toBe(403);
  });

  test.each(['../jinjiang', 'jinjiang station-wuhou', '', 'JINJIANG'])(
    'a station named %j works no queue of a station',
    async (station) => {
      const claims = claimsOf('eve', 'station', { 'custom:station': station });

      const { body, status } = await desk.call('listTasks', claims, {
        query: { queue: 'station-jinjiang' },
      });

      expect(status).toBe(403);
      expect(JSON.stringify(body)).not.toContain('case-1');
    },
  );
});

describe("another district's things", () => {
  test('are told apart from things that are not there by nothing in the answer', async () => {
    const ofAnother = await desk.call('readCase', OTHER_STATION, CASE);
    const ofNobody = await desk.call('readCase', OTHER_STATION, {
      parameters: { caseId: 'no-such-case' },
    });

    expect(ofAnother.status).toBe(404);
    expect(ofAnother.text).toBe(ofNobody.text);
  });

  test('are in no list that asks for them without a filter', async () => {
    const listed = await desk.call('listCases', OTHER_STATION);
    const tasks = await desk.call('listTasks', OTHER_STATION);

    expect(listed.body).toEqual({ cases: [] });
    expect(tasks.body).toEqual({ tasks: [] });
  });

  test('a neighbour sees a case while it has a visit there to take, and not after', async () => {
    const [, visit] = await desk.tasks.ofCase('case-1');
    await desk.tasks.offer({
      ...(visit as Task),
      taskId: 'case-1-3',
      backupQueue: 'station-wuhou',
      backupFrom: desk.now + 60_000,
    });
    const before = await desk.call('readCase', OTHER_STATION, CASE);
    desk.now += 60_000;
    const meanwhile = await desk.call('readCase', OTHER_STATION, CASE);
    await desk.tasks.close('case-1-3', { outcome: 'overdue', by: 'workflow', at: desk.now });
    const after = await desk.call('readCase', OTHER_STATION, CASE);

    expect([before.status, meanwhile.status, after.status]).toEqual([404, 200, 404]);
  });

  test('a district of another station cannot be asked for', async () => {
    const { status } = await desk.call('listCases', OTHER_STATION, {
      query: { district: '510104' },
    });

    expect(status).toBe(403);
  });

  test('a time that cannot be compared is asked for in vain', async () => {
    const query = { since: '2016-12-31T23:59:60Z' };
    expect((await desk.call('listCases', SUPERVISOR, { query })).status).toBe(400);
  });

  test('an officer of two districts has to say which', async () => {
    const { body, status } = await desk.call('listCases', STATION);

    expect(status).toBe(400);
    expect(body.faults).toEqual(['district: must be one of 510104, 510105']);
  });
});

describe('bodies', () => {
  test.each([
    ['a tier', { outcome: 'busy', tier: 'low' }],
    ['another officer', { outcome: 'busy', by: 'somebody' }],
    ['a due time', { outcome: 'busy', dueAt: 1 }],
    ['a prototype', JSON.parse('{"outcome":"busy","__proto__":{"groups":["supervisor"]}}')],
    ['a constructor', { outcome: 'busy', constructor: { prototype: {} } }],
  ])('cannot assign %s beside what is asked for', async (_, body) => {
    await desk.claim('case-1-1', DESK);

    const { status } = await desk.call('reportTask', DESK, { ...CALL, body });

    expect(status).toBe(400);
    expect((await desk.tasks.read('case-1-1'))?.closed).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('of more than 16 KB are refused before they are read', async () => {
    const { status } = await desk.call('addNote', DESK, {
      ...CASE,
      rawBody: `{"notes":"${'x'.repeat(17_000)}"}`,
    });

    expect(status).toBe(413);
  });

  test('nested as deep as fits are refused', async () => {
    const { status } = await desk.call('addNote', DESK, {
      ...CASE,
      rawBody: `{"notes":${'['.repeat(8_000)}${']'.repeat(8_000)}}`,
    });

    expect(status).toBe(400);
  });

  test.each([
    ['broken JSON', '{"notes":', 415],
    ['no JSON', 'notes=1', 415],
    ['null', 'null', 400],
    ['a list', '[]', 400],
  ])('of %s are refused', async (_, rawBody, expected) => {
    expect((await desk.call('addNote', DESK, { ...CASE, rawBody })).status).toBe(expected);
  });

  test('of a form are refused, so that no page of a stranger can post one', async () => {
    const { status } = await desk.call('addNote', DESK, {
      ...CASE,
      body: { notes: 'x' },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });

    expect(status).toBe(415);
  });

  test('where none is asked for are refused', async () => {
    expect((await desk.call('claimTask', DESK, { ...CALL, body: { by: 'eve' } })).status).toBe(400);
  });
});

describe('what officers write', () => {
  test.each([
    ['an escape sequence of a terminal', '\u001b[2J\u001b]0;owned\u0007'],
    ['a right-to-left override', 'paid \u202e000,01'],
    ['a null', 'a\u0000b'],
  ])('is refused with %s', async (_, notes) => {
    expect((await desk.call('addNote', DESK, { ...CASE, body: { notes } })).status).toBe(400);
  });

  test.each(['<script>alert(1)</script>', "'; DROP TABLE cases; --", '=HYPERLINK("x","y")'])(
    'is kept and given back as the text that it is: %s',
    async (notes) => {
      await desk.call('addNote', DESK, { ...CASE, body: { notes } });

      const { body, headers } = await desk.call('readCase', DESK, CASE);

      expect(JSON.stringify(body)).toContain(JSON.stringify(notes));
      expect(headers['content-type']).toBe('application/json');
      expect(headers['x-content-type-options']).toBe('nosniff');
    },
  );

  test.each(['13900139001', '+86 139 0013 9001', '0086-139-0013-9001', '139 0013 9001'])(
    'keeps no number in clear: %s',
    async (number) => {
      await desk.claim('case-1-1', DESK);
      await desk.call('addNote', DESK, { ...CASE, body: { notes: `her number is ${number} now` } });
      await desk.call('reportTask', DESK, {
        ...CALL,
        body: { outcome: 'busy', notes: `try ${number}` },
      });
      await desk.call('setTier', DESK, {
        ...CASE,
        body: { tier: 'urgent', reason: `called from ${number}` },
      });

      const written = JSON.stringify([
        await desk.timelineOf(),
        await desk.tasks.ofCase('case-1'),
        [...desk.ledger.kept.values()],
      ]);

      expect(written).toContain('9001');
      expect(written).not.toMatch(/139[ -]?0013/);
    },
  );
});

describe('places in lists', () => {
  test.each([
    'x',
    encodeCursor(null),
    encodeCursor({ own: { taskId: {}, dueAt: 'soon' } }),
    encodeCursor({ own: { taskId: 'a' } }),
    encodeCursor({ own: { taskId: '', dueAt: 1 } }),
    encodeCursor({ own: { taskId: 'a'.repeat(1_025), dueAt: 1 } }),
    encodeCursor([1]),
    encodeCursor({ backup: 7 }),
  ])('made up by the caller are refused: %s', async (next) => {
    // The in-memory store takes any text: the table's own reading of it is what is tested here.
    const table = createTasksTable({ send: async () => ({}) } as never, 'tasks');

    await expect(async () => table.openIn('call-desk', 0, { next })).rejects.toThrow(
      expect.objectContaining({ code: 'BAD_CURSOR' }),
    );
  });

  test.each(['0', '101', '-1', '1e3', '9999999999', ' 5'])(
    'a page of %j is refused',
    async (limit) => {
      expect((await desk.call('listTasks', DESK, { query: { limit } })).status).toBe(400);
    },
  );
});

describe('numbers', () => {
  test('whatever is called but reveal, no answer, log or kept record has one in clear', async () => {
    await desk.claim('case-1-1', DESK);
    const replies = [
      await desk.call('listTasks', DESK),
      await desk.call('readTask', DESK, CALL),
      await desk.call('listCases', DESK),
      await desk.call('addContact', DESK, {
        ...CASE,
        body: { number: DAUGHTER, relation: 'daughter' },
      }),
      await desk.call('readCase', DESK, CASE),
      await desk.call('openCase', DESK, {
        body: { number: '13800138777', kind: 'loan', tier: 'high', reason: 'a neighbour called' },
      }),
      await desk.call('openCase', DESK, {
        body: { number: 'not a number 13800138777', kind: 'loan', tier: 'high', reason: 'x' },
      }),
    ];

    const said = JSON.stringify([
      replies,
      desk.reports,
      [...desk.ledger.kept.values()],
      await desk.timelineOf(),
    ]);

    for (const number of [PERSON, DAUGHTER, '+8613800138777']) {
      expect(said).not.toContain(digitsOf(number));
    }
  });

  test('cannot be tried one after the other: what is answered is the same for every unknown person', async () => {
    const opened = await Promise.all(
      ['13800138001', '13800138002'].map((number) =>
        desk.call('openCase', DESK, {
          body: { number, kind: 'loan', tier: 'medium', reason: 'trying numbers' },
        }),
      ),
    );

    expect(opened.map(({ status }) => status)).toEqual([201, 201]);
    // And every try is a case that stands under the officer's name.
    expect(desk.opened.map(({ openedBy }) => openedBy)).toEqual(['ada', 'ada']);
  });

  test('a task of somebody else reveals nothing and leaves no entry', async () => {
    await desk.claim('case-1-1', SUPERVISOR);

    const { status, text } = await desk.call('revealNumber', DESK, {
      ...CALL,
      body: { purpose: 'curious' },
    });

    expect(status).toBe(409);
    expect(text).not.toContain(digitsOf(PERSON));
    expect(desk.audit.entries).toEqual([]);
  });

  test('a purpose must be stated', async () => {
    await desk.claim('case-1-1', DESK);

    const { status } = await desk.call('revealNumber', DESK, { ...CALL, body: { purpose: '' } });

    expect(status).toBe(400);
  });
});

describe('any body at all', () => {
  test('is answered with a problem, never with a failure', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          'reportTask',
          'setTier',
          'closeCase',
          'addContact',
          'openCase',
          'addNote',
          'readClues',
          'importClues',
          'importCaseNumbers',
        ),
        fc.oneof(fc.json(), fc.string(), fc.string({ unit: 'binary' })),
        async (name, rawBody) => {
          const { body, status } = await desk.call(name, SUPERVISOR, {
            parameters: { taskId: 'case-1-1', caseId: 'case-1' },
            rawBody,
          });

          expect(status).toBeLessThan(500);
          expect(status).toBeGreaterThanOrEqual(400);
          expect(body.type).toMatch(/^urn:forewarn:problem:/);
        },
      ),
      { numRuns: 300 },
    );
  });
});
