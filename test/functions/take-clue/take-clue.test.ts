import { beforeEach, describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { ANALYST, NOW, OfficersDesk, SUPERVISOR, tokenOf } from '../../support/officers-desk.ts';

const NUMBER = '+8613800138005';
const TOKEN = tokenOf(NUMBER);
const CLUE = { number: '138 0013 8005', kind: 'loan', when: '2026-11-23T09:00:00+08:00' };
const LIMITS = loadDefaultPolicy().lists.clues;
const DAY_MS = 86_400_000;

let desk: OfficersDesk;

beforeEach(() => {
  desk = new OfficersDesk();
});

const addressOf = (i: number) => `10.${i >> 8}.${i & 255}.9`;
const post = (body: object = CLUE, from = addressOf(1), key?: string) =>
  desk.call('postClue', undefined, { body, from, ...(key !== undefined && { key }) });
const stateOf = async (reference: string | undefined) =>
  (await desk.call('readClue', undefined, { parameters: { reference: reference ?? '' } })).body;
const clues = () => [...desk.clues.clues.values()].map(({ clue }) => clue);

describe('a clue', () => {
  test('from anybody is answered with a reference, which tells how far it has come and no more', async () => {
    const { body, status } = await post();
    expect(status).toBe(201);
    expect(Object.keys(body)).toEqual(['reference']);
    expect(body.reference).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(await stateOf(body.reference)).toEqual({ state: 'considered' });

    desk.now = NOW + 5 * LIMITS.halfLifeDays * DAY_MS;
    expect(await stateOf(body.reference)).toEqual({ state: 'closed' });
    expect(await stateOf('A'.repeat(22))).toMatchObject({ status: 404 });
  });

  test('is kept sealed and without numbers, however they are written', async () => {
    await post({
      ...CLUE,
      text: 'call 13912345678 or １３９ １２３４ ５６７８',
      reporter: '13712340008',
    });
    expect(clues()).toMatchObject([
      {
        number: TOKEN,
        kind: 'loan',
        reporterNumber: tokenOf('+8613712340008'),
        text: 'call *******5678 or *********5678',
      },
    ]);
    const kept = JSON.stringify([...desk.clues.clues, ...desk.clues.reporters]);
    expect(kept).not.toMatch(/13800138005|13912345678|13712340008|10\.0\.1/);
  });

  test('sent again with its key is the same clue', async () => {
    const first = await post(CLUE, addressOf(1), 'the-same-key');
    desk.ledger.kept.clear();
    const again = await post(CLUE, addressOf(1), 'the-same-key');
    expect(again.body).toEqual(first.body);
    expect(desk.clues.states.get(TOKEN)?.window.reports).toBe(1);
  });

  test.each([
    ['a service number', { ...CLUE, number: '95588' }],
    ['no number', { ...CLUE, number: 'abc' }],
    ['a time to come', { ...CLUE, when: '2027-11-23T09:00:00+08:00' }],
    ['a kind that there is not', { ...CLUE, kind: 'annoying' }],
    ['too long a text', { ...CLUE, text: 'x'.repeat(501) }],
    ['more than is asked for', { ...CLUE, admin: true }],
    ['characters that a terminal acts on', { ...CLUE, text: '\u001b[2J' }],
    ['characters that are not seen', { ...CLUE, text: 'a\u061cb\u00ad' }],
    ['half a character', { ...CLUE, text: '\ud83d' }],
  ])('with %s is refused', async (_, body) => {
    expect((await post(body)).status).toBe(400);
    expect(desk.clues.clues.size).toBe(0);
    expect(desk.listings.listings.size).toBe(0);
  });

  test('is taken so many times a day from one network, and again on the next', async () => {
    for (let i = 0; i < LIMITS.reportsPerDay; i++) expect((await post()).status).toBe(201);
    expect((await post()).status).toBe(429);
    desk.now += DAY_MS;
    expect((await post()).status).toBe(201);
  });

  test('is taken so many times a day from one network, however many reporters it names', async () => {
    const statuses: number[] = [];
    for (let i = 0; i <= LIMITS.reportsPerNetworkPerDay; i++) {
      statuses.push((await post({ ...CLUE, reporter: `1371234${1000 + i}` })).status);
    }
    expect(statuses.slice(0, -1).every((status) => status === 201)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
    expect(desk.clues.states.get(TOKEN)?.counted).toHaveLength(1);
  });

  test('in somebody’s name neither keeps them from reporting nor tells whether they did', async () => {
    const named = { ...CLUE, reporter: '13712340008' };
    const untilRefused = async () => {
      const other = { ...named, number: '13800138006' };
      for (let taken = 0; ; taken++) {
        if ((await post(other, '203.0.113.9')).status === 429) return taken;
      }
    };
    const afterNone = await untilRefused();
    expect((await post(named)).status).toBe(201);

    desk = new OfficersDesk();
    await post(named);
    expect([afterNone, await untilRefused()]).toEqual([LIMITS.reportsPerDay, LIMITS.reportsPerDay]);
  });

  test('of independent people over days gives the number a weight; a burst gives it none, and is told', async () => {
    for (let i = 0; i < 5; i++) {
      desk.now = NOW + i * DAY_MS;
      await post(CLUE, addressOf(i));
    }
    expect(desk.listings.listings.get(TOKEN)?.clues?.weight).toBeGreaterThan(4);

    const other = { ...CLUE, number: '13800138006' };
    for (let i = 0; i < 40; i++) await post(other, addressOf(1_000 + i));
    expect(desk.listings.listings.get(tokenOf('+8613800138006'))).toBeUndefined();
    expect(desk.counted.reduce((sum, { bursts = 0 }) => sum + bursts, 0)).toBe(1);
  });
});

describe('clues that others took down', () => {
  const importAll = (rows: readonly object[]) =>
    desk.call('importClues', ANALYST, { body: { clues: rows } });
  const row = (i: number, changes: object = {}) => ({
    ...CLUE,
    reference: `hotline ${i}`,
    ...changes,
  });

  test('are taken once, however often they are sent, and the bad ones named', async () => {
    const rows = [row(1), row(2), row(3, { number: '12' + 'x' })];
    expect((await importAll(rows)).body).toMatchObject({
      taken: 2,
      known: 0,
      rejected: [{ item: 2 }],
    });
    expect((await importAll(rows)).body).toMatchObject({ taken: 0, known: 2 });
    expect(desk.clues.clues.size).toBe(2);
  });

  test('count as one where they name no reporter, else by reporter', async () => {
    await importAll([1, 2, 3].map((i) => row(i)));
    expect(desk.clues.states.get(TOKEN)?.counted).toHaveLength(1);
    await importAll([4, 5, 6].map((i) => row(i, { reporter: `1371234000${i}` })));
    expect(desk.clues.states.get(TOKEN)?.counted).toHaveLength(4);
  });
});

describe('an appeal', () => {
  const lodge = () =>
    desk.call('lodgeAppeal', undefined, {
      body: { number: NUMBER, text: 'we are a hospital, ask 13912345678' },
    });
  const decide = (reference: string, body: object) =>
    desk.call('decideAppeal', SUPERVISOR, { parameters: { reference }, body });
  const UNTIL = '2027-03-01T00:00:00Z';

  test('is lodged by anybody, seen masked by officers, and decided once', async () => {
    const { body, status } = await lodge();
    expect({ status, told: Object.keys(body) }).toEqual({ status: 201, told: ['reference'] });
    const reference: string = body.reference ?? '';
    const progress = () => desk.call('readAppeal', undefined, { parameters: { reference } });
    expect((await progress()).body).toEqual({ state: 'received' });
    const { body: page, text } = await desk.call('listAppeals', ANALYST);
    expect(page.appeals).toMatchObject([
      { reference, number: '+86*******8005', text: 'we are a hospital, ask *******5678' },
    ]);
    expect(text).not.toContain('13800138005');

    expect((await decide(reference, { decision: 'refused', reason: 'no hospital' })).status).toBe(
      200,
    );
    expect((await progress()).body).toEqual({ state: 'closed' });
    const again = await decide(reference, { decision: 'granted', reason: 'it is', until: UNTIL });
    expect(again.status).toBe(409);
    expect(desk.listings.listings.size).toBe(0);
  });

  test('that is granted puts the number on the allow-list, with where that comes from', async () => {
    const reference: string = (await lodge()).body.reference ?? '';
    expect((await decide(reference, { decision: 'granted', reason: 'it is' })).status).toBe(400);

    const granted = await decide(reference, { decision: 'granted', reason: 'it is', until: UNTIL });

    expect(granted.status).toBe(200);
    expect(desk.listings.listings.get(TOKEN)).toEqual({
      allowed: { until: Date.parse(UNTIL) / 1000 },
    });
    const { body } = await desk.call('listAllowedNumbers', ANALYST);
    expect(body.entries).toMatchObject([{ reference: `appeal ${reference}`, by: 'sun' }]);
  });

  test('that is granted counts though the number was allowed once before', async () => {
    const body = {
      number: NUMBER,
      reference: 'file 1',
      reason: 'x',
      until: '2026-11-25T00:00:00Z',
    };
    await desk.call('addAllowedNumber', SUPERVISOR, { body });
    desk.now = Date.parse('2026-11-26T00:00:00Z');
    const reference: string = (await lodge()).body.reference ?? '';

    await decide(reference, { decision: 'granted', reason: 'it is', until: UNTIL });

    expect(desk.listings.listings.get(TOKEN)?.allowed?.until).toBe(Date.parse(UNTIL) / 1000);
  });

  test('whose granting broke off half-way takes back all that the number had led to', async () => {
    const reference: string = (await lodge()).body.reference ?? '';
    const granted = () => decide(reference, { decision: 'granted', reason: 'it is', until: UNTIL });
    const followedUp = desk.lists.followedUp.bind(desk.lists);
    desk.lists.followedUp = async () => {
      throw new Error('the function was stopped');
    };
    expect((await granted()).status).toBe(500);
    desk.lists.followedUp = followedUp;

    expect((await granted()).status).toBe(200);
    expect(desk.taken).toHaveLength(2);
  });
});
