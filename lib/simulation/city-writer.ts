import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { HappeningBatch } from './happening-batch.ts';
import type { Scenario } from './scenario-schema.ts';

/** Enough that neither thread waits for the other's pauses. */
const BATCHES = 16;

/** What the writing thread is begun with. */
export interface WritingTask {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly path: string;
}

/** What the writing thread is sent: happenings, whose memory it sends back; or nothing, at the end. */
export type WritingMessage =
  | { readonly buffer: ArrayBuffer; readonly length: number }
  | { readonly buffer?: undefined };

/** The thread that writes a file could not go on. */
export class CityWriterError extends Error {
  readonly code = 'simulation-not-written';

  constructor(path: string, options?: { readonly cause: unknown }) {
    super(`${path} could not be written`, options);
    this.name = 'CityWriterError';
  }
}

/** Writes happenings into a gzip file, in a thread of its own. */
export class CityWriter {
  readonly #path: string;
  readonly #signal: AbortSignal | undefined;
  readonly #worker: Worker;
  readonly #free: ArrayBuffer[] = [];
  #batches = 1;
  #failure: CityWriterError | undefined;
  #exited = false;
  #news = Promise.withResolvers<void>();

  constructor(task: WritingTask, signal?: AbortSignal) {
    this.#path = task.path;
    this.#signal = signal;
    this.#worker = new Worker(new URL('./city-writer-thread.ts', import.meta.url), {
      workerData: task,
    });
    this.#worker.on('message', (buffer: ArrayBuffer) => {
      this.#free.push(buffer);
      this.#wake();
    });
    this.#worker.on('error', (cause) => {
      this.#failure = new CityWriterError(task.path, { cause });
      this.#wake();
    });
    this.#worker.on('exit', () => {
      this.#exited = true;
      this.#wake();
    });
    signal?.addEventListener('abort', this.#wake);
  }

  /** Gives a batch away. @returns an empty one, as soon as there is one */
  async write(batch: HappeningBatch): Promise<HappeningBatch> {
    this.#post({ buffer: batch.buffer, length: batch.length }, [batch.buffer]);
    // Now signals, and messages of the thread, can get through.
    await setImmediate();
    this.#refuseToGoOn();
    if (this.#free.length === 0 && this.#batches < BATCHES) {
      this.#batches++;
      return new HappeningBatch();
    }
    while (this.#free.length === 0) await this.#waitForNews();
    return new HappeningBatch(this.#free.pop());
  }

  /** Waits until all is written. */
  async close(): Promise<void> {
    this.#post({});
    while (!this.#exited) await this.#waitForNews();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Ends the thread, whatever it is at; the file is closed. */
  async stop(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#wake);
    await this.#worker.terminate();
  }

  #post(message: WritingMessage, given: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, given);
  }

  async #waitForNews(): Promise<void> {
    await this.#news.promise;
    if (!this.#exited || this.#failure !== undefined) this.#refuseToGoOn();
  }

  #refuseToGoOn(): void {
    this.#signal?.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#exited) throw new CityWriterError(this.#path);
  }

  readonly #wake = (): void => {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  };
}
