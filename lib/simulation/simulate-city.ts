import type { CallRecordInput } from '../domain/call-record.ts';
import { spoiledLine } from './bad-records.ts';
import { City } from './city.ts';
import { CityLife, type Happening } from './city-life.ts';
import { drawFault } from './faults.ts';
import type { LineBuffer } from './line-buffer.ts';
import { RecordLines } from './record-lines.ts';
import type { Scenario } from './scenario-schema.ts';
import { SeededRandom } from './seeded-random.ts';
import { TruthBook } from './truth.ts';
import { type TruthFile, truthFileOf } from './truth-file.ts';

const CHUNK_BYTES = 256 * 1024;

/** Simulated calls on their way into a file. */
export interface Simulation {
  /**
   * Pieces of whole lines of JSON, in the order in which they become news: a started call when the callee answers,
   * an ended or complete one when it is over. Can be read once.
   */
  chunks(): Iterable<Buffer>;
  /** How much is read, from 0 to 1, and how many calls that are. */
  progress(): { readonly share: number; readonly calls: number };
  /** What really went on; complete when all lines are read. */
  truth(): TruthFile;
}

/**
 * A city over days, by a scenario: the same scenario and seed give the same bytes, on every machine.
 *
 * @example
 * const simulation = simulateCity(CITY_SCENARIO, 1);
 * for (const chunk of simulation.chunks()) file.write(chunk);
 * console.log(simulation.truth().fraudCallers.length);
 */
export function simulateCity(scenario: Scenario, seed: number): Simulation {
  const city = new City(scenario, seed);
  const book = new TruthBook(city);
  const span = { from: city.start, to: city.end };
  let now = city.start;
  let calls = 0;
  function* chunks(): Generator<Buffer> {
    const writer = new RecordLines(city);
    const noise = new LineNoise(city, writer.lines);
    const life = new CityLife(city);
    for (let next = life.next(); next !== undefined; next = life.next()) {
      const { moment, call } = next;
      if (moment !== 'ended') {
        book.noteCall(call);
        calls++;
        now = call.start;
      }
      if (noise.silent) writer.write(next);
      else noise.around(writer, next);
      if (writer.lines.length >= CHUNK_BYTES) yield writer.lines.take();
    }
    noise.rest();
    if (writer.lines.length > 0) yield writer.lines.take();
  }
  return {
    chunks,
    progress: () => ({ share: Math.max(0, (now - city.start) / (city.end - city.start)), calls }),
    truth: () => truthFileOf(book.close(), span),
  };
}

/** Broken copies of a line, and repetitions of earlier ones, after it. */
class LineNoise {
  readonly silent: boolean;
  readonly #lines: LineBuffer;
  readonly #faults: { readonly badShare: number; readonly repeatedShare: number };
  readonly #drawing: SeededRandom;
  readonly #breaking: SeededRandom;
  readonly #late: { readonly at: number; readonly line: string }[] = [];
  #written = 0;

  constructor(city: City, lines: LineBuffer) {
    this.#lines = lines;
    this.#faults = city.scenario.faults;
    this.silent = this.#faults.badShare === 0 && this.#faults.repeatedShare === 0;
    this.#drawing = new SeededRandom(city.seed, 'faults');
    this.#breaking = new SeededRandom(city.seed, 'breaking');
  }

  around(writer: RecordLines, happening: Happening): void {
    const fault = drawFault(this.#faults, this.#drawing);
    const waiting = this.#lines.length;
    writer.write(happening);
    if (fault !== undefined) {
      const line = this.#lines.since(waiting);
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

  rest(): void {
    for (const { line } of this.#late) this.#line(line);
  }

  #line(line: string): void {
    this.#lines.composed(line);
    this.#lines.text('\n');
  }
}
