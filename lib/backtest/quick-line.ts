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
const HIGH_DIGITS = 6;
const TENS = Float64Array.from({ length: MOST_EXACT_DIGITS }, (_, power) => 10 ** power);

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
const UNKNOWN_NAME = 0;

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
      const bit = this.readName();
      if (bit === UNKNOWN_NAME || (fields & bit) !== 0) return NOT_PLAIN;
      fields |= bit;
      if (!this.readValue(bit, into)) return NOT_PLAIN;
      const after = bytes[this.at++];
      if (after === CLOSE) break;
      if (after !== COMMA) return NOT_PLAIN;
    }
    if ((fields & REQUIRED) !== REQUIRED) return NOT_PLAIN;
    if (bytes[this.at] === CARRIAGE_RETURN) this.at++;
    if (bytes[this.at++] !== LINE_FEED) return NOT_PLAIN;
    return this.finish(fields, into) ? this.at : NOT_PLAIN;
  }

  /** `"name":` as the bit of its field. */
  private readName(): number {
    const { view, bytes } = this;
    const at = this.at + 1;
    if (bytes[at - 1] !== QUOTE) return UNKNOWN_NAME;
    const more = view.getInt32(at + 4, true);
    switch (view.getInt32(at, true)) {
      case CALL:
        if (more === CALLER) return this.named(FIELD.caller, at + 8);
        if (more === CALLEE) return this.named(FIELD.callee, at + 8);
        if (more === CALL_ID) return this.named(FIELD.callId, at + 8);
        if (view.getInt32(at + 8, true) !== STRI || view.getInt32(at + 12, true) !== CT) break;
        if (more === CALLER_DISTRICT) return this.named(FIELD.callerDistrict, at + 16);
        if (more === CALLEE_DISTRICT) return this.named(FIELD.calleeDistrict, at + 16);
        break;
      case STAR:
        if (this.ends(at + 4, 0x74)) return this.named(FIELD.start, at + 7);
        break;
      case ANSW:
        if (more === ERED && this.closes(at + 8)) return this.named(FIELD.answered, at + 10);
        break;
      case NETW:
        if (more === ORK && bytes[at + 8] === COLON) return this.named(FIELD.network, at + 9);
        break;
      case EVEN:
        if (this.ends(at + 4, 0x74)) return this.named(FIELD.event, at + 7);
        break;
      case DURA:
        if (more === TION && this.closes(at + 8)) return this.named(FIELD.duration, at + 10);
        break;
      case ENDR:
        if (more === EASO && this.ends(at + 8, 0x6e)) return this.named(FIELD.endReason, at + 11);
        break;
      case IMEI:
        if (this.closes(at + 4)) return this.named(FIELD.imei, at + 6);
        break;
      case INTE:
        if (more !== RNAT || view.getInt32(at + 8, true) !== IONA) break;
        if (this.ends(at + 12, 0x6c)) return this.named(FIELD.international, at + 15);
        break;
    }
    return UNKNOWN_NAME;
  }

  private named(bit: number, end: number): number {
    this.at = end;
    return bit;
  }

  /** `":` */
  private closes(at: number): boolean {
    return this.bytes[at] === QUOTE && this.bytes[at + 1] === COLON;
  }

  /** The last letter of a name, then `":` */
  private ends(at: number, letter: number): boolean {
    return this.bytes[at] === letter && this.closes(at + 1);
  }

  private readValue(bit: number, into: HistoryCall): boolean {
    switch (bit) {
      case FIELD.caller:
        into.caller = this.readNumber();
        return into.caller !== NO_NUMBER;
      case FIELD.callee:
        into.callee = this.readNumber();
        return into.callee !== NO_NUMBER;
      case FIELD.start:
        into.startMs = this.readStart();
        return into.startMs >= this.oldest && into.startMs <= this.newest;
      case FIELD.duration: {
        const seconds = this.readInteger(5);
        into.duration = seconds;
        return seconds >= 0 && seconds <= LONGEST_CALL_SECONDS;
      }
      case FIELD.answered: {
        const flag = this.readFlag();
        into.answered = flag === 1;
        return flag >= 0;
      }
      case FIELD.international: {
        const flag = this.readFlag();
        into.international = flag === 1;
        return flag >= 0;
      }
      case FIELD.event:
        return this.readEvent(into);
      case FIELD.callId:
        this.idAt = this.at + 1;
        if (!this.skipText()) return false;
        this.idEnd = this.at - 1;
        return true;
      case FIELD.callerDistrict:
        into.callerDistrict = this.readDigits(6, 6);
        return into.callerDistrict >= 0;
      case FIELD.calleeDistrict:
        into.calleeDistrict = this.readDigits(6, 6);
        return into.calleeDistrict >= 0;
      case FIELD.imei: {
        const imei = this.readDigits(14, 16);
        if (imei < 0 || imei > Number.MAX_SAFE_INTEGER) return false;
        into.handset = handsetFingerprint(imei);
        return true;
      }
      default:
        return this.skipText();
    }
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
  private readNumber(): number {
    const { bytes } = this;
    let at = this.at + 1;
    if (bytes[at - 1] !== QUOTE) return NO_NUMBER;
    const plus = bytes[at] === PLUS;
    if (plus) at++;
    const begin = at;
    // In two parts, since whole numbers of 32 bits are worked out sooner than their product.
    const afterHigh = begin + HIGH_DIGITS;
    let high = 0;
    let low = 0;
    for (; at < afterHigh; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      high = high * 10 + digit;
    }
    if (at === afterHigh) {
      for (const end = begin + MOST_EXACT_DIGITS; at < end; at++) {
        const digit = (bytes[at] as number) - ZERO;
        if (digit < 0 || digit > 9) break;
        low = low * 10 + digit;
      }
    }
    const count = at - begin;
    if (bytes[at] !== QUOTE || count === 0) return this.readSpacedNumber();
    this.at = at + 1;
    const value = count <= HIGH_DIGITS ? high : high * (TENS[count - HIGH_DIGITS] as number) + low;
    return this.numbers.ofDigits(value, count, plus);
  }

  /** A number in any notation of digits, separators, and a plus sign before them. */
  private readSpacedNumber(): number {
    const { bytes } = this;
    let at = this.at;
    if (bytes[at++] !== QUOTE) return NO_NUMBER;
    const begin = at;
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
  private skipText(): boolean {
    const { bytes, view } = this;
    let at = this.at;
    if (bytes[at++] !== QUOTE) return false;
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
    const length = at - this.at - 1;
    this.at = at + 1;
    return bytes[at] === QUOTE && length <= LONGEST_TEXT;
  }

  /** A text of so many digits, as a value; -1 when it is none. */
  private readDigits(fewest: number, most: number): number {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) return -1;
    const begin = this.at + 1;
    const { end, value } = this.digitsFrom(begin, most);
    if (bytes[end] !== QUOTE || end - begin < fewest) return -1;
    this.at = end + 1;
    return value;
  }

  /** A whole number as JSON writes it; -1 when it is none, or a longer or fractional one. */
  private readInteger(mostDigits: number): number {
    const { bytes } = this;
    const begin = this.at;
    const { end, value } = this.digitsFrom(begin, mostDigits);
    const leadingZero = bytes[begin] === ZERO && end - begin > 1;
    const after = bytes[end];
    if (end === begin || leadingZero || (after !== COMMA && after !== CLOSE)) return -1;
    this.at = end;
    return value;
  }

  private digitsFrom(begin: number, most: number): { end: number; value: number } {
    const { bytes } = this;
    let end = begin;
    let value = 0;
    while (end - begin < most) {
      const digit = (bytes[end] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      end++;
    }
    return { end, value };
  }

  /** 1 for `true`, 0 for `false`, -1 for anything else. */
  private readFlag(): number {
    const { view, at } = this;
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
  private readEvent(into: HistoryCall): boolean {
    const { view, bytes, at } = this;
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
  private readStart(): number {
    if (this.bytes[this.at] !== QUOTE) return this.readInteger(MOST_EXACT_DIGITS);
    const begin = this.at + 1;
    if (!this.skipText()) return -1;
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
