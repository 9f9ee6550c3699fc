import { maskNumber, type PartyNumber } from './phone-number.ts';

/**
 * Seven digits or more, of any script, with what people put between them. Full-width digits dial as well as others, and
 * what is not seen must not part a number in two that are too short.
 */
const NUMBER_LIKE = /\+?\p{Nd}(?:[\p{Zs}\p{Pd}\p{Cf}().·]{0,3}\p{Nd}){6,}/gu;

/** Masks everything in a text that may be a phone number; a time in milliseconds, too. */
export function maskNumbersIn(text: string): string {
  return text.replace(NUMBER_LIKE, maskNumber);
}

/** Whether a text holds what the numbering plan knows for a phone number: file numbers and dates are none. */
export function holdsNumber(
  text: string,
  normalise: (text: string) => PartyNumber | undefined,
): boolean {
  return (text.match(NUMBER_LIKE) ?? []).some((part) => normalise(part)?.kind === 'subscriber');
}
