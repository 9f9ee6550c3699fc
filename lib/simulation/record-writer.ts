import type { CallRecordInput } from '../domain/call-record.ts';
import { callIdOf } from './call-id.ts';
import type { City } from './city.ts';
import { CHINA_OFFSET_MS, HOUR_MS } from './day-rhythm.ts';
import type { Happening } from './morning.ts';
import type { Feed } from './morning-scenario.ts';
import { oddNotation, plainNotation } from './number-notation.ts';
import { isAbroad, type PartyId } from './parties.ts';
import { SeededRandom } from './seeded-random.ts';

const DAY_MS = 24 * HOUR_MS;
const TWO_DIGITS = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, '0'));

/** Writes what happens in the manner of the caller's operator. */
export class RecordWriter {
  readonly #city: City;
  readonly #random: SeededRandom;
  #day = Number.NaN;
  #dayText = '';

  constructor(city: City) {
    this.#city = city;
    this.#random = new SeededRandom(city.seed, 'records');
  }

  write({ moment, call }: Happening): CallRecordInput {
    const feed = this.#city.feedOf(call.caller);
    const record: CallRecordInput = {
      caller: this.#number(call.caller, feed),
      callee: this.#number(call.callee, feed),
      start: feed.time === 'iso' ? this.#isoTime(call.start) : call.start,
      answered: call.answered,
      network: feed.network,
    };
    if (moment !== 'complete') record.event = moment === 'started' ? 'call.started' : 'call.ended';
    if (moment !== 'started') {
      record.duration = call.seconds;
      record.endReason = call.endReason;
    }
    const callId = callIdOf(call, this.#city);
    if (callId !== undefined) record.callId = callId;
    if (call.handset >= 0) record.imei = this.#city.imeiOf(call.caller, call.handset);
    if (this.#isAbroad(call.caller) || this.#isAbroad(call.callee)) record.international = true;
    // By the call, not by chance: both records of a call tell the same.
    const known = (call.index % 100) / 100;
    if (call.callerDistrict !== undefined && known < feed.callerDistrictShare) {
      record.callerDistrict = call.callerDistrict;
    }
    if (call.calleeDistrict !== undefined && known < feed.calleeDistrictShare) {
      record.calleeDistrict = call.calleeDistrict;
    }
    return record;
  }

  #number(party: PartyId, feed: Feed): string {
    const parts = this.#city.numberOf(party);
    return this.#random.chance(feed.oddNotationShare)
      ? oddNotation(parts, this.#random)
      : plainNotation(parts, feed.notation);
  }

  #isAbroad(party: PartyId): boolean {
    return isAbroad(party) || this.#city.fraudAt(party)?.habit.line === 'abroad';
  }

  /** Formatting a date anew for each record would cost more than all the rest: only a new day is. */
  #isoTime(time: number): string {
    const day = Math.floor((time + CHINA_OFFSET_MS) / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayText = new Date(day * DAY_MS).toISOString().slice(0, 11);
    }
    const past = time + CHINA_OFFSET_MS - day * DAY_MS;
    const hour = TWO_DIGITS[Math.floor(past / HOUR_MS)];
    const minute = TWO_DIGITS[Math.floor(past / 60_000) % 60];
    const second = TWO_DIGITS[Math.floor(past / 1000) % 60];
    return `${this.#dayText}${hour}:${minute}:${second}.${String(1000 + (past % 1000)).slice(1)}+08:00`;
  }
}
