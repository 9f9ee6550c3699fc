import { describe, expect, test } from 'vitest';
import type { RegisterEntry, Relative } from '../../../functions/adapters/registers-table.ts';
import {
  keepRegister,
  MOST_ROWS,
  type RegisterPorts,
  type RegisterRequest,
} from '../../../functions/import-register/import-register.ts';
import { createNumberNormaliser } from '../../../lib/domain/phone-number.ts';
import { TEST_SEALER } from '../../support/in-memory-pipeline.ts';

function desk() {
  const written = new Map<string, Map<string, unknown>>();
  const of = (register: string) => {
    const known = written.get(register) ?? new Map<string, unknown>();
    written.set(register, known);
    return known;
  };
  const book = {
    putStation: async (station) => void of('stations').set(station.id, station),
    putRelative: async (person, relative) =>
      void of('contacts').set(person, [
        ...((of('contacts').get(person) as Relative[] | undefined) ?? []),
        relative,
      ]),
    putCare: async (person, group) => void of('care').set(person, group),
    putAudience: async (person, entry) => void of('audience').set(person, entry),
    remove: async (register, key) => of(register).delete(key),
    async *list(register) {
      for (const [key, value] of of(register)) yield { key, value } as RegisterEntry;
    },
  } as RegisterPorts['book'];
  const ports = { book, normalise: createNumberNormaliser('CN'), sealer: TEST_SEALER };
  return { written, ask: (request: RegisterRequest) => keepRegister(request, ports) };
}

const CONTACT = { number: '13800138000', contact: '13900139000', relation: 'son', order: '1' };

describe('the registers', () => {
  test('take good rows, name bad ones by their place, and store no clear number', async () => {
    const { ask, written } = desk();
    const rows = [CONTACT, { ...CONTACT, contact: 'x' }, { ...CONTACT, order: '2' }];
    const answer = await ask({ act: 'import', register: 'contacts', by: 'chen', rows });
    expect(answer).toMatchObject({ taken: 2, rejected: [{ row: 1, field: 'contact' }] });
    await ask({
      act: 'import',
      register: 'care',
      by: 'chen',
      rows: [{ number: '13800138000', group: 'elderly' }],
    });
    const stored = JSON.stringify([...written].map(([name, map]) => [name, [...map]]));
    expect(stored).toContain('elderly');
    expect(stored).not.toMatch(/13[89]00\d{6}/);
  });

  test('show numbers by their tails only', async () => {
    const { ask } = desk();
    await ask({ act: 'import', register: 'contacts', by: 'chen', rows: [CONTACT] });
    const { entries } = await ask({ act: 'list', register: 'contacts', by: 'chen' });
    expect(entries).toEqual([
      {
        key: expect.stringMatching(/\*8000$/),
        value: [{ relation: 'son', contact: expect.stringMatching(/\*9000$/) }],
      },
    ]);
    expect(JSON.stringify(entries)).not.toContain('13800138000');
  });

  test('give a person up by the number', async () => {
    const { ask } = desk();
    await ask({ act: 'import', register: 'contacts', by: 'chen', rows: [CONTACT] });
    const remove = () =>
      ask({ act: 'remove', register: 'contacts', by: 'chen', key: '+8613800138000' });
    expect((await remove()).taken).toBe(1);
    expect((await remove()).taken).toBe(0);
  });

  test.each([
    ['an unknown register', { act: 'list', register: 'wanted' }],
    ['an unknown act', { act: 'drop', register: 'care' }],
    ['a key that is no number', { act: 'remove', register: 'care', key: 'x' }],
    ['too many rows', { act: 'import', register: 'care', rows: Array(MOST_ROWS + 1).fill({}) }],
  ])('refuse %s', async (_, request) => {
    const { ask } = desk();
    await expect(ask({ by: 'chen', ...request } as RegisterRequest)).rejects.toMatchObject({
      code: 'BAD_REGISTER_REQUEST',
    });
  });
});
