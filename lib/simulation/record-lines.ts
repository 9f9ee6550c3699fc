import type { City } from './city.ts';
import type { Happening } from './city-life.ts';
import { CHINA_OFFSET_MS, HOUR_MS } from './day-rhythm.ts';
import { LineBuffer } from './line-buffer.ts';
import { oddNotation, plainNotation } from './number-notation.ts';
import type { PartyId } from './parties.ts';
import type { Feed } from './scenario-schema.ts';
import { SeededRandom } from './seeded-random.ts';

const DAY_MS = 24 * HOUR_MS;
// What is written of a local party, side by side, so that the processor fetches it at once: its number in both
// notations, each after its length, and its first handset.
const PARTY_BYTES = 64;
const NATIONAL_AT = 0;
const INTERNATIONAL_AT = 20;
const IMEI_AT = 44;
const IMEI_BYTES = 15;

/** What is the same in all records of an operator. */
interface FeedText {
  readonly feed: Feed;
  readonly network: Uint8Array;
  readonly callId: Uint8Array;
  /** Where in a party's bytes the operator's notation is. */
  readonly notationAt: number;
}

/**
 * Writes what happens in the manner of the caller's operator: one line of JSON a record. Put together byte by byte,
 * with the numbers of local parties kept as bytes: strings for JSON.stringify take longer than making up the call.
 */
export class RecordLines {
  readonly lines = new LineBuffer();
  readonly #city: City;
  readonly #random: SeededRandom;
  readonly #feeds: readonly FeedText[];
  readonly #parties: Uint8Array;
  #day = Number.NaN;
  #dayText = new Uint8Array(0);

  constructor(city: City) {
    this.#city = city;
    this.#random = new SeededRandom(city.seed, 'records');
    this.#feeds = city.scenario.feeds.map((feed) => ({
      feed,
      network: Buffer.from(`,"network":${asciiJson(feed.network)}`),
      callId: Buffer.from(
        `,"callId":${asciiJson(`${feed.network}-${city.seed.toString(36)}-`).slice(0, -1)}`,
      ),
      notationAt: feed.notation === 'national' ? NATIONAL_AT : INTERNATIONAL_AT,
    }));
    this.#parties = new Uint8Array(city.localParties * PARTY_BYTES);
  }

  /** Appends one record and the end of its line. */
  write({ moment, call }: Happening): void {
    const { lines } = this;
    const { caller, callee, callerDistrict, calleeDistrict } = call;
    const text = this.#feeds[call.feed] as FeedText;
    const { feed } = text;
    lines.text('{"caller":"');
    this.#number(caller, text);
    lines.text('","callee":"');
    this.#number(callee, text);
    lines.text('","start":');
    if (feed.time === 'iso') this.#isoTime(call.start);
    else lines.digits(call.start);
    lines.text(call.answered ? ',"answered":true' : ',"answered":false');
    lines.bytes(text.network, 0, text.network.length);
    if (moment === 'started') {
      lines.text(',"event":"call.started"');
    } else {
      if (moment === 'ended') lines.text(',"event":"call.ended"');
      lines.text(',"duration":');
      lines.digits(call.seconds);
      lines.quoted(',"endReason":"', call.endReason);
    }
    if (feed.callIds) {
      lines.bytes(text.callId, 0, text.callId.length);
      lines.digits(call.index);
      lines.text('"');
    }
    if (call.handset >= 0) this.#imei(caller, call.handset);
    if (this.#city.isForeign(caller) || this.#city.isForeign(callee)) {
      lines.text(',"international":true');
    }
    // By the call, not by chance: both records of a call tell the same.
    const known = (call.index % 100) / 100;
    if (callerDistrict !== undefined && known < feed.callerDistrictShare) {
      lines.quoted(',"callerDistrict":"', callerDistrict);
    }
    if (calleeDistrict !== undefined && known < feed.calleeDistrictShare) {
      lines.quoted(',"calleeDistrict":"', calleeDistrict);
    }
    lines.text('}\n');
  }

  #number(party: PartyId, { feed, notationAt }: FeedText): void {
    if (this.#random.chance(feed.oddNotationShare)) {
      this.lines.composed(oddNotation(this.#city.numberOf(party), this.#random));
      return;
    }
    if (party >= this.#city.localParties) {
      this.lines.composed(plainNotation(this.#city.numberOf(party), feed.notation));
      return;
    }
    const parties = this.#parties;
    const at = party * PARTY_BYTES + notationAt;
    if (parties[at] === 0) {
      const written = plainNotation(this.#city.numberOf(party), feed.notation);
      parties[at] = written.length;
      this.#keep(at + 1, written);
    }
    this.lines.bytes(parties, at + 1, parties[at] as number);
  }

  #keep(at: number, text: string): void {
    for (let place = 0; place < text.length; place++) {
      this.#parties[at + place] = text.charCodeAt(place);
    }
  }

  #imei(party: PartyId, handset: number): void {
    const { lines } = this;
    if (handset > 0) {
      lines.text(',"imei":"');
      lines.composed(this.#city.imeiOf(party, handset));
      lines.text('"');
      return;
    }
    const at = party * PARTY_BYTES + IMEI_AT;
    if (this.#parties[at] === 0) this.#keep(at, this.#city.imeiOf(party, 0));
    lines.text(',"imei":"');
    lines.bytes(this.#parties, at, IMEI_BYTES);
    lines.text('"');
  }

  /** Formatting a date anew for each record would cost more than all the rest: only a new day is. */
  #isoTime(time: number): void {
    const { lines } = this;
    const day = Math.floor((time + CHINA_OFFSET_MS) / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayText = Buffer.from(`"${new Date(day * DAY_MS).toISOString().slice(0, 11)}`);
    }
    const past = time + CHINA_OFFSET_MS - day * DAY_MS;
    const seconds = Math.floor(past / 1000);
    lines.bytes(this.#dayText, 0, this.#dayText.length);
    lines.fixedDigits(Math.floor(seconds / 3600), 2);
    lines.text(':');
    lines.fixedDigits(Math.floor(seconds / 60) % 60, 2);
    lines.text(':');
    lines.fixedDigits(seconds % 60, 2);
    lines.text('.');
    lines.fixedDigits(past % 1000, 3);
    lines.text('+08:00"');
  }
}

/** JSON in which every character is one byte. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u0080-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
