import { maskNumber, type PartyNumber } from './phone-number.ts';

/** Seven digits or more, with the separators that people put between them. */
const NUMBER_LIKE = /\+?\d(?:[ ()-]{0,2}\d){6,}/g;

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
