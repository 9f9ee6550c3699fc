import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { FRAUD_KINDS } from '../../lib/domain/fraud-kind.ts';
import { PolicyError, TEXT_LANGUAGES } from '../../lib/domain/policy.ts';
import { checkTexts, fitsOnePart, warningText } from '../../lib/domain/warning-text.ts';

const { texts } = loadDefaultPolicy();
const CASES = TEXT_LANGUAGES.flatMap((language) =>
  FRAUD_KINDS.map((kind) => [language, kind] as const),
);

function partsNeeded(text: string, language: string): number {
  return Math.ceil(text.length / (language === 'zh-CN' ? 70 : 160));
}

describe('every warning text', () => {
  it.each(CASES)('is one part with every tail: %s, %s', (language, kind) => {
    for (let tail = 0; tail <= 9999; tail += 7) {
      const digits = String(tail).padStart(4, '0');
      const text = warningText(texts, language, kind, `+861380013${digits}`);
      if (!text.includes(digits) || !fitsOnePart(text) || partsNeeded(text, language) !== 1) {
        throw new Error(`${text} (${text.length} characters) with ${digits}`);
      }
    }
  });

  it('is one part for any number that may call', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\+\d{3,15}$/),
        fc.constantFrom(...CASES),
        (number, [l, k]) => {
          const text = warningText(texts, l, k, number);
          expect(fitsOnePart(text)).toBe(true);
          expect(text).not.toContain('{');
        },
      ),
    );
  });

  it.each(CASES)('shows no link and no number to call: %s, %s', (language, kind) => {
    const text = warningText(texts, language, kind, '+8613800138000');
    expect(text).not.toMatch(/http|www|\.com|\.cn|@|\d{5}/i);
    expect(text.match(/\d+/g)).toEqual(['8000']);
  });

  it('is written in the alphabet of its language', () => {
    for (const kind of FRAUD_KINDS) {
      expect(warningText(texts, 'en', kind, '+8613800138000')).toMatch(/^[ -~]+$/);
      expect(warningText(texts, 'zh-CN', kind, '+8613800138000')).toMatch(/诈骗|反诈/);
    }
  });

  it('differs from kind to kind', () => {
    for (const language of TEXT_LANGUAGES) {
      const all = FRAUD_KINDS.map((kind) => warningText(texts, language, kind, '+8613800138000'));
      expect(new Set(all).size).toBe(FRAUD_KINDS.length);
    }
  });
});

describe('one part of an SMS', () => {
  it.each([
    ['160 characters of GSM-7', 'a'.repeat(160), true],
    ['161 characters of GSM-7', 'a'.repeat(161), false],
    ['80 characters that count twice', '€'.repeat(80), true],
    ['81 characters that count twice', '€'.repeat(81), false],
    ['70 Chinese characters', '骗'.repeat(70), true],
    ['71 Chinese characters', '骗'.repeat(71), false],
    ['one Chinese among 69 others', `${'a'.repeat(69)}骗`, true],
    ['one Chinese among 70 others', `${'a'.repeat(70)}骗`, false],
    ['35 characters of two units', '😀'.repeat(35), true],
    ['36 characters of two units', '😀'.repeat(36), false],
  ])('has room for %s: %s', (_, text, fits) => {
    expect(fitsOnePart(text)).toBe(fits);
  });
});

describe('a policy with texts that scammers would copy', () => {
  it.each([
    ['a text of two parts', '{tail}'.padEnd(80, '骗'), 'longer than one SMS part'],
    ['a link', '{tail} https://x.y', 'link or a number'],
    ['a domain', '{tail} police.cn', 'link or a number'],
    ['a number to call', '{tail} 96110', 'link or a number'],
    ['a short link', 'Hang up on {tail}, read bit.ly/safe', 'link or a number'],
    ['a link with an ideographic full stop', '{tail} safe。cn', 'link or a number'],
    [
      'a number whose digits are parted by what is not seen',
      '{tail} 96\u200b110',
      'cannot be seen',
    ],
    ['digits of another script', '{tail} ٩٦١١٠', 'another script'],
    ['writing that runs backwards', '{tail} \u202e01169', 'cannot be seen'],
    ['half a character', '{tail} \ud83d', 'cannot be seen'],
  ])('is refused for %s, naming the text', (_, text, problem) => {
    const changed = { ...texts, en: { ...texts.en, loan: text } };
    expect(() => checkTexts(changed)).toThrow(PolicyError);
    expect(() => checkTexts(changed)).toThrow(new RegExp(`/texts/en/loan: .*${problem}`));
  });
});
