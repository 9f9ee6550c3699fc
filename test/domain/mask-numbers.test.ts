import { describe, expect, test } from 'vitest';
import { holdsNumber, maskNumbersIn } from '../../lib/domain/mask-numbers.ts';
import { createNumberNormaliser } from '../../lib/domain/phone-number.ts';

describe('numbers within a text', () => {
  test.each([
    ['plain', 'call 13800138000 now', 'call *******8000 now'],
    ['parted', '+86 138-0013 8000', '+86**********8000'],
    ['parted by dots', '138.0013.8000', '*********8000'],
    ['full-width', '１３８００１３８０００', '***********'],
    ['of another script', '٠٩٦١١٠١٢٣', '*********'],
    ['parted by what is not seen', '138\u200b0013\u200b8000', '*********8000'],
    ['parted by strokes', '138/0013|8000', '*********8000'],
    ['parted by underscores and stars', '138_0013*8000', '*********8000'],
    ['parted as in a list', '138、0013、8000', '*********8000'],
    ['over several lines', '138\n0013\t8000', '*********8000'],
    ['in Chinese words', '打一三八〇〇一三八〇〇〇', '打***********'],
    ['as it is read out', '幺三八零零幺三八零零零', '***********'],
    ['in the words of bankers', '壹叁捌零零壹叁捌零零零', '***********'],
    ['circled', '①③⑧⓪⓪①③⑧⓪⓪⓪', '***********'],
    ['raised', '¹³⁸⁰⁰¹³⁸⁰⁰⁰', '***********'],
    [
      'of keys',
      '1\ufe0f\u20e33\ufe0f\u20e38\ufe0f\u20e30013\ufe0f\u20e38000',
      '***************8000',
    ],
  ])('are masked: %s', (_, text, masked) => {
    expect(maskNumbersIn(text)).toBe(masked);
  });

  test.each([
    'case 510104',
    'at 9:30 on 24.11.',
    'between 9:30 and 10:45, 09:30-10:45',
    '3 calls, 12 minutes',
    'lost 1,200,000 yuan',
    '二〇二六年十一月二十四日，被骗一百二十万元',
  ])('%s has none', (text) => {
    expect(maskNumbersIn(text)).toBe(text);
  });
});

describe('a reference', () => {
  const holds = (text: string) => holdsNumber(text, createNumberNormaliser('CN'));

  test.each([
    'call 13912345678',
    '１３９１２３４５６７８',
    '一三九一二三四五六七八',
    '①③⑨①②③④⑤⑥⑦⑧',
    '١٣٩١٢٣٤٥٦٧٨',
  ])('that holds a number is known for it: %s', (text) => {
    expect(holds(text)).toBe(true);
  });

  test.each(['file 2026-118', 'order 20261124', '成公刑字〔2026〕118号'])(
    '%s holds none',
    (text) => {
      expect(holds(text)).toBe(false);
    },
  );
});
