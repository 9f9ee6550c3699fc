import type { City } from './city.ts';
import { CHINA_OFFSET_MS, HOUR_MS } from './day-rhythm.ts';
import { END_REASONS, type SimulatedCall } from './exchange.ts';
import { MOMENT, MOMENTS, type Moment } from './happening.ts';
import { LineBuffer, type Piece, pieceOf } from './line-buffer.ts';
import { oddNotation, plainNotation } from './number-notation.ts';
import { isElsewhereInChina, MOBILE_NUMBER_DIGITS, mobileNumber, type PartyId } from './parties.ts';
import type { Feed } from './scenario-schema.ts';
import { SeededRandom } from './seeded-random.ts';

const DAY_MS = 24 * HOUR_MS;
// What is written of a local party, side by side, so that the processor fetches it at once: the lengths of its number
// in both notations, the numbers, and its first handset. A length of 0: not yet worked out.
const PARTY_BYTES = 64;
const NATIONAL = 0;
const INTERNATIONAL = 1;
const TEXTS_AT = 8;
const TEXT_BYTES = 16;
const IMEI = 2;
const IMEI_BYTES = 15;

const CALLER = pieceOf('{"caller":"');
const CALLEE = pieceOf('","callee":"');
const START = pieceOf('","start":');
const PLUS_CHINA = pieceOf('+86');
const QUOTE = pieceOf('"');
const INTERNATIONAL_CALL = pieceOf(',"international":true');
const END = pieceOf('}\n');

/** What a record says of a call. */
export type ToldCall = Omit<SimulatedCall, 'story'>;

/** What is the same in all records of an operator. */
interface FeedText {
  readonly feed: Feed;
  /** From `answered` to the duration or its place: of unanswered and answered calls, by moment. */
  readonly answers: readonly (readonly Piece[])[];
  /** How it ended, by reason, and the begin of the call's id. */
  readonly endings: readonly Piece[];
  /** The begin of the call's id where nothing has ended. */
  readonly callId: Piece;
  readonly closing: Piece;
  readonly imei: Piece;
  /** Which of a party's texts is the operator's notation. */
  readonly notation: typeof NATIONAL | typeof INTERNATIONAL;
}

/**
 * Writes what happens in the manner of the caller's operator: one line of JSON a record. Put together from bytes kept
 * ready: strings for JSON.stringify take longer than making up the call.
 */
export class RecordLines {
  readonly lines = new LineBuffer();
  readonly #city: City;
  readonly #random: SeededRandom;
  readonly #feeds: readonly FeedText[];
  readonly #parties: DataView;
  readonly #callerDistricts: readonly Piece[];
  readonly #calleeDistricts: readonly Piece[];
  #day = Number.NaN;
  #dayText = pieceOf('');

  constructor(city: City) {
    this.#city = city;
    this.#random = new SeededRandom(city.seed, 'records');
    this.#feeds = city.scenario.feeds.map((feed) => feedText(feed, city.seed));
    this.#parties = new DataView(new ArrayBuffer(city.localParties * PARTY_BYTES));
    this.#callerDistricts = city.districts.map((code) => pieceOf(`,"callerDistrict":"${code}"`));
    this.#calleeDistricts = city.districts.map((code) => pieceOf(`,"calleeDistrict":"${code}"`));
  }

  /** Appends one record and the end of its line. */
  write(moment: Moment, call: ToldCall): void {
    const { lines } = this;
    const { caller, callee, index, callerDistrict, calleeDistrict } = call;
    const text = this.#feeds[call.feed] as FeedText;
    const { feed } = text;
    lines.begin();
    lines.piece(CALLER);
    this.#number(caller, text);
    lines.piece(CALLEE);
    this.#number(callee, text);
    lines.piece(START);
    if (feed.time === 'iso') this.#isoTime(call.start);
    else lines.digits(call.start);
    lines.piece(text.answers[call.answered ? 1 : 0]?.[moment] as Piece);
    if (moment === MOMENT.started) {
      lines.piece(text.callId);
    } else {
      lines.digits(call.seconds);
      lines.piece(text.endings[call.endReason] as Piece);
    }
    if (feed.callIds) lines.digits(index);
    if (call.handset >= 0) this.#imei(caller, call.handset, text);
    else lines.piece(text.closing);
    if (this.#city.isForeign(caller) || this.#city.isForeign(callee)) {
      lines.piece(INTERNATIONAL_CALL);
    }
    // By the call, not by chance: both records of a call tell the same.
    const known = (index % 100) / 100;
    if (callerDistrict >= 0 && known < feed.callerDistrictShare) {
      lines.piece(this.#callerDistricts[callerDistrict] as Piece);
    }
    if (calleeDistrict >= 0 && known < feed.calleeDistrictShare) {
      lines.piece(this.#calleeDistricts[calleeDistrict] as Piece);
    }
    lines.piece(END);
  }

  #number(party: PartyId, { feed, notation }: FeedText): void {
    const { lines } = this;
    if (this.#random.chance(feed.oddNotationShare)) {
      lines.composed(oddNotation(this.#city.numberOf(party), this.#random));
      return;
    }
    if (party < this.#city.localParties) {
      const at = party * PARTY_BYTES;
      if (this.#parties.getUint8(at + notation) === 0) {
        this.#keep(party, notation, plainNotation(this.#city.numberOf(party), feed.notation));
      }
      this.#text(at, notation);
      return;
    }
    if (isElsewhereInChina(party)) {
      if (notation === INTERNATIONAL) lines.piece(PLUS_CHINA);
      lines.fixedDigits(mobileNumber(party, this.#city.seed), MOBILE_NUMBER_DIGITS);
      return;
    }
    lines.composed(plainNotation(this.#city.numberOf(party), feed.notation));
  }

  #keep(party: PartyId, which: number, text: string): void {
    const at = party * PARTY_BYTES;
    this.#parties.setUint8(at + which, text.length);
    const from = at + TEXTS_AT + which * TEXT_BYTES;
    for (let place = 0; place < text.length; place++) {
      this.#parties.setUint8(from + place, text.charCodeAt(place));
    }
  }

  #text(at: number, which: number): void {
    const length = this.#parties.getUint8(at + which);
    this.lines.short(this.#parties, at + TEXTS_AT + which * TEXT_BYTES, length);
  }

  #imei(party: PartyId, handset: number, { imei }: FeedText): void {
    const { lines } = this;
    lines.piece(imei);
    if (handset > 0) {
      lines.composed(this.#city.imeiOf(party, handset));
    } else {
      const at = party * PARTY_BYTES;
      if (this.#parties.getUint8(at + IMEI) !== IMEI_BYTES) {
        this.#keep(party, IMEI, this.#city.imeiOf(party, 0));
      }
      this.#text(at, IMEI);
    }
    lines.piece(QUOTE);
  }

  /** Formatting a date anew for each record would cost more than all the rest: only a new day is. */
  #isoTime(time: number): void {
    const { lines } = this;
    const day = Math.floor((time + CHINA_OFFSET_MS) / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
      this.#dayText = pieceOf(`"${date}T00:00:00.000+08:00"`);
    }
    const past = (time + CHINA_OFFSET_MS - day * DAY_MS) | 0;
    const seconds = (past / 1000) | 0;
    const minutes = (seconds / 60) | 0;
    const hours = (minutes / 60) | 0;
    lines.piece(this.#dayText);
    lines.digitsBefore(19, hours, 2);
    lines.digitsBefore(16, minutes - hours * 60, 2);
    lines.digitsBefore(13, seconds - minutes * 60, 2);
    lines.digitsBefore(10, past - seconds * 1000, 3);
  }
}

function feedText(feed: Feed, seed: number): FeedText {
  const network = `,"network":${asciiJson(feed.network)}`;
  const callId = feed.callIds
    ? `,"callId":${asciiJson(`${feed.network}-${seed.toString(36)}-`).slice(0, -1)}`
    : '';
  const quote = feed.callIds ? '"' : '';
  const told = {
    complete: ',"duration":',
    started: ',"event":"call.started"',
    ended: ',"event":"call.ended","duration":',
  };
  return {
    feed,
    answers: [false, true].map((answered) =>
      MOMENTS.map((moment) => pieceOf(`,"answered":${answered}${network}${told[moment]}`)),
    ),
    endings: END_REASONS.map((reason) => pieceOf(`,"endReason":"${reason}"${callId}`)),
    callId: pieceOf(callId),
    closing: pieceOf(quote),
    imei: pieceOf(`${quote},"imei":"`),
    notation: feed.notation === 'national' ? NATIONAL : INTERNATIONAL,
  };
}

/** JSON in which every character is one byte. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u0080-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
