import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import {
  canReceiveTexts,
  createNumberNormaliser,
  maskNumber,
  normaliseNumber,
  numberTail,
} from '../../lib/domain/phone-number.ts';

describe('a number in any notation', () => {
  it.each([
    ['a mobile in national notation', '13800138000', '+8613800138000'],
    ['a mobile with the country code', '+8613800138000', '+8613800138000'],
    ['a mobile behind the international prefix', '008613800138000', '+8613800138000'],
    ['a mobile with spaces', '138 0013 8000', '+8613800138000'],
    ['a mobile with hyphens', '138-0013-8000', '+8613800138000'],
    ['a mobile with brackets and a country code', '(+86) 138 0013 8000', '+8613800138000'],
    ['a landline with its area code', '02886661234', '+862886661234'],
    ['a landline as people write it', '028-8666 1234', '+862886661234'],
    ['a Peking landline', '(010) 6552 9988', '+861065529988'],
    ['a landline in international notation', '+86 28 8666 1234', '+862886661234'],
    ['a British number', '+44 20 7946 0958', '+442079460958'],
    ['a British number behind the prefix', '0044 20 7946 0958', '+442079460958'],
    ['a Hong Kong number', '+852 5123 4567', '+85251234567'],
    ['a forged number of possible length', '+1 555 555 0100', '+15555550100'],
  ])('is brought to E.164: %s', (_, text, number) => {
    expect(normaliseNumber(text, 'CN')).toEqual({ kind: 'subscriber', number });
  });

  it.each([
    ['110', 'CN:110'],
    ['120', 'CN:120'],
    ['12345', 'CN:12345'],
    ['10086', 'CN:10086'],
    ['10010', 'CN:10010'],
    ['95588', 'CN:95588'],
    ['+8695588', 'CN:95588'],
    ['008695588', 'CN:95588'],
    ['95 588', 'CN:95588'],
    ['96110', 'CN:96110'],
    ['955880011', 'CN:955880011'],
    ['4008123123', 'CN:4008123123'],
    ['400-812-3123', 'CN:4008123123'],
    ['8008203333', 'CN:8008203333'],
    ['10108888', 'CN:10108888'],
    ['01095588', 'CN:95588'],
    ['028 10086', 'CN:10086'],
  ])('is a service and never a person: %s', (text, number) => {
    expect(normaliseNumber(text, 'CN')).toEqual({ kind: 'service', number });
  });

  it.each([
    '',
    '1',
    '00',
    '+',
    '----',
    'anonymous',
    '1380013800a',
    '12800138000',
    '+86138001380001',
    '1380013800',
    '+',
    '+999999999999999999',
    '0'.repeat(20),
    '1'.repeat(33),
    `13800138000${' '.repeat(40)}`,
    '13800138000;ext=1',
  ])('is refused where it is none: %j', (text) => {
    expect(normaliseNumber(text, 'CN')).toBeUndefined();
  });

  it('means another number where another country is at home', () => {
    expect(normaliseNumber('020 7946 0958', 'GB')).toEqual({
      kind: 'subscriber',
      number: '+442079460958',
    });
    expect(normaliseNumber('999', 'GB')).toEqual({ kind: 'service', number: 'GB:999' });
    expect(normaliseNumber('0800 222 2222', 'GB')?.kind).toBe('service');
    expect(normaliseNumber('+86 138 0013 8000', 'GB')?.number).toBe('+8613800138000');
  });

  it('is the same however a Chinese mobile is written', () => {
    const mobile = fc
      .tuple(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 0, max: 999_999_999 }))
      .map(([second, rest]) => `1${second}${String(rest).padStart(9, '0')}`);
    const prefix = fc.constantFrom('+86', '0086', '+86 ', '0086-', '(+86)');
    fc.assert(
      fc.property(mobile, prefix, fc.nat({ max: 10 }), (plain, before, cut) => {
        const expected = normaliseNumber(plain, 'CN');
        expect(expected).toEqual({ kind: 'subscriber', number: `+86${plain}` });
        const parted = `${plain.slice(0, cut)} ${plain.slice(cut)}`;
        const found = normaliseNumber(before + parted, 'CN');
        // The full numbering plan is asked only of unusual notations; it knows blocks that nobody has.
        if (found !== undefined) expect(found).toEqual(expected);
      }),
    );
  });

  it('never makes the reader fail, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const party = normaliseNumber(text, 'CN');
        if (party?.kind === 'subscriber') expect(party.number).toMatch(/^\+\d{3,15}$/);
      }),
    );
  });

  it('is its own normal form', () => {
    for (const text of ['13800138000', '028-8666 1234', '+44 20 7946 0958', '+1 555 555 0100']) {
      const party = normaliseNumber(text, 'CN');
      expect(normaliseNumber(party?.number ?? '', 'CN')).toEqual(party);
    }
  });
});

describe('a Chinese landline, which is read without the general parser', () => {
  it('is what the general parser makes of it, in every notation', () => {
    const areaCode = fc.oneof(
      fc.constantFrom('10', '21', '28', '311', '571', '755', '851', '400', '800'),
      fc.stringMatching(/^[2-9]\d{1,2}$/),
    );
    const kinds = { subscriber: 0, service: 0, none: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom('0', '+86', '0086'),
        areaCode,
        fc.stringMatching(/^\d{7,8}$/),
        (prefix, area, line) => {
          const text = `${prefix}${area}${line}`;
          const parsed = parsePhoneNumberFromString(text, 'CN');
          const party = normaliseNumber(text, 'CN');
          kinds[party?.kind ?? 'none']++;
          if (party?.kind === 'service') expect(party.number).toBe(`CN:${area}${line}`);
          else expect(party?.number).toBe(parsed?.getType() && parsed.number);
        },
      ),
      { numRuns: 2_000 },
    );
    for (const times of Object.values(kinds)) expect(times).toBeGreaterThan(50);
  });
});

describe('a normaliser that remembers', () => {
  it('answers as the plain one does, the first time and again', () => {
    const remembered = createNumberNormaliser('CN');
    for (const text of ['13800138000', '028-8666 1234', 'nobody', '95588', '1'.repeat(40)]) {
      expect(remembered(text)).toEqual(normaliseNumber(text, 'CN'));
      expect(remembered(text)).toEqual(normaliseNumber(text, 'CN'));
    }
  });
});

describe('a text', () => {
  it.each([
    ['+8613800138000', true],
    ['+8619912345678', true],
    ['+862886661234', false],
    ['+861065529988', false],
    ['+447400123456', true],
    ['+442079460958', false],
    ['+12025550123', true],
  ])('reaches %s: %s', (number, reaches) => {
    expect(canReceiveTexts(number)).toBe(reaches);
  });
});

describe('a number that people see', () => {
  it('shows its tail and hides the rest', () => {
    expect(maskNumber('+8613800138000')).toBe('+86*******8000');
    expect(numberTail('+8613800138000')).toBe('8000');
  });

  it('never shows more than half of its digits', () => {
    expect(numberTail('CN:110')).toBe('0');
    fc.assert(
      fc.property(fc.stringMatching(/^\+\d{3,15}$/), (number) => {
        const shown = maskNumber(number).slice(3).replaceAll('*', '');
        expect(shown.length).toBeLessThanOrEqual((number.length - 1) / 2);
        expect(maskNumber(number)).toHaveLength(number.length);
      }),
    );
  });
});
