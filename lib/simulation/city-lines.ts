import type { CallRecordInput } from '../domain/call-record.ts';
import { spoiledLine } from './bad-records.ts';
import type { City } from './city.ts';
import { drawFault } from './faults.ts';
import type { Moment } from './happening.ts';
import { RecordLines, type ToldCall } from './record-lines.ts';
import { SeededRandom } from './seeded-random.ts';

const CHUNK_BYTES = 256 * 1024;

/** The lines of a city's operators, with broken copies after them and repetitions of earlier ones. */
export class CityLines {
  readonly #records: RecordLines;
  readonly #faults: { readonly badShare: number; readonly repeatedShare: number };
  readonly #faultless: boolean;
  readonly #drawing: SeededRandom;
  readonly #breaking: SeededRandom;
  readonly #late: { readonly at: number; readonly line: string }[] = [];
  #written = 0;

  constructor(city: City) {
    this.#records = new RecordLines(city);
    this.#faults = city.scenario.faults;
    this.#faultless = this.#faults.badShare === 0 && this.#faults.repeatedShare === 0;
    this.#drawing = new SeededRandom(city.seed, 'faults');
    this.#breaking = new SeededRandom(city.seed, 'breaking');
  }

  /** Whether there is enough for a chunk. */
  get ready(): boolean {
    return this.#records.lines.length >= CHUNK_BYTES;
  }

  take(): Buffer {
    return this.#records.lines.take();
  }

  write(moment: Moment, call: ToldCall): void {
    if (this.#faultless) this.#records.write(moment, call);
    else this.#writeWithFaults(moment, call);
  }

  /** Writes the repetitions that are still to come. @returns the last chunk, which may be empty */
  close(): Buffer {
    for (const { line } of this.#late) this.#line(line);
    return this.take();
  }

  #writeWithFaults(moment: Moment, call: ToldCall): void {
    const { lines } = this.#records;
    const fault = drawFault(this.#faults, this.#drawing);
    const waiting = lines.length;
    this.#records.write(moment, call);
    if (fault !== undefined) {
      const line = lines.since(waiting);
      if (fault.kind === 'broken') {
        const record: CallRecordInput = JSON.parse(line);
        this.#line(spoiledLine(record, fault.reason, this.#breaking));
      } else {
        this.#late.push({ at: this.#written + fault.after, line });
      }
    }
    for (let index = 0; index < this.#late.length; index++) {
      const repeated = this.#late[index];
      if (repeated === undefined || repeated.at > this.#written) continue;
      this.#late.splice(index--, 1);
      this.#line(repeated.line);
    }
    this.#written++;
  }

  #line(line: string): void {
    const { lines } = this.#records;
    lines.begin();
    lines.composed(`${line}\n`);
  }
}
