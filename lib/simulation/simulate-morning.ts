import type { CallRecordInput } from '../domain/call-record.ts';
import { spoiledLine } from './bad-records.ts';
import { City } from './city.ts';
import { CityLife } from './city-life.ts';
import { drawFault } from './faults.ts';
import { MOMENT } from './happening.ts';
import { MORNING_SCENARIO, type MorningScenario, sizedForCalls } from './morning-scenario.ts';
import { RecordLines } from './record-lines.ts';
import { SeededRandom } from './seeded-random.ts';
import { type Truth, TruthBook } from './truth.ts';

export interface MorningOptions {
  readonly seed: number;
  /** About how many calls; a larger number means a larger city. Default 42,500. */
  readonly calls?: number;
  /** Epoch ms; default Monday, 23 November 2026, 07:00 in Chengdu. */
  readonly start?: number;
  /** Default 5. */
  readonly hours?: number;
  readonly scenario?: MorningScenario;
}

/** A record, or a line that an operator sent broken. */
export type SimulatedRecord = CallRecordInput | string;

export interface SimulatedMorning {
  /** Found out by a first run without records, at first use. */
  readonly truth: Truth;
  /** How many items `records()` yields. */
  readonly expectedRecords: number;
  /** Those of these numbers who live with others, and with whom: all E.164. */
  householdsOf(numbers: ReadonlySet<string>): ReadonlyMap<string, readonly string[]>;
  /**
   * The records as they are pushed, by the time of what they tell: a started call when the callee answers,
   * an ended or complete one when the call is over, an unanswered one when the caller gives up. Broken lines
   * are copies besides, so no call is missing; repetitions come a little late. Can be called again and again.
   */
  records(): Iterable<SimulatedRecord>;
}

/**
 * A morning in a city district: the same options give the same bytes, on every machine.
 *
 * @example
 * const morning = simulateMorning({ seed: 1 });
 * for (const record of morning.records()) push(record);
 * console.log(morning.truth.fraudCallers.length);
 */
export function simulateMorning(options: MorningOptions): SimulatedMorning {
  const base = options.scenario ?? MORNING_SCENARIO;
  const scenario: MorningScenario = {
    ...base,
    start: options.start === undefined ? base.start : new Date(options.start).toISOString(),
    days: options.hours === undefined ? base.days : options.hours / 24,
  };
  const city = new City(sizedForCalls(scenario, options.calls ?? base.calls), options.seed);
  let truth: Truth | undefined;
  const findTruth = (): Truth => {
    truth ??= observeTruth(city);
    return truth;
  };
  return {
    get truth() {
      return findTruth();
    },
    get expectedRecords() {
      return findTruth().records;
    },
    householdsOf: (numbers) => householdsOf(city, numbers),
    records: () => ({ [Symbol.iterator]: () => writeRecords(city) }),
  };
}

function householdsOf(city: City, numbers: ReadonlySet<string>): Map<string, string[]> {
  const households = new Map<string, string[]>();
  for (let resident = 0; resident < city.residents; resident++) {
    const number = city.normalNumberOf(resident);
    const mates = numbers.has(number) ? city.households.matesOf(resident) : [];
    if (mates.length > 0) {
      households.set(
        number,
        mates.map((mate) => city.normalNumberOf(mate)),
      );
    }
  }
  return households;
}

function observeTruth(city: City): Truth {
  const book = new TruthBook(city);
  const random = new SeededRandom(city.seed, 'faults');
  const life = new CityLife(city);
  for (let call = life.next(); call !== undefined; call = life.next()) {
    if (life.moment !== MOMENT.ended) book.noteCall(call);
    book.noteRecord();
    const fault = drawFault(city.scenario.faults, random);
    if (fault === undefined) continue;
    book.noteRecord();
    if (fault.kind === 'broken') book.noteBad(fault.reason);
    else book.noteRepeated();
  }
  return book.close();
}

function* writeRecords(city: City): Generator<SimulatedRecord, undefined> {
  const writer = new RecordLines(city);
  const faults = new SeededRandom(city.seed, 'faults');
  const breaking = new SeededRandom(city.seed, 'breaking');
  const late: { at: number; record: CallRecordInput }[] = [];
  let written = 0;
  const life = new CityLife(city);
  for (let call = life.next(); call !== undefined; call = life.next()) {
    writer.write(life.moment, call);
    const record: CallRecordInput = JSON.parse(writer.lines.takeLine());
    const fault = drawFault(city.scenario.faults, faults);
    if (fault?.kind === 'broken') yield spoiledLine(record, fault.reason, breaking);
    if (fault?.kind === 'repeated') late.push({ at: written + fault.after, record });
    yield record;
    for (let index = 0; index < late.length; index++) {
      const repeated = late[index];
      if (repeated === undefined || repeated.at > written) continue;
      late.splice(index--, 1);
      yield repeated.record;
    }
    written++;
  }
  for (const { record } of late) yield record;
  return undefined;
}
