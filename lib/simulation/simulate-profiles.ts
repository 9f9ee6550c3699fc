import { setImmediate } from 'node:timers/promises';
import { CHINA_OFFSET_MS } from './day-rhythm.ts';
import { LineBuffer, type Piece, pieceOf } from './line-buffer.ts';
import { packLines } from './pack-lines.ts';
import {
  imeiOf,
  MOBILE_NUMBER_DIGITS,
  mobileNumber,
  normalNumber,
  numberParts,
} from './parties.ts';
import type { SubscriberProfile } from './profile-table.ts';
import { profiledCalls } from './profiled-calls.ts';
import { SeededRandom } from './seeded-random.ts';
import type { Simulation } from './simulate-city.ts';
import type { TruthFile } from './truth-file.ts';

const CHUNK_BYTES = 256 * 1024;
const DAY_MS = 86_400_000;
/** The calls lie in October 2026: a month of 31 days, Chinese time. */
export const PROFILED_MONTH = Date.UTC(2026, 9, 1) - CHINA_OFFSET_MS;
const DAYS_OF_MONTH = 31;
/** Contacts are numbered through from here; subscribers from 0. */
const CONTACTS_FROM = 1_000_000;
/** Room for the place of a call among all calls, beside its millisecond of the day: below 2 ** 53. */
const PLACES = 2 ** 25;

/** The calls of all subscribers, one place of each array a call. */
interface CallColumns {
  readonly starts: Float64Array;
  readonly seconds: Int32Array;
  readonly subscribers: Int32Array;
  readonly contacts: Int32Array;
  readonly made: Uint8Array;
  readonly handsets: Int32Array;
  /** Six digits, 0 when not known. */
  readonly districts: Int32Array;
}

/**
 * The subscribers of a feature table over one month: each with calls that have the aggregates of its row, all in order
 * of time. Their counterparts are made-up numbers, each one's own. The same table and seed give the same bytes.
 */
export function simulateProfiles(profiles: readonly SubscriberProfile[], seed: number): Simulation {
  const total = profiles.reduce(
    (sum, { values }) => sum + (Math.round(values.opposite_count) || 0),
    0,
  );
  const columns = emptyColumns(total);
  const truth: Required<TruthFile> = {
    schema: 'forewarn-truth/1',
    people: profiles.length,
    from: PROFILED_MONTH,
    to: PROFILED_MONTH + DAYS_OF_MONTH * DAY_MS,
    calls: total,
    fraudCallers: [],
    deceived: [],
    hardNegatives: [],
    subscribers: [],
  };
  let drawn = 0;
  let written = 0;
  function* chunks(): Generator<Buffer> {
    let contactsBefore = CONTACTS_FROM;
    for (const [subscriber, profile] of profiles.entries()) {
      const random = new SeededRandom(seed, `profile ${subscriber}`);
      const calls = profiledCalls(profile.values, random);
      noteTruth(truth, profile, subscriber, calls, seed);
      for (let call = 0; call < calls.starts.length; call++) {
        columns.starts[drawn] = PROFILED_MONTH + Math.round((calls.starts[call] as number) * 1000);
        columns.seconds[drawn] = calls.seconds[call] as number;
        columns.subscribers[drawn] = subscriber;
        columns.contacts[drawn] = contactsBefore + (calls.contacts[call] as number);
        columns.made[drawn] = calls.made[call] as number;
        columns.handsets[drawn] = calls.handsets[call] as number;
        columns.districts[drawn] = Number(calls.places[calls.placeIndexes[call] as number] ?? 0);
        drawn++;
      }
      contactsBefore += calls.contactCount;
      // Nothing to write yet, but a signal can get through.
      if (subscriber % 64 === 0) yield Buffer.alloc(0);
    }
    const writer = new ProfileLines(columns, seed);
    for (const call of byEnd(columns)) {
      writer.write(call);
      written++;
      if (writer.lines.length >= CHUNK_BYTES) yield writer.lines.take();
    }
    if (writer.lines.length > 0) yield writer.lines.take();
  }
  return {
    chunks,
    save: (path, { signal, onPiece } = {}) => packLines(unhurried(chunks(), onPiece), path, signal),
    progress: () => ({ share: (drawn + written) / Math.max(1, 2 * total), calls: written }),
    truth: () => truth,
  };
}

/** Between two pieces a signal can get through. */
async function* unhurried(
  chunks: Iterable<Buffer>,
  onPiece: (() => void) | undefined,
): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    yield chunk;
    onPiece?.();
    await setImmediate();
  }
}

function emptyColumns(length: number): CallColumns {
  return {
    starts: new Float64Array(length),
    seconds: new Int32Array(length),
    subscribers: new Int32Array(length),
    contacts: new Int32Array(length),
    made: new Uint8Array(length),
    handsets: new Int32Array(length),
    districts: new Int32Array(length),
  };
}

function noteTruth(
  truth: Required<TruthFile>,
  { subscriber, fraud }: SubscriberProfile,
  party: number,
  { starts, made }: { starts: Float64Array; made: Uint8Array },
  seed: number,
): void {
  const number = normalNumber(numberParts(party, 'mobile', seed));
  truth.subscribers.push({ number, subscriber, fraud });
  const first = made.indexOf(1);
  if (!fraud || first === -1) return;
  truth.fraudCallers.push({
    number,
    kind: 'other',
    habit: 'profiled',
    start: PROFILED_MONTH + Math.round((starts[first] as number) * 1000),
    callsMade: made.reduce((sum, one) => sum + one, 0),
  });
}

/** Calls by the time at which they are over. A day at a time, so that time and place fit into one number. */
function* byEnd({ starts, seconds }: CallColumns): Generator<number> {
  const days: number[][] = [];
  for (let call = 0; call < starts.length; call++) {
    const past = (starts[call] as number) - PROFILED_MONTH + (seconds[call] as number) * 1000;
    const day = Math.floor(past / DAY_MS);
    days[day] ??= [];
    days[day].push((past - day * DAY_MS) * PLACES + call);
  }
  for (const keys of days) {
    if (keys !== undefined) for (const key of Float64Array.from(keys).sort()) yield key % PLACES;
  }
}

const CALLER = pieceOf('{"caller":"');
const CALLEE = pieceOf('","callee":"');
const START = pieceOf('","start":');
const ANSWERED = pieceOf(',"answered":true,"duration":');
const UNANSWERED = pieceOf(',"answered":false,"duration":');
const IMEI = pieceOf('","imei":"');
const CALLER_DISTRICT = pieceOf('","callerDistrict":"');
const CALLEE_DISTRICT = pieceOf('","calleeDistrict":"');
const END = pieceOf('"}\n');

/** Writes one record a call, as an operator that tells of calls when they are over. */
class ProfileLines {
  readonly lines = new LineBuffer();
  readonly #columns: CallColumns;
  readonly #seed: number;
  readonly #callId: Piece;

  constructor(columns: CallColumns, seed: number) {
    this.#columns = columns;
    this.#seed = seed;
    this.#callId = pieceOf(`,"network":"profiled","callId":"profiled-${seed.toString(36)}-`);
  }

  write(call: number): void {
    const { lines } = this;
    const { starts, seconds, subscribers, contacts, made, handsets, districts } = this.#columns;
    const subscriber = subscribers[call] as number;
    const contact = contacts[call] as number;
    const byself = made[call] === 1;
    const talk = seconds[call] as number;
    lines.begin();
    lines.piece(CALLER);
    this.#number(byself ? subscriber : contact);
    lines.piece(CALLEE);
    this.#number(byself ? contact : subscriber);
    lines.piece(START);
    lines.digits(starts[call] as number);
    lines.piece(talk > 0 ? ANSWERED : UNANSWERED);
    lines.digits(talk);
    lines.piece(this.#callId);
    lines.digits(call);
    if (byself) {
      lines.piece(IMEI);
      lines.composed(imeiOf(subscriber, handsets[call] as number, this.#seed));
    }
    const district = districts[call] as number;
    if (district > 0) {
      lines.piece(byself ? CALLER_DISTRICT : CALLEE_DISTRICT);
      lines.digits(district);
    }
    lines.piece(END);
  }

  #number(party: number): void {
    this.lines.fixedDigits(mobileNumber(party, this.#seed), MOBILE_NUMBER_DIGITS);
  }
}
