import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type AudienceStore,
  createRegistersTable,
  type RegisterBook,
  type RegisterEntry,
} from '../../../../functions/adapters/registers-table.ts';
import type { RegisterName, Station } from '../../../../lib/domain/registers/register-rows.ts';
import { CALLER, SUBJECT, tokenOf } from '../../../domain/factories.ts';
import { createTable } from './create-tables.ts';

const JINJIANG: Station = {
  id: 'jinjiang',
  name: '锦江分局',
  districts: ['510104', '510199'],
  opens: '08:00',
  closes: '20:00',
  dutyOfficer: '陈警官',
  backup: 'wuhou',
};

/** @param client asked for in each test: the engine runs from before the first to after the last */
export function describeRegistersTable(client: () => DynamoDBClient): void {
  describe('registers', () => {
    let book: RegisterBook & AudienceStore;

    beforeEach(async () => {
      book = createRegistersTable(client(), await createTable(client(), 'registers'));
    });

    async function listed(register: RegisterName): Promise<RegisterEntry[]> {
      const entries: RegisterEntry[] = [];
      for await (const entry of book.list(register)) entries.push(entry);
      return entries;
    }

    test('a station is found by its id, by its districts, and by what profiles remember of them', async () => {
      await book.putStation(JINJIANG);
      expect(await book.station('jinjiang')).toEqual(JINJIANG);
      expect(await book.stationOf('510199')).toEqual(JINJIANG);
      expect(await book.stationOf('110101')).toBeUndefined();
      expect(await book.districtOf(510104 & 0xffff)).toBe('510104');
      expect(await listed('stations')).toEqual([{ key: 'jinjiang', value: JINJIANG }]);
    });

    test('a district that a station gave up leads to it no more', async () => {
      await book.putStation(JINJIANG);
      await book.putStation({ ...JINJIANG, id: 'wuhou', districts: ['510199'] });
      await book.putStation({ ...JINJIANG, districts: ['510104'] });
      expect((await book.stationOf('510199'))?.id).toBe('wuhou');

      expect(await book.remove('stations', 'jinjiang')).toBe(true);
      expect(await book.remove('stations', 'jinjiang')).toBe(false);
      expect(await book.stationOf('510104')).toBeUndefined();
      expect(await book.districtOf(510104 & 0xffff)).toBeUndefined();
    });

    test('relatives stand in their order, and a newer one takes the place of the same order', async () => {
      const [mother, son, aunt] = [tokenOf(1), tokenOf(2), tokenOf(3)];
      await book.putRelative(SUBJECT, { contact: son, relation: 'son', order: 2 });
      await book.putRelative(SUBJECT, { contact: mother, relation: 'mother', order: 1 });
      await book.putRelative(SUBJECT, { contact: aunt, relation: 'aunt', order: 2 });
      await book.putRelative(SUBJECT, { contact: aunt, relation: 'aunt', order: 3 });
      expect((await book.relativesOf(SUBJECT)).map(({ relation }) => relation)).toEqual([
        'mother',
        'aunt',
      ]);
      expect(await book.relativesOf(CALLER)).toEqual([]);
    });

    test('a person in care is known until removed', async () => {
      expect(await book.careGroupOf(SUBJECT)).toBeUndefined();
      await book.putCare(SUBJECT, 'elderly');
      expect(await book.careGroupOf(SUBJECT)).toBe('elderly');
      expect(await book.remove('care', SUBJECT)).toBe(true);
      expect(await listed('care')).toEqual([]);
    });

    const PARENT = {
      district: '510104',
      groups: ['parents'],
      source: 'school',
      consent: '2026-09-01',
    } as const;

    async function peopleOf(district: string): Promise<string[]> {
      const people: string[] = [];
      for await (const { person } of book.audienceOf(district)) people.push(person);
      return people;
    }

    test('a person of the audience is listed by the district that the last row names, and by no other', async () => {
      await book.putAudience(SUBJECT, PARENT);
      await book.putAudience(CALLER, { ...PARENT, district: '510105' });
      expect(await peopleOf('510104')).toEqual([SUBJECT]);
      await book.putAudience(SUBJECT, { ...PARENT, district: '510105', consent: '2026-01-01' });
      expect(await peopleOf('510104')).toEqual([]);
      expect((await peopleOf('510105')).sort()).toEqual([SUBJECT, CALLER].sort());
      expect(await book.audienceEntry(SUBJECT)).toEqual({ ...PARENT, district: '510105' });
      expect(await listed('audience')).toHaveLength(2);
    });

    test('an opt-out stays when the person is taken out and an old list is loaded again', async () => {
      await book.putAudience(SUBJECT, { ...PARENT, optedOut: '2026-10-01' });
      expect(await book.remove('audience', SUBJECT)).toBe(true);
      expect(await peopleOf('510104')).toEqual([]);
      await book.putAudience(SUBJECT, PARENT);
      expect(await book.audienceEntry(SUBJECT)).toEqual({ ...PARENT, optedOut: '2026-10-01' });

      await book.putAudience(CALLER, PARENT);
      expect(await book.remove('audience', CALLER)).toBe(true);
      expect(await book.remove('audience', CALLER)).toBe(false);
      expect(await book.audienceEntry(CALLER)).toBeUndefined();
    });

    test('a person whom several imports change at once keeps what each of them says', async () => {
      const days = ['2026-09-01', '2026-09-02', '2026-09-03'];
      await Promise.all(days.map((consent) => book.putAudience(SUBJECT, { ...PARENT, consent })));
      expect((await book.audienceEntry(SUBJECT))?.consent).toBe('2026-09-03');
    });
  });
}
