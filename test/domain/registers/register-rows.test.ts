import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNumberNormaliser } from '../../../lib/domain/phone-number.ts';
import {
  readAudience,
  readCare,
  readContact,
  readStation,
} from '../../../lib/domain/registers/register-rows.ts';
import { isStationOpen } from '../../../lib/domain/registers/station-hours.ts';

const normalise = createNumberNormaliser('CN');
const STATION = {
  id: 'jinjiang',
  name: '锦江分局',
  districts: '510104; 510105',
  opens: '08:00',
  closes: '20:00',
  dutyOfficer: '陈警官',
  backup: 'wuhou',
};
const CONTACT = { number: '13800138000', contact: '+8613900139000', relation: 'son', order: '1' };

describe('a row of the register of stations', () => {
  it('is read with its districts and its neighbour', () => {
    expect(readStation(STATION)).toEqual({
      row: { ...STATION, districts: ['510104', '510105'] },
    });
    expect(readStation({ ...STATION, backup: '' })).not.toHaveProperty('row.backup');
  });

  it.each([
    ['id', ''],
    ['id', 'Jinjiang!'],
    ['name', ''],
    ['name', '=HYPERLINK("x")'],
    ['name', '+1'],
    ['name', 'a\u202Eb'],
    ['name', 'x'.repeat(61)],
    ['districts', ''],
    ['districts', '51010'],
    ['districts', '510104;abc'],
    ['opens', '8:00'],
    ['opens', '24:00'],
    ['closes', 'noon'],
    ['dutyOfficer', '@SUM(A1)'],
    ['dutyOfficer', '陈警官 13800138000'],
    ['name', '锦江分局 028-8666 1234'],
    ['backup', 'jinjiang'],
    ['backup', '../x'],
  ])('is refused for its %s: %j', (field, text) => {
    expect(readStation({ ...STATION, [field]: text })).toMatchObject({ problem: { field } });
  });
});

describe('a row of the register of contacts', () => {
  it('is read with both numbers in one notation', () => {
    expect(readContact(CONTACT, normalise)).toEqual({
      row: {
        person: { kind: 'subscriber', number: '+8613800138000' },
        contact: { kind: 'subscriber', number: '+8613900139000' },
        relation: 'son',
        order: 1,
      },
    });
  });

  it.each([
    ['number', '110'],
    ['number', 'x'],
    ['contact', ''],
    ['contact', '13800138000'],
    ['relation', '-2+3'],
    ['relation', 'son 139 0013 9000'],
    ['order', '0'],
    ['order', '10'],
    ['order', '1.5'],
  ])('is refused for its %s: %j', (field, text) => {
    expect(readContact({ ...CONTACT, [field]: text }, normalise)).toMatchObject({
      problem: { field },
    });
  });
});

describe('a row of the register of people in care', () => {
  it('is read', () => {
    expect(readCare({ number: '13800138000', group: 'elderly' }, normalise)).toMatchObject({
      row: { group: 'elderly' },
    });
    expect(readCare({ number: '13800138000', group: 'E L' }, normalise)).toHaveProperty('problem');
  });
});

const AUDIENCE = {
  number: '13800138000',
  district: '510104',
  groups: 'parents; staff;parents',
  consent: '2026-09-01',
  source: 'No. 7 school, form of September',
  language: 'en',
  optedOut: '',
};

describe('a row of the register of the audience', () => {
  it('is read with its groups and days', () => {
    expect(readAudience(AUDIENCE, normalise)).toEqual({
      row: {
        person: { kind: 'subscriber', number: '+8613800138000' },
        entry: {
          district: '510104',
          groups: ['parents', 'staff'],
          source: 'No. 7 school, form of September',
          language: 'en',
          consent: '2026-09-01',
        },
      },
    });
    const dated = { ...AUDIENCE, source: 'form 20260901-118' };
    expect(readAudience(dated, normalise)).toHaveProperty('row');
    const { language: _language, optedOut: _optedOut, ...short } = AUDIENCE;
    expect(readAudience({ ...short, consent: '' }, normalise)).not.toHaveProperty(
      'row.entry.consent',
    );
  });

  it.each([
    ['number', '95588'],
    ['number', '028 8765 4321'],
    ['district', '5101'],
    ['groups', ''],
    ['groups', 'students; dogs'],
    ['consent', '2026-02-30'],
    ['consent', 'yes'],
    ['optedOut', '2026-11-24T00:00:00Z'],
    ['source', ''],
    ['source', '=1+1'],
    ['source', 'asked at 13900139000'],
    ['language', 'fr'],
  ])('is refused for its %s: %j', (field, text) => {
    expect(readAudience({ ...AUDIENCE, [field]: text }, normalise)).toMatchObject({
      problem: { field },
    });
  });
});

describe('any row', () => {
  it('is taken or refused with a reason that repeats nothing of it', () => {
    const field = fc.string({ unit: 'binary', maxLength: 40 });
    const columns = [
      ...new Set([STATION, CONTACT, AUDIENCE].flatMap(Object.keys)),
      'group',
      '__proto__',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...columns), field), (row) => {
        for (const read of [
          readStation(row),
          readContact(row, normalise),
          readCare(row, normalise),
          readAudience(row, normalise),
        ]) {
          if (!('problem' in read)) continue;
          for (const text of Object.values(row)) {
            if (text.trim().length > 8) expect(read.problem.detail).not.toContain(text.trim());
          }
        }
      }),
    );
  });
});

describe('a station', () => {
  const at = (time: string) => Date.parse(`2026-11-24T${time}:00+08:00`);
  it.each([
    ['08:00', '20:00', '07:59', false],
    ['08:00', '20:00', '08:00', true],
    ['08:00', '20:00', '20:00', false],
    ['20:00', '08:00', '23:30', true],
    ['20:00', '08:00', '07:59', true],
    ['20:00', '08:00', '12:00', false],
    ['00:00', '00:00', '03:00', true],
  ])('from %s to %s is at %s open: %s', (opens, closes, time, open) => {
    expect(isStationOpen({ opens, closes }, at(time), 480)).toBe(open);
  });
});
