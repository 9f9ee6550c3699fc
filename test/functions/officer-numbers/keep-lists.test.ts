import { Compile } from 'typebox/compile';
import { beforeEach, describe, expect, test } from 'vitest';
import { ListPageSchema } from '../../../lib/api/schemas.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { createLegFolder } from '../../../lib/domain/profile/fold-legs.ts';
import { legOf, tokenOf as person } from '../../domain/factories.ts';
import { ANALYST, NOW, OfficersDesk, SUPERVISOR, tokenOf } from '../../support/officers-desk.ts';

const NUMBER = '+8613800138005';
const TOKEN = tokenOf(NUMBER);
const DAY = 86_400;
const AT = NOW / 1000;
const LISTED = { number: NUMBER, reference: 'file 2026-118', reason: 'confirmed by police' };
const CASE_NUMBER = { ...LISTED, kind: 'loan' };
const POLICY = loadDefaultPolicy();
const fold = createLegFolder(POLICY);

let desk: OfficersDesk;

beforeEach(() => {
  desk = new OfficersDesk();
});

const add = (body: object = CASE_NUMBER, key?: string) =>
  desk.call('addCaseNumber', ANALYST, { body, ...(key !== undefined && { key }) });
const allow = (body: object) => desk.call('addAllowedNumber', SUPERVISOR, { body });
const remove = ({ id: entryId = '' }: { readonly id?: string }) =>
  desk.call('removeCaseNumber', ANALYST, {
    parameters: { entryId },
    body: { reason: 'a mistake' },
  });

/** Calls that the number's profile remembers. */
function inTouchWith(...calls: Parameters<typeof legOf>[0][]): void {
  const legs = calls.map((changes, i) => legOf({ number: TOKEN, call: i + 1, ...changes }));
  desk.listings.profiles.set(TOKEN, fold(undefined, TOKEN, legs).profile);
}

describe('a case number', () => {
  test('exposes everybody of the last days whom the profile remembers, callers and called', async () => {
    inTouchWith(
      { counterpart: person(1), start: AT - 40 * DAY },
      { counterpart: person(2), start: AT - 29 * DAY },
      { counterpart: person(3), start: AT - DAY, originating: false },
      { counterpart: person(4), start: AT - 3_600, counterpartIsService: true },
      { counterpart: person(3), start: AT - 600 },
    );

    const { body, status } = await add();

    expect({ body, status }).toMatchObject({ status: 201, body: { people: 2, version: 1 } });
    expect(desk.exposures.map(({ subject }) => subject)).toEqual([person(2), person(3), person(3)]);
    for (const exposure of desk.exposures) {
      expect(exposure).toMatchObject({
        caller: TOKEN,
        side: 'list',
        track: 'live',
        arrivedAt: NOW,
        finding: { at: AT, kind: 'loan', policyVersion: POLICY.version },
      });
    }
    expect(desk.findings).toMatchObject([
      { judgement: { caller: TOKEN, terms: [{ id: 'case-number' }] } },
    ]);
  });

  test('has the archive searched for whom its profile no longer remembers', async () => {
    const { body } = await add();
    expect(body.archiveSearch).toBe('under-way');
    expect(desk.searches).toMatchObject([
      [[{ id: body.id, number: TOKEN, version: 1 }], AT, POLICY.lists.contactDays],
    ]);
  });

  test('stays on the list where that search cannot begin, and the answer says so', async () => {
    desk.archiveSearch = 'not-started';
    inTouchWith({ counterpart: person(2), start: AT - DAY });
    expect(await add()).toMatchObject({
      status: 201,
      body: { people: 1, archiveSearch: 'not-started' },
    });
    expect(desk.listings.listings.get(TOKEN)?.caseNumber).toBeDefined();

    desk.archiveSearch = 'under-way';
    expect(await add()).toMatchObject({ status: 201, body: { archiveSearch: 'under-way' } });
    expect((await add()).status).toBe(409);
    expect(desk.searches).toHaveLength(2);
    expect(desk.lists.changes['case-numbers']).toHaveLength(1);
  });

  test('stays as long as the policy says, or until a time before that', async () => {
    const { body } = await add();
    expect(body.until).toBe((AT + POLICY.lists.caseNumber.days * DAY) * 1000);

    const until = '2026-12-01T00:00:00.000Z';
    const other = await add({ ...CASE_NUMBER, number: '13800138006', until });
    expect(other.body.until).toBe(Date.parse(until));
    const past = await add({
      ...CASE_NUMBER,
      number: '13800138007',
      until: '2026-01-01T00:00:00Z',
    });
    expect(past.status).toBe(400);
  });

  test('is listed with why, where from and by whom, and never in clear', async () => {
    await add({ ...CASE_NUMBER, reason: 'see also 13912345678' });
    const { body, text } = await desk.call('listCaseNumbers', ANALYST);
    expect(body.entries).toMatchObject([
      {
        number: '+86*******8005',
        reference: 'file 2026-118',
        reason: 'see also *******5678',
        by: 'lin',
        at: NOW,
        version: 1,
      },
    ]);
    expect(text).not.toContain('13800138005');
    expect(Compile(ListPageSchema).Check(body)).toBe(true);
  });

  test('takes no phone number for its reference', async () => {
    const { status, text } = await add({ ...CASE_NUMBER, reference: 'call 13912345678' });
    expect(status).toBe(400);
    expect(text).not.toContain('13912345678');
  });

  test('that is on the list already is refused, and changes nothing', async () => {
    await add();
    const { body, status } = await add({ ...CASE_NUMBER, kind: 'other' });
    expect({ status, title: body.title }).toEqual({ status: 409, title: 'Nothing would change' });
    expect(desk.listings.listings.get(TOKEN)?.caseNumber?.kind).toBe('loan');
    expect(desk.lists.changes['case-numbers']).toHaveLength(1);
  });

  test('whose adding broke off half-way is put there by the next try', async () => {
    const change = desk.listings.change.bind(desk.listings);
    desk.listings.change = async () => {
      throw new Error('the function was stopped');
    };
    expect((await add()).status).toBe(500);
    desk.listings.change = change;
    inTouchWith({ counterpart: person(2), start: AT - DAY });

    expect(await add()).toMatchObject({ status: 201, body: { people: 1, version: 1 } });
    expect(desk.exposures).toHaveLength(1);
  });

  test('taken off is judged by its calls again, and what came of it is said', async () => {
    inTouchWith({ counterpart: person(2), start: AT - DAY });
    const { body } = await add();
    desk.takenBack = { withdrawn: 2, sent: 1, cases: ['case-9'], complete: true };

    const removed = await remove(body);

    expect(removed).toMatchObject({ status: 200, body: { version: 2, ...desk.takenBack } });
    expect(desk.listings.listings.get(TOKEN)).toBeUndefined();
    expect(desk.taken).toEqual([[TOKEN, 'list', [person(2)], NOW, NOW]]);
    expect((await desk.call('listCaseNumbers', ANALYST)).body).toEqual({ version: 2, entries: [] });
    expect(desk.lists.changes['case-numbers']).toMatchObject([
      { act: 'added', version: 1 },
      { act: 'removed', version: 2, reason: 'a mistake', by: 'lin' },
    ]);
    expect((await remove(body)).status).toBe(404);
  });

  test('whose removal broke off half-way can be removed again', async () => {
    const { body } = await add();
    const removing = desk.lists.remove.bind(desk.lists);
    desk.lists.remove = async () => {
      throw new Error('the function was stopped');
    };
    expect((await remove(body)).status).toBe(500);
    desk.lists.remove = removing;
    expect((await remove(body)).status).toBe(200);
  });
});

describe('case numbers of a file', () => {
  const row = (i: number, changes: object = {}) => ({
    ...CASE_NUMBER,
    number: `1380013800${i}`,
    ...changes,
  });
  const importAll = (numbers: readonly object[]) =>
    desk.call('importCaseNumbers', ANALYST, { body: { numbers } });

  test('do what each would by itself, and have the archive searched once for all', async () => {
    inTouchWith({ counterpart: person(2), start: AT - DAY });
    await add(row(4));
    const { body, status } = await importAll([
      row(5),
      row(6, { kind: 'fake-orders' }),
      row(5, { kind: 'other' }),
      row(4),
      row(7, { number: '95588' }),
      row(8, { reference: 'call 13912345678' }),
    ]);

    expect({ body, status }).toMatchObject({
      status: 200,
      body: {
        taken: 2,
        known: 2,
        people: 1,
        archiveSearch: 'under-way',
        rejected: [{ item: 4 }, { item: 5 }],
      },
    });
    const [, together] = desk.searches;
    expect(together?.[0].map(({ number }) => number)).toEqual([TOKEN, tokenOf('+8613800138006')]);
    expect(desk.listings.listings.get(TOKEN)?.caseNumber?.kind).toBe('loan');
    expect(desk.exposures.map(({ subject }) => subject)).toEqual([person(2)]);
    expect(desk.lists.changes['case-numbers']).toHaveLength(3);
  });

  test('sent again are known, and searched for again only where that had not begun', async () => {
    desk.archiveSearch = 'not-started';
    expect((await importAll([row(5), row(6)])).body).toMatchObject({
      taken: 2,
      archiveSearch: 'not-started',
    });
    desk.archiveSearch = 'under-way';
    expect((await importAll([row(5), row(6)])).body).toMatchObject({ taken: 2, known: 0 });
    expect((await importAll([row(5), row(6)])).body).toMatchObject({
      taken: 0,
      known: 2,
      archiveSearch: 'not-needed',
    });
    expect(desk.searches).toHaveLength(2);
    expect(desk.lists.changes['case-numbers']).toHaveLength(2);
  });

  test('that a crash cut short are searched for when they are sent again', async () => {
    const change = desk.listings.change.bind(desk.listings);
    desk.listings.change = async () => {
      throw new Error('the function was stopped');
    };
    expect((await importAll([row(5), row(6)])).status).toBe(500);
    desk.listings.change = change;

    expect((await importAll([row(5), row(6)])).body).toMatchObject({ taken: 2 });
    expect(desk.listings.listings.size).toBe(2);
    expect(desk.searches.map(([entries]) => entries.length)).toEqual([2]);
  });
});

describe('an allowed number', () => {
  const UNTIL = '2027-01-31T00:00:00Z';

  test('is on its list until then, and what it had led to is taken back', async () => {
    desk.takenBack = { withdrawn: 3, sent: 0, cases: [], complete: true };
    const { body, status } = await allow({ ...LISTED, until: UNTIL });
    expect({ body, status }).toMatchObject({ status: 201, body: { withdrawn: 3, version: 1 } });
    expect(desk.listings.listings.get(TOKEN)).toEqual({
      allowed: { until: Date.parse(UNTIL) / 1000 },
    });
    expect(desk.taken).toEqual([[TOKEN, 'all', [], NOW - 3 * DAY * 1000, NOW]]);
  });

  test('whose adding broke off before all was taken back takes it back by the next try', async () => {
    const change = desk.lists.followedUp.bind(desk.lists);
    desk.lists.followedUp = async () => {
      throw new Error('the function was stopped');
    };
    expect((await allow({ ...LISTED, until: UNTIL })).status).toBe(500);
    desk.lists.followedUp = change;

    expect((await allow({ ...LISTED, until: UNTIL })).status).toBe(201);
    expect(desk.taken).toHaveLength(2);
    expect((await allow({ ...LISTED, until: UNTIL })).status).toBe(409);
    expect(desk.lists.changes['allowed-numbers']).toHaveLength(1);
  });

  test('whose former entry has ended is not taken for allowed when a new one broke off', async () => {
    await allow({ ...LISTED, until: '2026-11-25T00:00:00Z' });
    desk.now = Date.parse('2026-11-26T00:00:00Z');
    const change = desk.listings.change.bind(desk.listings);
    desk.listings.change = async () => {
      throw new Error('the function was stopped');
    };
    expect((await allow({ ...LISTED, until: UNTIL })).status).toBe(500);
    desk.listings.change = change;

    expect((await allow({ ...LISTED, until: UNTIL })).status).toBe(201);
    expect(desk.listings.listings.get(TOKEN)?.allowed?.until).toBe(Date.parse(UNTIL) / 1000);
  });

  test.each([
    ['without an end', { ...LISTED }],
    ['for longer than a year', { ...LISTED, until: '2028-01-31T00:00:00Z' }],
    ['without a reason', { ...LISTED, reason: '', until: UNTIL }],
  ])('is refused %s', async (_, body) => {
    expect((await allow(body)).status).toBe(400);
  });

  test('cannot be a case number at the same time', async () => {
    await allow({ ...LISTED, until: UNTIL });
    expect(await add()).toMatchObject({ status: 409 });
    expect(desk.exposures).toEqual([]);

    desk.now = Date.parse(UNTIL) + 1;
    expect((await add()).status).toBe(201);
  });
});
