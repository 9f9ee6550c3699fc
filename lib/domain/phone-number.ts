import {
  type CountryCode,
  type NumberType,
  PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';

/** A number of a person or a business line in E.164, or a service number or short code in its country. */
export interface PartyNumber {
  /** `subscriber`: E.164. `service`: `CN:95588`, a number that is never judged as a person. */
  readonly kind: 'subscriber' | 'service';
  readonly number: string;
}

/** Longest text tried as a number: E.164 has 15 digits; the rest is room for separators. */
const LONGEST_NOTATION = 32;
const SHORT_CODE_DIGITS = 6;
/** How many notations a normaliser remembers before it starts afresh: bounds its memory to some 10 MB. */
const REMEMBERED_NOTATIONS = 50_000;

/**
 * Nine of ten numbers, for a hundredth of the general parser's time. Wider than its plan on purpose: the
 * regulator opens ranges more often than a library is updated.
 */
const CHINESE_MOBILE = /^(?:\+?86|0086)?0?1[3-9]\d{9}$/;
const CHINESE_MOBILE_DIGITS = 11;
const CHINESE_E164_LENGTH = '+86'.length + CHINESE_MOBILE_DIGITS;
/**
 * A Chinese landline, or what is written like one, and its national part. Whether the plan has it, the library says;
 * only what it would read from the notation is known beforehand, and reading takes it as long again.
 */
const CHINESE_LANDLINE = /^(?:\+86|0086|0)((?:10|[2-9]\d)\d{8,9})$/;
const LETTER = /[a-z]/i;
const SEPARATORS = /[^0-9+]/g;
/**
 * Chinese service numbers after the national numbering plan: 1XX and 10XXX…12XXX short codes, 95/96 service
 * codes of five to nine digits, 400/800 business lines, 1010XXXX.
 */
const CHINESE_SERVICE = /^(?:1[0-2]\d{1,4}|9[56]\d{3,7}|[48]00\d{7}|1010\d{4})$/;
/** A service number dialled through an area code (010 95588). Too short for a subscriber line. */
const CHINESE_AREA_SERVICE = /^0(?:10|2\d|[3-9]\d{2})((?:1[0-2]\d{1,3}|9[56]\d{3}))$/;
const SERVICE_TYPES: ReadonlySet<string> = new Set([
  'TOLL_FREE',
  'SHARED_COST',
  'PREMIUM_RATE',
  'UAN',
]);

/**
 * Brings a number in any national or international notation to its one normal form.
 *
 * @param text the number as the operator wrote it
 * @param defaultCountry ISO 3166 code of the country whose national notation is understood
 * @returns undefined when no number can be read from it, or its length is impossible
 */
export function normaliseNumber(text: string, defaultCountry: string): PartyNumber | undefined {
  if (text.length > LONGEST_NOTATION || LETTER.test(text)) return undefined;
  const digits = text.replace(SEPARATORS, '');
  if (digits.length < 3) return undefined;
  if (defaultCountry === 'CN' && CHINESE_MOBILE.test(digits)) return chineseMobile(digits);
  const service = serviceCode(digits, defaultCountry);
  if (service !== undefined) return { kind: 'service', number: `${defaultCountry}:${service}` };
  const landline = defaultCountry === 'CN' ? CHINESE_LANDLINE.exec(digits)?.[1] : undefined;
  const parsed =
    landline === undefined
      ? parsePhoneNumberFromString(digits, defaultCountry as CountryCode)
      : chineseNumber(landline);
  if (parsed === undefined) return undefined;
  // At home the numbering plan is known to the digit; a number shown from abroad may be forged into any
  // shape, and such a call is evidence: its length alone has to be possible.
  const type = parsed.getType();
  const believable = parsed.country === defaultCountry ? type !== undefined : parsed.isPossible();
  return believable ? partyOf(parsed, type) : undefined;
}

/** @param digits what CHINESE_MOBILE has let through */
function chineseMobile(digits: string): PartyNumber {
  const isE164 = digits.length === CHINESE_E164_LENGTH && digits.startsWith('+');
  return {
    kind: 'subscriber',
    number: isE164 ? digits : `+86${digits.slice(-CHINESE_MOBILE_DIGITS)}`,
  };
}

function chineseNumber(national: string): PhoneNumber {
  const number = new PhoneNumber(`+86${national}`);
  number.country = 'CN';
  return number;
}

function serviceCode(digits: string, country: string): string | undefined {
  const national = country === 'CN' ? digits.replace(/^(?:\+|00)86/, '') : digits;
  if (national.startsWith('+') || national.startsWith('00')) return undefined;
  if (country !== 'CN') return national.length <= SHORT_CODE_DIGITS ? national : undefined;
  if (CHINESE_SERVICE.test(national)) return national;
  return CHINESE_AREA_SERVICE.exec(national)?.[1];
}

function partyOf(parsed: PhoneNumber, type: NumberType): PartyNumber {
  if (SERVICE_TYPES.has(type ?? '')) {
    return {
      kind: 'service',
      number: `${parsed.country ?? parsed.countryCallingCode}:${parsed.nationalNumber}`,
    };
  }
  return { kind: 'subscriber', number: parsed.number };
}

/**
 * A {@link normaliseNumber} that remembers what it has seen: parsing an unusual notation costs tens of
 * microseconds, and a batch names the same numbers again and again.
 */
export function createNumberNormaliser(
  defaultCountry: string,
): (text: string) => PartyNumber | undefined {
  const seen = new Map<string, PartyNumber | undefined>();
  return (text) => {
    // Sooner read than remembered, and there would be millions to remember.
    if (defaultCountry === 'CN' && CHINESE_MOBILE.test(text)) return chineseMobile(text);
    const known = seen.get(text);
    if (known !== undefined) return known;
    const party = normaliseNumber(text, defaultCountry);
    if (seen.size >= REMEMBERED_NOTATIONS) seen.clear();
    if (text.length <= LONGEST_NOTATION) seen.set(text, party);
    return party;
  };
}

/** Whether texts can reach this E.164 number: landlines cannot; an unknown line type may. */
export function canReceiveTexts(e164: string): boolean {
  const type = parsePhoneNumberFromString(e164)?.getType();
  return (
    type === undefined ||
    type === 'MOBILE' ||
    type === 'FIXED_LINE_OR_MOBILE' ||
    type === 'PERSONAL_NUMBER'
  );
}

/** The last digits of a number, as texts and lists show it. Never more than half of it. */
export function numberTail(number: string, digits = 4): string {
  const plain = number.replace(/\D/g, '');
  return plain.slice(-Math.min(digits, Math.floor(plain.length / 2)));
}

/** A number as people see it on a screen: `+86*******8000`. */
export function maskNumber(number: string): string {
  const tail = numberTail(number);
  const head = number.startsWith('+') ? number.slice(0, 3) : '';
  return head + '*'.repeat(Math.max(0, number.length - head.length - tail.length)) + tail;
}
