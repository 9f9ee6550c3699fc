import { City } from './city.ts';
import { CityLife } from './city-life.ts';
import { CityLines } from './city-lines.ts';
import { CityWriter } from './city-writer.ts';
import type { SimulatedCall } from './exchange.ts';
import { MOMENT, type Moment } from './happening.ts';
import { HappeningBatch } from './happening-batch.ts';
import type { Scenario } from './scenario-schema.ts';
import { TruthBook } from './truth.ts';
import { type TruthFile, truthFileOf } from './truth-file.ts';

/** What interests those who wait for a file. */
export interface SaveOptions {
  /** Ends the writing with an AbortError; what was written of the file stays. */
  readonly signal?: AbortSignal;
  /** After each piece. */
  readonly onPiece?: () => void;
}

/** Simulated calls on their way into a file. Can be read or saved, and once only. */
export interface Simulation {
  /**
   * Pieces of whole lines of JSON, in the order in which they become news: a started call when the callee answers,
   * an ended or complete one when it is over.
   */
  chunks(): Iterable<Buffer>;
  /** Writes the same lines into a gzip file. */
  save(path: string, options?: SaveOptions): Promise<void>;
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
 * await simulation.save('calls.jsonl.gz');
 * console.log(simulation.truth().fraudCallers.length);
 */
export function simulateCity(scenario: Scenario, seed: number): Simulation {
  const city = new City(scenario, seed);
  const book = new TruthBook(city);
  const span = { from: city.from, to: city.end };
  let now = city.start;
  let calls = 0;
  const note = (moment: Moment, call: SimulatedCall) => {
    if (moment === MOMENT.ended) return;
    book.noteCall(call);
    calls++;
    now = call.start;
  };
  return {
    *chunks() {
      const lines = new CityLines(city);
      const life = new CityLife(city);
      for (let call = life.next(); call !== undefined; call = life.next()) {
        note(life.moment, call);
        lines.write(life.moment, call);
        if (lines.ready) yield lines.take();
      }
      yield lines.close();
    },
    async save(path, { signal, onPiece } = {}) {
      const writer = new CityWriter({ scenario, seed, path }, signal);
      try {
        const life = new CityLife(city);
        let batch = new HappeningBatch();
        for (let call = life.next(); call !== undefined; call = life.next()) {
          note(life.moment, call);
          batch.add(life.moment, call);
          if (!batch.full) continue;
          onPiece?.();
          batch = await writer.write(batch);
        }
        await writer.write(batch);
        await writer.close();
      } finally {
        await writer.stop();
      }
    },
    progress: () => ({ share: Math.max(0, (now - city.start) / (city.end - city.start)), calls }),
    truth: () => truthFileOf(book.close(), span),
  };
}
