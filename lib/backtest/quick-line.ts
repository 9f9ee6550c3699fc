import { LONGEST_CALL_SECONDS, LONGEST_TEXT } from '../domain/call-record.ts';
import { parseIsoTimestamp } from '../domain/timestamp.ts';
import { type HistoryCall, handsetFingerprint, keyOfId, keyOfMoment } from './history-call.ts';
import { MOST_EXACT_DIGITS, NO_NUMBER, type NumberRegistry } from './number-registry.ts';

/** The line has not the plain shape: the domain's own parser must judge it. */
export const NOT_PLAIN = -1;
/** Bytes that must follow the last line: names are compared four bytes at a time. */
export const PADDING = 32;

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const CLOSE = 0x7d;
const OPEN = 0x7b;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const LETTER_T = 0x54;
const LETTER_Z = 0x5a;

const DAY_MS = 86_400_000;
/** `2026-11-23T09:14:03` */
const SECONDS_END = 19;
const LONGEST_NOTATION = 32;
/** Digits of a number that are read before the rest: neither part then passes 31 bits. */
const HIGH_DIGITS = 8;
const TENS = Float64Array.from({ length: HIGH_DIGITS + 1 }, (_, power) => 10 ** power);

/** Characters that stand for themselves in a JSON text: printable ASCII but for quote and backslash. */
const PLAIN = new Uint8Array(256);
for (let code = 0x20; code < 0x7f; code++) {
  PLAIN[code] = code === QUOTE || code === BACKSLASH ? 0 : 1;
}
/** Of those, what the domain passes over between the digits of a number. */
const SEPARATOR = PLAIN.map((plain, code) =>
  plain === 1 && !/[0-9a-z+]/i.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Four characters as the number that a little-endian view reads. */
function four(text: string): number {
  let word = 0;
  for (let i = 3; i >= 0; i--) word = (word << 8) | text.charCodeAt(i);
  return word;
}

/** What four digits that a little-endian view reads together come to; -1 when they are not all digits. */
function fourDigits(word: number): number {
  // Digits are 0x30 to 0x39: of these alone, the upper half is 3, and still so when 6 is added.
  if ((word & 0xf0f0f0f0) !== 0x30303030) return -1;
  if (((word + 0x06060606) & 0xf0f0f0f0) !== 0x30303030) return -1;
  const pairs = Math.imul(word & 0x0f0f0f0f, 10 * 0x100 + 1) >>> 8;
  return Math.imul(pairs & 0x00ff00ff, 100 * 0x10000 + 1) >>> 16;
}

/** Beginnings of names and values, four characters each. */
const CALL = four('call');
const CALLER = four('er":');
const CALLEE = four('ee":');
const CALL_ID = four('Id":');
const CALLER_DISTRICT = four('erDi');
const CALLEE_DISTRICT = four('eeDi');
const STRI = four('stri');
const CT = four('ct":');
const STAR = four('star');
const ANSW = four('answ');
const ERED = four('ered');
const NETW = four('netw');
const ORK = four('ork"');
const EVEN = four('even');
const DURA = four('dura');
const TION = four('tion');
const ENDR = four('endR');
const EASO = four('easo');
const IMEI = four('imei');
const INTE = four('inte');
const RNAT = four('rnat');
const IONA = four('iona');
const DOT_STA = four('.sta');
const RTED = four('rted');
const DOT_END = four('.end');
const TRUE = four('true');
const FALS = four('fals');

/** The fields of a record, as bits: one that comes twice is not plain. */
const FIELD = {
  event: 1,
  callId: 2,
  caller: 4,
  callee: 8,
  start: 16,
  duration: 32,
  answered: 64,
  endReason: 128,
  callerDistrict: 256,
  calleeDistrict: 512,
  imei: 1024,
  international: 2048,
  network: 4096,
} as const;
const REQUIRED = FIELD.caller | FIELD.callee | FIELD.start;
const NO_FIELD = 0;

/**
 * Reads call records of the shape that `JSON.stringify` gives them, straight from the bytes: several times as
 * fast as decoding, `JSON.parse` and the domain's checks. It takes a line only when it knows what the domain
 * would make of it (a property test holds the two together), and leaves every other to it: unusual texts and
 * spacing, unknown or repeated fields, escapes, and all that is to be refused.
 */
export class QuickLine {
  private readonly numbers: NumberRegistry;
  private readonly oldest: number;
  private readonly newest: number;
  private bytes: Uint8Array = new Uint8Array(PADDING);
  private view: DataView = new DataView(this.bytes.buffer);
  private at = 0;
  /** See {@link readDigitsFrom}. */
  private value = 0;
  /** Where the text of the call id begins and ends. */
  private idAt = 0;
  private idEnd = 0;
  private dayCode = -1;
  private dayMs = 0;

  /** @param period starts (epoch ms) that the domain takes, both ends included */
  constructor(
    numbers: NumberRegistry,
    period: { readonly oldest: number; readonly newest: number },
  ) {
    this.numbers = numbers;
    this.oldest = period.oldest;
    this.newest = period.newest;
  }

  /** @param bytes lines, the last one ended by a line feed, and {@link PADDING} zeros */
  begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * Reads the line that begins at `at`.
   *
   * @returns where the next line begins, or {@link NOT_PLAIN}
   */
  read(at: number, into: HistoryCall): number {
    const { bytes } = this;
    this.at = at + 1;
    if (bytes[at] !== OPEN) return NOT_PLAIN;
    let fields = 0;
    for (;;) {
      const bit = this.readField(into);
      if (bit === NO_FIELD || (fields & bit) !== 0) return NOT_PLAIN;
      fields |= bit;
      const after = bytes[this.at++];
      if (after === CLOSE) break;
      if (after !== COMMA) return NOT_PLAIN;
    }
    if ((fields & REQUIRED) !== REQUIRED) return NOT_PLAIN;
    if (bytes[this.at] === CARRIAGE_RETURN) this.at++;
    if (bytes[this.at++] !== LINE_FEED) return NOT_PLAIN;
    return this.finish(fields, into) ? this.at : NOT_PLAIN;
  }

  /** `"name":value`, as the bit of its field, or {@link NO_FIELD}. */
  private readField(into: HistoryCall): number {
    const { view, bytes } = this;
    const at = this.at + 1;
    if (bytes[at - 1] !== QUOTE) return NO_FIELD;
    const more = view.getInt32(at + 4, true);
    switch (view.getInt32(at, true)) {
      case CALL:
        if (more === CALLER) {
          into.caller = this.readNumber(at + 8);
          return into.caller === NO_NUMBER ? NO_FIELD : FIELD.caller;
        }
        if (more === CALLEE) {
          into.callee = this.readNumber(at + 8);
          return into.callee === NO_NUMBER ? NO_FIELD : FIELD.callee;
        }
        if (more === CALL_ID) {
          this.idAt = at + 9;
          if (!this.skipText(at + 8)) return NO_FIELD;
          this.idEnd = this.at - 1;
          return FIELD.callId;
        }
        if (view.getInt32(at + 8, true) !== STRI || view.getInt32(at + 12, true) !== CT) break;
        if (more === CALLER_DISTRICT) {
          into.callerDistrict = this.readDigits(at + 16, 6, 6);
          return into.callerDistrict < 0 ? NO_FIELD : FIELD.callerDistrict;
        }
        if (more === CALLEE_DISTRICT) {
          into.calleeDistrict = this.readDigits(at + 16, 6, 6);
          return into.calleeDistrict < 0 ? NO_FIELD : FIELD.calleeDistrict;
        }
        break;
      case STAR:
        if (!this.ends(at + 4, 0x74)) break;
        into.startMs = this.readStart(at + 7);
        if (into.startMs >= this.oldest && into.startMs <= this.newest) return FIELD.start;
        break;
      case ANSW: {
        if (more !== ERED || !this.closes(at + 8)) break;
        const flag = this.readFlag(at + 10);
        into.answered = flag === 1;
        return flag < 0 ? NO_FIELD : FIELD.answered;
      }
      case NETW:
        if (more !== ORK || bytes[at + 8] !== COLON) break;
        return this.skipText(at + 9) ? FIELD.network : NO_FIELD;
      case EVEN:
        if (!this.ends(at + 4, 0x74)) break;
        return this.readEvent(at + 7, into) ? FIELD.event : NO_FIELD;
      case DURA: {
        if (more !== TION || !this.closes(at + 8)) break;
        const seconds = this.readInteger(at + 10, 5);
        into.duration = seconds;
        return seconds < 0 || seconds > LONGEST_CALL_SECONDS ? NO_FIELD : FIELD.duration;
      }
      case ENDR:
        if (more !== EASO || !this.ends(at + 8, 0x6e)) break;
        return this.skipText(at + 11) ? FIELD.endReason : NO_FIELD;
      case IMEI: {
        if (!this.closes(at + 4)) break;
        const imei = this.readDigits(at + 6, 14, 16);
        if (imei < 0 || imei > Number.MAX_SAFE_INTEGER) break;
        into.handset = handsetFingerprint(imei);
        return FIELD.imei;
      }
      case INTE: {
        if (more !== RNAT || view.getInt32(at + 8, true) !== IONA) break;
        if (!this.ends(at + 12, 0x6c)) break;
        const flag = this.readFlag(at + 15);
        into.international = flag === 1;
        return flag < 0 ? NO_FIELD : FIELD.international;
      }
    }
    return NO_FIELD;
  }

  /** `":` */
  private closes(at: number): boolean {
    return this.bytes[at] === QUOTE && this.bytes[at + 1] === COLON;
  }

  /** The last letter of a name, then `":` */
  private ends(at: number, letter: number): boolean {
    return this.bytes[at] === letter && this.closes(at + 1);
  }

  /** What follows from the fields together, and what those stand for that are not there. */
  private finish(fields: number, into: HistoryCall): boolean {
    if (into.caller === into.callee) return false;
    const hasDuration = (fields & FIELD.duration) !== 0;
    const hasAnswered = (fields & FIELD.answered) !== 0;
    if ((fields & FIELD.event) === 0) {
      into.phase = hasDuration || (hasAnswered && into.answered === false) ? 'complete' : 'started';
    }
    if (into.phase === 'ended' && !hasDuration) return false;
    if (into.phase === 'started') into.duration = undefined;
    else if (!hasDuration) into.duration = 0;
    if (!hasAnswered) into.answered = into.duration === undefined ? undefined : into.duration > 0;
    if ((fields & FIELD.callerDistrict) === 0) into.callerDistrict = 0;
    if ((fields & FIELD.calleeDistrict) === 0) into.calleeDistrict = 0;
    if ((fields & FIELD.imei) === 0) into.handset = 0;
    if ((fields & FIELD.international) === 0) into.international = false;
    const hasId = (fields & FIELD.callId) !== 0 && this.idEnd > this.idAt;
    into.key = hasId
      ? keyOfId(into.caller, this.bytes, this.idAt, this.idEnd)
      : keyOfMoment(into.caller, into.callee, into.startMs);
    return true;
  }

  /** A number: mostly nothing but digits, with or without a plus sign before them. */
  private readNumber(at: number): number {
    const { bytes } = this;
    let begin = at + 1;
    if (bytes[at] !== QUOTE) return NO_NUMBER;
    const plus = bytes[begin] === PLUS;
    if (plus) begin++;
    const end = this.readDigitsFrom(begin);
    const count = end - begin;
    if (bytes[end] !== QUOTE || count === 0 || count > MOST_EXACT_DIGITS) {
      return this.readSpacedNumber(at + 1);
    }
    this.at = end + 1;
    return this.numbers.ofDigits(this.value, count, plus);
  }

  /** A number in any notation of digits, separators, and a plus sign before them. */
  private readSpacedNumber(begin: number): number {
    const { bytes } = this;
    let at = begin;
    let value = 0;
    let count = 0;
    let plus = false;
    for (;;) {
      const code = bytes[at] as number;
      const digit = code - ZERO;
      if (digit >= 0 && digit <= 9) {
        value = value * 10 + digit;
        count++;
      } else if (code === QUOTE) {
        break;
      } else if (code === PLUS && count === 0 && !plus) {
        plus = true;
      } else if (SEPARATOR[code] !== 1) {
        return NO_NUMBER;
      }
      at++;
    }
    this.at = at + 1;
    if (count === 0 || count > MOST_EXACT_DIGITS || at - begin > LONGEST_NOTATION) return NO_NUMBER;
    return this.numbers.ofDigits(value, count, plus);
  }

  /** Passes over a text of plain characters, of the length that the domain allows. */
  private skipText(begin: number): boolean {
    const { bytes, view } = this;
    if (bytes[begin] !== QUOTE) return false;
    let at = begin + 1;
    // Four at a time, as long as all are plain (Hacker's Delight, "find first 0-byte").
    for (;;) {
      const word = view.getInt32(at, true);
      const quotes = word ^ 0x22222222;
      const slashes = word ^ 0x5c5c5c5c;
      const odd =
        (word - 0x20202020) |
        word |
        (word + 0x01010101) |
        ((quotes - 0x01010101) & ~quotes) |
        ((slashes - 0x01010101) & ~slashes);
      if ((odd & 0x80808080) !== 0) break;
      at += 4;
    }
    while (PLAIN[bytes[at] as number] === 1) at++;
    const length = at - begin - 1;
    this.at = at + 1;
    return bytes[at] === QUOTE && length <= LONGEST_TEXT;
  }

  /** A text of so many digits, as a value; -1 when it is none. */
  private readDigits(at: number, fewest: number, most: number): number {
    const { bytes } = this;
    if (bytes[at] !== QUOTE) return -1;
    const begin = at + 1;
    const end = this.readDigitsFrom(begin);
    if (bytes[end] !== QUOTE || end - begin < fewest || end - begin > most) return -1;
    this.at = end + 1;
    return this.value;
  }

  /** A whole number as JSON writes it; -1 when it is none, or a longer or fractional one. */
  private readInteger(begin: number, mostDigits: number): number {
    const { bytes } = this;
    const end = this.readDigitsFrom(begin);
    const count = end - begin;
    const leadingZero = bytes[begin] === ZERO && count > 1;
    const after = bytes[end];
    if (count === 0 || count > mostDigits || leadingZero) return -1;
    if (after !== COMMA && after !== CLOSE) return -1;
    this.at = end;
    return this.value;
  }

  /** Reads digits from `begin` on. Leaves what they come to in `value`, if they are 16 at most; returns where they end. */
  private readDigitsFrom(begin: number): number {
    const { view } = this;
    const highEnd = begin + HIGH_DIGITS;
    let at = begin;
    // In two parts, since whole numbers of 32 bits are worked out sooner than their product.
    let high = 0;
    for (; at < highEnd; at += 4) {
      const four = fourDigits(view.getInt32(at, true));
      if (four < 0) break;
      high = high * 10_000 + four;
    }
    if (at < highEnd) {
      for (let digit = this.digitAt(at); digit >= 0; digit = this.digitAt(++at)) {
        high = high * 10 + digit;
      }
      this.value = high;
      return at;
    }
    let low = 0;
    for (const end = highEnd + HIGH_DIGITS; at < end; at += 4) {
      const four = fourDigits(view.getInt32(at, true));
      if (four < 0) break;
      low = low * 10_000 + four;
    }
    for (let digit = this.digitAt(at); digit >= 0; digit = this.digitAt(++at)) {
      low = low * 10 + digit;
    }
    this.value = high * (TENS[Math.min(at - highEnd, HIGH_DIGITS)] as number) + low;
    return at;
  }

  /** -1 when it is none. */
  private digitAt(at: number): number {
    const digit = (this.bytes[at] as number) - ZERO;
    return digit >= 0 && digit <= 9 ? digit : -1;
  }

  /** 1 for `true`, 0 for `false`, -1 for anything else. */
  private readFlag(at: number): number {
    const { view } = this;
    const word = view.getInt32(at, true);
    if (word === TRUE) {
      this.at = at + 4;
      return 1;
    }
    if (word !== FALS || this.bytes[at + 4] !== 0x65) return -1;
    this.at = at + 5;
    return 0;
  }

  /** `"call.started"` or `"call.ended"` */
  private readEvent(at: number, into: HistoryCall): boolean {
    const { view, bytes } = this;
    if (bytes[at] !== QUOTE || view.getInt32(at + 1, true) !== CALL) return false;
    const more = view.getInt32(at + 5, true);
    if (more === DOT_STA) {
      if (view.getInt32(at + 9, true) !== RTED || bytes[at + 13] !== QUOTE) return false;
      into.phase = 'started';
      this.at = at + 14;
      return true;
    }
    if (more !== DOT_END || bytes[at + 9] !== 0x65 || bytes[at + 10] !== 0x64) return false;
    into.phase = 'ended';
    this.at = at + 12;
    return bytes[at + 11] === QUOTE;
  }

  /** Epoch ms, or -1. */
  private readStart(at: number): number {
    if (this.bytes[at] !== QUOTE) return this.readInteger(at, MOST_EXACT_DIGITS);
    const begin = at + 1;
    if (!this.skipText(at)) return -1;
    const end = this.at - 1;
    const quick = this.readIsoTime(begin, end);
    return quick >= 0 ? quick : (parseIsoTimestamp(this.text(begin, end)) ?? -1);
  }

  /** `2026-11-23T09:14:03.120+08:00`, with or without the fraction, or ending in Z; -1 for any other. */
  private readIsoTime(begin: number, end: number): number {
    const { bytes } = this;
    const length = end - begin;
    if (length <= SECONDS_END || bytes[begin + 10] !== LETTER_T) return -1;
    if (bytes[begin + 13] !== COLON || bytes[begin + 16] !== COLON) return -1;
    const dayMs = this.dayOf(begin);
    const hour = this.pairAt(begin + 11);
    const minute = this.pairAt(begin + 14);
    const second = this.pairAt(begin + 17);
    if (dayMs < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59) return -1;
    if (second < 0 || second > 59) return -1;
    let zone = begin + SECONDS_END;
    let milliseconds = 0;
    if (bytes[zone] === DOT) {
      const high = this.pairAt(zone + 1);
      const low = (bytes[zone + 3] as number) - ZERO;
      if (high < 0 || low < 0 || low > 9) return -1;
      milliseconds = high * 10 + low;
      zone += 4;
    }
    const offset = this.offsetAt(zone, end);
    if (Number.isNaN(offset)) return -1;
    return dayMs + ((hour * 60 + minute - offset) * 60 + second) * 1000 + milliseconds;
  }

  /** Epoch ms at which the day begins in UTC, or -1. It is looked up once, since it rarely changes. */
  private dayOf(begin: number): number {
    const { bytes } = this;
    const century = this.pairAt(begin);
    const year = this.pairAt(begin + 2);
    const month = this.pairAt(begin + 5);
    const day = this.pairAt(begin + 8);
    if (century < 0 || year < 0 || month < 0 || day < 0) return -1;
    if (bytes[begin + 4] !== MINUS || bytes[begin + 7] !== MINUS) return -1;
    const code = ((century * 100 + year) * 100 + month) * 100 + day;
    if (code === this.dayCode) return this.dayMs;
    const midnight = parseIsoTimestamp(`${this.text(begin, begin + 10)}T00:00:00Z`);
    // Around 1970 the domain has to judge.
    if (midnight === undefined || midnight < 2 * DAY_MS) return -1;
    this.dayCode = code;
    this.dayMs = midnight;
    return midnight;
  }

  /** Minutes east of UTC. */
  private offsetAt(zone: number, end: number): number {
    const { bytes } = this;
    const sign = bytes[zone];
    if (sign === LETTER_Z) return zone + 1 === end ? 0 : Number.NaN;
    if ((sign !== PLUS && sign !== MINUS) || zone + 6 !== end) return Number.NaN;
    const hours = this.pairAt(zone + 1);
    const minutes = this.pairAt(zone + 4);
    if (bytes[zone + 3] !== COLON || hours < 0 || hours > 18 || minutes < 0 || minutes > 59) {
      return Number.NaN;
    }
    return sign === MINUS ? -(hours * 60 + minutes) : hours * 60 + minutes;
  }

  /** Two digits; -1 when they are none. */
  private pairAt(at: number): number {
    const tens = (this.bytes[at] as number) - ZERO;
    const ones = (this.bytes[at + 1] as number) - ZERO;
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
  }

  private text(begin: number, end: number): string {
    const { buffer, byteOffset } = this.bytes;
    return Buffer.from(buffer, byteOffset + begin, end - begin).toString('latin1');
  }
}
