import type { NumberToken } from '../domain/leg.ts';
import { ENTRY_FLAG, PHASE } from '../domain/profile/layout.ts';
import { LegAtHand, type Parties } from '../domain/profile/leg-at-hand.ts';
import type { HistoryCall } from './history-call.ts';
import type { NumberRegistry } from './number-registry.ts';

/** Records that are folded together. More would meet each number's profile more seldom, and no cache would hold them. */
export const RECORDS_TOGETHER = 1 << 18;

/** A record in eight words: half a cache line. */
const WORDS = 8;
const SHIFT = 3;
const AT = {
  caller: 0,
  callee: 1,
  start: 2,
  held: 3,
  low: 4,
  /** The upper 16 bits of the call's key, below them the flags. */
  highAndFlags: 5,
  /** The caller's in the upper half. */
  districts: 6,
  handset: 7,
} as const;
/** Beside ENTRY_FLAG: which parties are services, and so have no leg. */
const CALLER_IS_SERVICE = 256;
const CALLEE_IS_SERVICE = 512;
const LEG_FLAGS = 255;

/** Records of a history, packed: so many that each number has several legs among them. */
export class LegBlock {
  count = 0;
  private readonly words = new Int32Array(RECORDS_TOGETHER * WORDS);
  /** Epoch ms, by record. */
  private readonly arrivals = new Float64Array(RECORDS_TOGETHER);
  /** Legs in order of their numbers, and of each number's in order of arrival: record * 2, + 1 for the callee's. */
  private readonly order = new Int32Array(RECORDS_TOGETHER * 2);
  /** Of no meaning; kept so that nobody takes the fetching for idle. */
  private fetched = 0;
  /** By place, where its legs end in `order`. */
  private ends = new Int32Array(0);

  get isFull(): boolean {
    return this.count === RECORDS_TOGETHER;
  }

  /**
   * Adds a record.
   *
   * @param held its duration as profiles hold it
   */
  add(
    call: HistoryCall,
    held: number,
    arrivedAt: number,
    callerIsService: boolean,
    calleeIsService: boolean,
  ): void {
    const { words } = this;
    const at = this.count << SHIFT;
    const high = Math.floor(call.key / 0x1_0000_0000);
    const { answered } = call;
    const flags =
      phaseOf(call) |
      (answered === undefined ? ENTRY_FLAG.answerUnknown : answered ? ENTRY_FLAG.answered : 0) |
      (call.international ? ENTRY_FLAG.international : 0) |
      (callerIsService ? CALLER_IS_SERVICE : 0) |
      (calleeIsService ? CALLEE_IS_SERVICE : 0);
    words[at + AT.caller] = call.caller;
    words[at + AT.callee] = call.callee;
    words[at + AT.start] = Math.floor(call.startMs / 1000);
    words[at + AT.held] = held;
    words[at + AT.low] = call.key | 0;
    words[at + AT.highAndFlags] = (high << 16) | flags;
    words[at + AT.districts] = (call.callerDistrict << 16) | (call.calleeDistrict & 0xffff);
    words[at + AT.handset] = call.handset;
    this.arrivals[this.count++] = arrivedAt;
  }

  arrivedAt(record: number): number {
    return this.arrivals[record] as number;
  }

  /** Puts the legs in order of their numbers. @param numbers how many there are */
  sort(numbers: number): void {
    const { count, words, order } = this;
    if (this.ends.length < numbers) this.ends = new Int32Array(numbers * 2);
    const { ends } = this;
    ends.fill(0);
    const last = count << SHIFT;
    for (let at = 0; at < last; at += WORDS) {
      const flags = words[at + AT.highAndFlags] as number;
      if ((flags & CALLER_IS_SERVICE) === 0) bump(ends, words[at + AT.caller] as number);
      if ((flags & CALLEE_IS_SERVICE) === 0) bump(ends, words[at + AT.callee] as number);
    }
    let sum = 0;
    for (let place = 0; place < numbers; place++) {
      const legs = ends[place] as number;
      ends[place] = sum;
      sum += legs;
    }
    for (let record = 0, at = 0; record < count; record++, at += WORDS) {
      const flags = words[at + AT.highAndFlags] as number;
      if ((flags & CALLER_IS_SERVICE) === 0) {
        order[bump(ends, words[at + AT.caller] as number)] = record * 2;
      }
      if ((flags & CALLEE_IS_SERVICE) === 0) {
        order[bump(ends, words[at + AT.callee] as number)] = record * 2 + 1;
      }
    }
  }

  /** Where a number's legs end in order; they begin where the number's before end. */
  endOf(place: number): number {
    return this.ends[place] as number;
  }

  /** The leg at a position in order. */
  legAt(position: number): number {
    return this.order[position] as number;
  }

  /**
   * Touches the records of some legs, which lie all over the block: here no one waits for another, so that the
   * processor fetches many at a time.
   */
  fetch(from: number, to: number): void {
    const { order, words } = this;
    let sum = 0;
    for (let position = from; position < to; position++) {
      sum ^= words[((order[position] as number) >> 1) << SHIFT] as number;
    }
    this.fetched ^= sum;
  }

  /** Makes a leg the one at hand. */
  read(leg: number, into: LegInMemory): void {
    const { words } = this;
    const record = leg >> 1;
    const at = record << SHIFT;
    const flags = words[at + AT.highAndFlags] as number;
    const start = (words[at + AT.start] as number) >>> 0;
    const held = words[at + AT.held] as number;
    const districts = words[at + AT.districts] as number;
    const ofCaller = (leg & 1) === 0;
    const callee = words[at + AT.callee] as number;
    const caller = words[at + AT.caller] as number;
    into.start = start;
    into.held = held;
    into.time = (flags & ENTRY_FLAG.phase) === PHASE.started ? start : start + held;
    into.high = flags >>> 16;
    into.low = words[at + AT.low] as number;
    into.arrivedAt = this.arrivals[record] as number;
    const counterpartIsService = flags & (ofCaller ? CALLEE_IS_SERVICE : CALLER_IS_SERVICE);
    into.flags =
      (flags & LEG_FLAGS) |
      (ofCaller ? ENTRY_FLAG.originating : 0) |
      (counterpartIsService !== 0 ? ENTRY_FLAG.service : 0);
    if (ofCaller) {
      into.district = districts >>> 16;
      into.handset = words[at + AT.handset] as number;
      into.between(caller, callee);
    } else {
      into.district = districts & 0xffff;
      into.handset = 0;
      into.between(callee, caller);
    }
  }
}

/** By comparison: looking up a name that varies takes longer than all the rest of {@link LegBlock.add}. */
function phaseOf({ phase }: HistoryCall): number {
  if (phase === 'complete') return PHASE.complete;
  return phase === 'started' ? PHASE.started : PHASE.ended;
}

/** Counts one more; returns the count before. */
function bump(counts: Int32Array, place: number): number {
  const before = counts[place] as number;
  counts[place] = before + 1;
  return before;
}

/** A leg of a history: profiles keep the places of counterparts in the registry. */
export class LegInMemory extends LegAtHand implements Parties {
  private readonly numbers: NumberRegistry;
  private own = 0;
  private other = 0;

  constructor(numbers: NumberRegistry) {
    super();
    this.numbers = numbers;
  }

  /** @param own place of whom the leg is of */
  between(own: number, other: number): void {
    this.own = own;
    this.other = other;
    this.fingerprint = this.numbers.fingerprintAt(other);
  }

  number(): NumberToken {
    return this.numbers.tokenAt(this.own);
  }

  counterpart(): NumberToken {
    return this.numbers.tokenAt(this.other);
  }

  write(bytes: Uint8Array, offset: number): void {
    const { fingerprint, other } = this;
    bytes[offset + 1] = fingerprint >>> 8;
    bytes[offset + 2] = fingerprint;
    bytes[offset + 3] = other >>> 24;
    bytes[offset + 4] = other >>> 16;
    bytes[offset + 5] = other >>> 8;
    bytes[offset + 6] = other;
  }

  read(bytes: Uint8Array, offset: number): NumberToken {
    const place =
      ((bytes[offset + 3] as number) << 24) |
      ((bytes[offset + 4] as number) << 16) |
      ((bytes[offset + 5] as number) << 8) |
      (bytes[offset + 6] as number);
    return this.numbers.tokenAt(place);
  }
}
