import { maskNumber, type PartyNumber } from './phone-number.ts';

/**
 * Seven digits or more, with what people put between them. Digits are those of any script, circled and raised ones, and
 * the Chinese words for them: all are read out as a number. What is not seen must not part a number in two that are too
 * short, nor must a new line; commas and colons part amounts and times, and are not among what is put between.
 */
const NUMBER_LIKE =
  /\+?[\p{Nd}\p{No}〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖](?:[\s\p{Pd}\p{Cf}\p{M}().·、/_|*]{0,3}[\p{Nd}\p{No}〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]){6,}/gu;
const NOT_LATIN = /(?![0-9])[\p{Nd}\p{No}〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]/u;

/** Masks everything in a text that may be a phone number; a time in milliseconds, too. */
export function maskNumbersIn(text: string): string {
  return text.replace(NUMBER_LIKE, maskNumber);
}

/** Whether a text holds what the numbering plan knows for a phone number: file numbers and dates are none. */
export function holdsNumber(
  text: string,
  normalise: (text: string) => PartyNumber | undefined,
): boolean {
  return (text.match(NUMBER_LIKE) ?? []).some((part) => {
    const plain = part.normalize('NFKC');
    // What the plan cannot read is no file number either.
    return NOT_LATIN.test(plain) || normalise(plain)?.kind === 'subscriber';
  });
}
