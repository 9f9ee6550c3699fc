import type { NumberToken } from '../domain/leg.ts';
import type { PartyNumber } from '../domain/phone-number.ts';
import { fingerprintOfToken } from '../domain/profile/profile.ts';

/** No number: the notation cannot be read as one. */
export const NO_NUMBER = -1;

/** E.164 numbers of so many digits and fewer are told apart by their value, which a double holds exactly. */
export const MOST_EXACT_DIGITS = 15;
/** Notations of one length remembered before starting afresh. */
const REMEMBERED_NOTATIONS = 1_000_000;
const FIRST_SLOTS = 1 << 16;
/** The shape of a Chinese mobile number, as in the domain's normaliser: 1[3-9] and nine digits more. */
const MOBILE_DIGITS = 11;
const MOBILE_START = 13e9;
const MOBILE_END = 20e9;
/** `+86` before the eleven digits of a Chinese mobile number, as a value. */
const CHINA = 86e11;
const TWO_32 = 0x1_0000_0000;
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VERSION_CHARACTER = '0'.charCodeAt(0);
/** Characters of a token that hold the number's place in the registry. */
const PLACE_AT = 9;
const PLACE_LENGTH = 6;

const CHARACTER = Uint8Array.from(BASE64URL, (character) => character.charCodeAt(0));
const SIX_BITS = new Uint8Array(128);
for (let i = 0; i < BASE64URL.length; i++) SIX_BITS[BASE64URL.charCodeAt(i)] = i;

/** Spreads a value over 32 bits (the finaliser of MurmurHash3). */
export function spread(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function spreadNumber(value: number): number {
  return spread((value | 0) ^ Math.imul(Math.floor(value / TWO_32), 0x9e3779b1));
}

function spreadText(text: string): number {
  let bits = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
  return spread(bits);
}

/**
 * A token shaped as those of the pipeline, without its key: the place of the number in the registry, led by
 * well-spread bits for the profiles' fingerprints of contacts.
 */
function tokenOfPlace(place: number, bits: number): NumberToken {
  const more = spread(bits ^ 0x5bd1e995);
  const c = CHARACTER;
  const at = (value: number) => c[value & 63] as number;
  return String.fromCharCode(
    VERSION_CHARACTER,
    at(bits >>> 26),
    at(bits >>> 20),
    at(bits >>> 14),
    at(bits >>> 8),
    at(bits >>> 2),
    at(more >>> 26),
    at(more >>> 20),
    at(more >>> 14),
    at(place >>> 30),
    at(place >>> 24),
    at(place >>> 18),
    at(place >>> 12),
    at(place >>> 6),
    at(place),
    at(more >>> 8),
    at(more >>> 2),
    at(0),
    at(0),
    at(0),
    at(0),
    at(0),
    at(0),
  );
}

/** `fingerprintOfToken` of the token that is made of these bits. */
function fingerprintOfBits(bits: number): number {
  return bits >>> 16;
}

function grown<Numbers extends Float64Array | Uint16Array | Uint8Array>(
  from: Numbers,
  into: Numbers,
): Numbers {
  into.set(from);
  return into;
}

export interface NumberRegistryOptions {
  readonly normaliseNumber: (text: string) => PartyNumber | undefined;
  /** Country of national notations; `CN` has a quicker way. */
  readonly country: string;
  /** Other tokens than the registry's own: with the pipeline's, its decisions are met to the bit. */
  readonly tokenOf?: (party: PartyNumber) => NumberToken;
}

/**
 * Every number of a history once: a small integer, a token for the domain, and back again. The tokens are
 * not sealed; they stay in this process and never reach a file.
 */
export class NumberRegistry {
  private count = 0;
  private readonly options: NumberRegistryOptions;
  /** By place; not a number for those in `texts`. */
  private values = new Float64Array(FIRST_SLOTS);
  /** Numbers without an exact value: service numbers, and the few that are longer. */
  private readonly texts = new Map<string, number>();
  private readonly textOfPlace = new Map<number, PartyNumber>();
  /** By how many digits a notation has, with and without a plus sign: places by the digits' value. */
  private readonly notations = Array.from(
    { length: (MOST_EXACT_DIGITS + 1) * 2 },
    () => new Map<number, number>(),
  );
  private readonly readsMobiles: boolean;
  /** Tokens that were given, by place, and back. */
  private readonly givenTokens: NumberToken[] = [];
  private readonly placeOfToken = new Map<NumberToken, number>();
  private fingerprints = new Uint16Array(FIRST_SLOTS);
  private services = new Uint8Array(FIRST_SLOTS);
  /** A hash table of places, from 1 on; at most half full. */
  private slots = new Int32Array(FIRST_SLOTS);

  constructor(options: NumberRegistryOptions) {
    this.options = options;
    this.readsMobiles = options.country === 'CN';
  }

  /** How many numbers there are. */
  get size(): number {
    return this.count;
  }

  /**
   * The number's place, or {@link NO_NUMBER}. All that the domain reads of a notation are its digits and a plus
   * sign before them; so is all that has to be remembered of one.
   *
   * @param digits their value
   * @param count how many they are, leading zeros included; 15 at the most
   */
  ofDigits(digits: number, count: number, plus: boolean): number {
    if (this.readsMobiles) {
      if (count === MOBILE_DIGITS && !plus) {
        if (digits >= MOBILE_START && digits < MOBILE_END) return this.ofValue(CHINA + digits);
      } else if (count === MOBILE_DIGITS + 2 || (count === MOBILE_DIGITS + 4 && !plus)) {
        // 86 or 0086 before it.
        if (digits >= CHINA + MOBILE_START && digits < CHINA + MOBILE_END) {
          return this.ofValue(digits);
        }
      }
    }
    const notations = this.notations[count * 2 + (plus ? 1 : 0)];
    const known = notations?.get(digits);
    if (known !== undefined) return known;
    const text = (plus ? '+' : '') + String(digits).padStart(count, '0');
    const place = this.ofText(text);
    if (notations !== undefined) {
      if (notations.size >= REMEMBERED_NOTATIONS) notations.clear();
      notations.set(digits, place);
    }
    return place;
  }

  /** As {@link ofDigits}, of any notation. */
  ofText(notation: string): number {
    const party = this.options.normaliseNumber(notation);
    return party === undefined ? NO_NUMBER : this.ofParty(party);
  }

  ofParty(party: PartyNumber): number {
    if (party.kind === 'subscriber' && party.number.length <= MOST_EXACT_DIGITS + 1) {
      return this.ofValue(Number(party.number.slice(1)));
    }
    const known = this.texts.get(party.number);
    if (known !== undefined) return known;
    const place = this.add(Number.NaN, spreadText(party.number), party);
    this.texts.set(party.number, place);
    this.textOfPlace.set(place, party);
    return place;
  }

  /** What profiles know the number by among contacts: see `fingerprintOfToken`. */
  fingerprintAt(place: number): number {
    return this.fingerprints[place] as number;
  }

  isService(place: number): boolean {
    return this.services[place] === 1;
  }

  partyAt(place: number): PartyNumber {
    return (
      this.textOfPlace.get(place) ?? { kind: 'subscriber', number: `+${this.values[place] ?? ''}` }
    );
  }

  /**
   * The number's token. Made anew each time: few numbers are ever asked for theirs, and a string for each of millions
   * would keep the garbage collector walking.
   */
  tokenAt(place: number): NumberToken {
    return this.givenTokens[place] ?? tokenOfPlace(place, this.bitsAt(place));
  }

  placeOf(token: NumberToken): number {
    if (this.options.tokenOf !== undefined) return this.placeOfToken.get(token) ?? NO_NUMBER;
    let place = 0;
    for (let i = PLACE_AT; i < PLACE_AT + PLACE_LENGTH; i++) {
      place = place * 64 + (SIX_BITS[token.charCodeAt(i)] as number);
    }
    return place;
  }

  private ofValue(value: number): number {
    const bits = spreadNumber(value);
    const { slots, values } = this;
    const mask = slots.length - 1;
    let slot = bits & mask;
    for (let there = slots[slot] as number; there !== 0; there = slots[slot] as number) {
      if (values[there - 1] === value) return there - 1;
      slot = (slot + 1) & mask;
    }
    const place = this.add(value, bits, undefined);
    slots[slot] = place + 1;
    if (this.count * 2 > slots.length) this.grow();
    return place;
  }

  private bitsAt(place: number): number {
    const text = this.textOfPlace.get(place);
    return text === undefined
      ? spreadNumber(this.values[place] as number)
      : spreadText(text.number);
  }

  private add(value: number, bits: number, party: PartyNumber | undefined): number {
    const place = this.count++;
    if (place >= this.values.length) {
      this.values = grown(this.values, new Float64Array(place * 2));
      this.fingerprints = grown(this.fingerprints, new Uint16Array(place * 2));
      this.services = grown(this.services, new Uint8Array(place * 2));
    }
    this.values[place] = value;
    if (party?.kind === 'service') this.services[place] = 1;
    const token = this.options.tokenOf?.(party ?? { kind: 'subscriber', number: `+${value}` });
    if (token === undefined) {
      this.fingerprints[place] = fingerprintOfBits(bits);
    } else {
      this.givenTokens.push(token);
      this.placeOfToken.set(token, place);
      this.fingerprints[place] = fingerprintOfToken(token);
    }
    return place;
  }

  private grow(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let place = 0; place < this.count; place++) {
      const value = this.values[place] as number;
      if (Number.isNaN(value)) continue;
      let slot = spreadNumber(value) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = place + 1;
    }
    this.slots = slots;
  }
}
