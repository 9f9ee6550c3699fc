import { beforeEach, describe, expect, test } from 'vitest';
import type { Judgement } from '../../../lib/domain/profile/fold-legs.ts';
import { findingOf } from '../../domain/factories.ts';
import {
  ANALYST,
  AUDITOR,
  NOW,
  OfficersDesk,
  SUPERVISOR,
  tokenOf,
} from '../../support/officers-desk.ts';

const NUMBER = '+8613800138005';
const CLUE = {
  number: NUMBER,
  kind: 'loan',
  when: '2026-11-23T09:00:00+08:00',
  text: 'ring 13912345678 first',
};
const PURPOSE = { purpose: 'a customer of the bank complained' };

let desk: OfficersDesk;

beforeEach(() => {
  desk = new OfficersDesk();
});

const post = async (changes: object = {}, from = '198.51.100.7'): Promise<string> => {
  const body = { ...CLUE, reporter: '13712340008', ...changes };
  return (await desk.call('postClue', undefined, { body, from })).body.reference ?? '';
};
const read = (body: object, claims = ANALYST, key?: string) =>
  desk.call('readClues', claims, {
    body: { ...PURPOSE, ...body },
    ...(key !== undefined && { key }),
  });

describe('what was reported of a number', () => {
  test('is read by the number, by its token or by a reference, masked, the newest first', async () => {
    const first = await post();
    desk.now = NOW + 60_000;
    const second = await post({ kind: 'fake-orders', text: 'again' }, '203.0.113.9');
    await post({ number: '13800138006', text: 'of another' });

    const byNumber = await read({ number: '138 0013 8005' });
    const byToken = await read({ token: tokenOf(NUMBER) });
    const byReference = await read({ reference: first }, SUPERVISOR);

    const clue = {
      reference: first,
      kind: 'loan',
      when: Date.parse(CLUE.when),
      at: NOW,
      text: 'ring *******5678 first',
    };
    expect(byNumber).toMatchObject({ status: 200, body: { number: '+86*******8005' } });
    expect(byNumber.body.clues).toMatchObject([{ reference: second, text: 'again' }, clue]);
    expect(byToken.body.clues).toEqual(byNumber.body.clues);
    expect(byReference.body.clues).toEqual([clue]);
    for (const { text } of [byNumber, byToken, byReference]) {
      // Neither the number nor whoever reported it.
      expect(text).not.toMatch(/13800138005|13912345678|13712340008|reporter/);
    }
  });

  test('leaves an entry in the audit for every look, and no text in the ledger', async () => {
    await post();
    const { body } = await read({ number: NUMBER, purpose: 'asked by 13912345678' });
    await read({ number: NUMBER });

    expect(body.auditEntry).toBe(1);
    expect(desk.audit.entries).toMatchObject([
      {
        sequence: 1,
        by: 'lin',
        act: 'read-clues',
        whose: '+86*******8005',
        purpose: 'asked by *******5678',
      },
      { sequence: 2 },
    ]);
    expect(JSON.stringify([...desk.ledger.kept])).not.toContain('first');
    const { body: audit } = await desk.call('readAudit', AUDITOR);
    expect(audit.entries).toHaveLength(2);
  });

  test('is not shown where the audit cannot be written', async () => {
    await post();
    desk.audit.append = async () => {
      throw new Error('the table is gone');
    };
    const { status, text } = await read({ number: NUMBER });
    expect(status).toBe(500);
    expect(text).not.toContain('first');
  });

  test('of a number that nobody reported is nothing, and that look is noted too', async () => {
    expect((await read({ number: NUMBER })).body).toMatchObject({ clues: [], auditEntry: 1 });
  });

  test.each([
    ['nobody’s', {}],
    ['two numbers’', { number: NUMBER, token: tokenOf(NUMBER) }],
    ['a service’s', { number: '95588' }],
    ['no number’s', { token: '../etc' }],
    ['no purpose', { number: NUMBER, purpose: '' }],
    ['a page that there is not', { number: NUMBER, limit: 1_000 }],
  ])('is not read for %s', async (_, body) => {
    await post();
    const { status, text } = await read(body);
    expect(status).toBe(400);
    expect(text).not.toContain(NUMBER.slice(3));
    expect(desk.audit.entries).toEqual([]);
  });

  test('is not found by a reference that was never given', async () => {
    expect((await read({ reference: 'A'.repeat(22) })).status).toBe(404);
    expect(desk.audit.entries).toEqual([]);
  });
});

describe('a number that only clues led to', () => {
  test('is listed masked, with what speaks for it, and the token by which its clues are read', async () => {
    await post();
    const judgement: Judgement = {
      track: 'live',
      caller: tokenOf(NUMBER),
      finding: findingOf({ at: NOW / 1000, until: NOW / 1000 + 600, kind: 'loan' }),
      points: 3.5,
      base: 1,
      terms: [
        { id: 'calls-strangers', points: 1.5 },
        { id: 'clues', points: 1 },
      ],
      features: {},
      calls: [],
    };
    desk.clueFindings.push(judgement);

    const { body, status, text } = await desk.call('listClueFindings', AUDITOR);

    expect(status).toBe(200);
    expect(body.findings).toEqual([
      {
        token: tokenOf(NUMBER),
        number: '+86*******8005',
        kind: 'loan',
        at: NOW,
        until: NOW + 600_000,
        points: 3.5,
        base: 1,
        terms: judgement.terms,
      },
    ]);
    expect(text).not.toContain('13800138005');
    const [{ token } = { token: '' }] = body.findings as unknown as { token: string }[];
    expect((await read({ token })).body.clues).toHaveLength(1);
  });
});
