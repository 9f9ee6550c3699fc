import { mix32 } from './seeded-random.ts';

/** A party is a whole number; its range says what it is, and its number follows from it. */
export type PartyId = number;

const OUTSIDERS_FROM = 10_000_000;
const STRANGERS_FROM = 40_000_000;
const STRANGERS = 50_000_000;
const ABROAD_FROM = 200_000_000;
const SERVICES_FROM = 300_000_000;

/** Called, and hardly ever calling. 110 is the police, 12345 the city's line, 400 a business line. */
export const SERVICE_NUMBERS = [
  '10086',
  '10010',
  '10000',
  '12345',
  '95533',
  '95566',
  '114',
  '4006689999',
  '4008101111',
  '96111',
  '120',
  '110',
] as const;

/** A contact of a resident who lives elsewhere in China. */
export function outsiderOf(resident: PartyId, index: number, contacts: number): PartyId {
  return OUTSIDERS_FROM + resident * contacts + index;
}

/** Anybody elsewhere in China, `unit` in [0, 1). */
export function strangerAt(unit: number): PartyId {
  return STRANGERS_FROM + Math.floor(unit * STRANGERS);
}

export function abroadContactOf(resident: PartyId): PartyId {
  return ABROAD_FROM + resident;
}

export function serviceParty(index: number): PartyId {
  return SERVICES_FROM + index;
}

export function isAbroad(party: PartyId): boolean {
  return party >= ABROAD_FROM && party < SERVICES_FROM;
}

export function isService(party: PartyId): boolean {
  return party >= SERVICES_FROM;
}

export function isElsewhere(party: PartyId): boolean {
  return party >= OUTSIDERS_FROM;
}

export type Line = 'mobile' | 'landline' | 'abroad' | { readonly service: string };

// Prefixes in use (Ministry of Industry and Information Technology's numbering plan), resold ones among them.
const MOBILE_PREFIXES = (
  '130 131 132 133 134 135 136 137 138 139 150 151 152 153 155 156 157 158 159 166 170 171 173 175 176 ' +
  '177 178 180 181 182 183 184 185 186 187 188 189 191 195 198 199'
)
  .split(' ')
  .map(Number);
/** Coprime to ten: multiplying by it shuffles the subscriber digits without two parties sharing any. */
const SHUFFLE = 38_113_817;
const SUBSCRIBER_DIGITS = 100_000_000;
const LANDLINE_DIGITS = 10_000_000;

/** A number in parts, for the notations that operators write. */
export interface NumberParts {
  readonly kind: 'mobile' | 'landline' | 'abroad' | 'service';
  /** Country calling code without plus; empty for a service number. */
  readonly country: string;
  /** Area code without its leading zero; empty unless a landline. */
  readonly area: string;
  readonly subscriber: string;
}

/** Whoever lives in another city of China, and has a mobile phone. */
export function isElsewhereInChina(party: PartyId): boolean {
  return party >= OUTSIDERS_FROM && party < ABROAD_FROM;
}

export const MOBILE_NUMBER_DIGITS = 11;

/** The number of a mobile phone, without the country. */
export function mobileNumber(party: PartyId, seed: number): number {
  const prefix = MOBILE_PREFIXES[mix32(party ^ mix32(seed)) % MOBILE_PREFIXES.length] as number;
  const shuffled = party * SHUFFLE + (mix32(seed) % SUBSCRIBER_DIGITS);
  // What % gives, which takes long with numbers of more than 32 bits; below 2 ** 53 there is no difference.
  const digits = shuffled - Math.floor(shuffled / SUBSCRIBER_DIGITS) * SUBSCRIBER_DIGITS;
  return prefix * SUBSCRIBER_DIGITS + digits;
}

/** The number of a party: no two parties of one city share one. */
export function numberParts(party: PartyId, line: Line, seed: number): NumberParts {
  if (typeof line === 'object') {
    return { kind: 'service', country: '', area: '', subscriber: line.service };
  }
  const trait = mix32(party ^ mix32(seed));
  if (line === 'abroad') return abroadParts(party, trait);
  const shuffled = party * SHUFFLE + (mix32(seed) % SUBSCRIBER_DIGITS);
  if (line === 'landline') {
    const digits = String(shuffled % LANDLINE_DIGITS).padStart(7, '0');
    return { kind: 'landline', country: '86', area: '28', subscriber: `8${digits}` };
  }
  const subscriber = String(mobileNumber(party, seed));
  return { kind: 'mobile', country: '86', area: '', subscriber };
}

function abroadParts(party: PartyId, trait: number): NumberParts {
  const seven = String((party * 7_654_321) % 10_000_000).padStart(7, '0');
  switch (trait % 4) {
    case 0: // Hong Kong, mobile
      return { kind: 'abroad', country: '852', area: '', subscriber: `6${seven}` };
    case 1: // Japan, mobile
      return { kind: 'abroad', country: '81', area: '', subscriber: `908${seven}` };
    case 2: // Australia, mobile
      return { kind: 'abroad', country: '61', area: '', subscriber: `41${seven}` };
    default: // Singapore, mobile
      return { kind: 'abroad', country: '65', area: '', subscriber: `8${seven}` };
  }
}

/** As the pipeline names the party: E.164, or `CN:95588` for a service number. */
export function normalNumber(parts: NumberParts): string {
  return parts.kind === 'service'
    ? `CN:${parts.subscriber}`
    : `+${parts.country}${parts.area}${parts.subscriber}`;
}

/** Fifteen digits with their Luhn check digit; the type allocation codes are invented. */
export function imeiOf(party: PartyId, handset: number, seed: number): string {
  const trait = mix32(party ^ mix32(seed + handset * 7919 + 1));
  const digits = `86${String(10_000_000 + (trait % 40) * 12_347).slice(1, 7)}${String(
    100_000_000 + (mix32(trait) % 100_000_000),
  ).slice(3)}`;
  return digits + luhnDigit(digits);
}

function luhnDigit(digits: string): number {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = digits.charCodeAt(place) - 48;
    const weighed = (digits.length - place) % 2 === 1 ? digit * 2 : digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return (10 - (sum % 10)) % 10;
}
