import { describe, expect, test } from 'vitest';
import { maskNumbersIn } from '../../lib/domain/mask-numbers.ts';

describe('numbers within a text', () => {
  test.each([
    ['plain', 'call 13800138000 now', 'call *******8000 now'],
    ['parted', '+86 138-0013 8000', '+86**********8000'],
    ['parted by dots', '138.0013.8000', '*********8000'],
    ['full-width', '１３８００１３８０００', '***********'],
    ['of another script', '٠٩٦١١٠١٢٣', '*********'],
    ['parted by what is not seen', '138\u200b0013\u200b8000', '*********8000'],
  ])('are masked: %s', (_, text, masked) => {
    expect(maskNumbersIn(text)).toBe(masked);
  });

  test.each(['case 510104', 'at 9:30 on 24.11.', '3 calls, 12 minutes'])('%s has none', (text) => {
    expect(maskNumbersIn(text)).toBe(text);
  });
});
