import { FRAUD_KINDS, type FraudKind } from './fraud-kind.ts';
import { numberTail } from './phone-number.ts';
import { type Policy, PolicyError, TEXT_LANGUAGES, type TextLanguage } from './policy.ts';

/** Characters of one part of an SMS (3GPP TS 23.038, 23.040): one part is delivered whole and billed once. */
const UCS2_PART = 70;
const GSM7_PART = 160;
const GSM7_BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const GSM7_EXTENDED = '^{}\\[~]|€\f';

/** Whether a text fits one SMS part, in the alphabet that it needs. */
export function fitsOnePart(text: string): boolean {
  let septets = 0;
  for (const character of text) {
    if (GSM7_BASIC.includes(character)) septets += 1;
    else if (GSM7_EXTENDED.includes(character)) septets += 2;
    else return text.length <= UCS2_PART;
  }
  return septets <= GSM7_PART;
}

/** The text as the citizen reads it: the kind of fraud and the tail of the caller's number, nothing to click or call. */
export function warningText(
  texts: Policy['texts'],
  language: TextLanguage,
  kind: FraudKind,
  callerNumber: string,
): string {
  const template = texts[language][kind] ?? texts[language].other ?? '';
  return template.replaceAll('{tail}', numberTail(callerNumber));
}

const LONGEST_TAIL = '0000';
/** Any name with a dot in it becomes a link on a telephone: `bit.ly/x`, and an ideographic full stop counts as a dot. */
const LINK_OR_NUMBER = /https?:|www[.。]|[a-z\d-][.。][a-z]{2,}|\d{5,}/i;
/** Digits of other scripts dial as well, and what is not seen parts digits that are. */
const DISGUISE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?![0-9])\p{Nd}/u;
/** Digits that separators only part: `400-800 8000`. */
const PARTED_NUMBER = /\d(?:[\s().-]{0,2}\d){4,}/;

/** What is wrong with a text as it is sent: it would be split, or shows what scammers copy. */
export function textProblems(text: string): string[] {
  // Full-width digits dial as well as others.
  const plain = text.normalize('NFKC');
  return [
    ...(fitsOnePart(text) ? [] : [`longer than one SMS part (${text.length} characters)`]),
    ...(LINK_OR_NUMBER.test(plain) || PARTED_NUMBER.test(plain)
      ? ['shows a link or a number to call']
      : []),
    ...(DISGUISE.test(plain)
      ? ['holds characters that cannot be seen, or digits of another script']
      : []),
  ];
}

/**
 * Refuses a policy whose texts would be split, or show what scammers copy: a link or a number to call.
 *
 * @throws PolicyError naming every such text
 */
export function checkTexts(texts: Policy['texts']): void {
  const problems = TEXT_LANGUAGES.flatMap((language) =>
    FRAUD_KINDS.flatMap((kind) => {
      const text = warningText(texts, language, kind, `+86138${LONGEST_TAIL}${LONGEST_TAIL}`);
      return textProblems(text).map((problem) => `/texts/${language}/${kind}: ${problem}`);
    }),
  );
  if (problems.length > 0) throw new PolicyError(problems);
}
