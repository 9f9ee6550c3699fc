import { checkInput } from './check-input.ts';
import { corpusOf } from './corpus.ts';
import type { Decoder } from './decoder.ts';
import { type Found, fuzzDecoder } from './fuzz-decoder.ts';

/** What a thread is to do. */
export interface FuzzShare {
  readonly decoder: string;
  readonly inputs: number;
  readonly seed: number;
  /** It may take so long at the most; beyond it no further inputs are drawn. */
  readonly seconds: number;
  /** What is being read: see {@link UnderWay}. */
  readonly shared: SharedArrayBuffer;
}

/** How far a thread has come. */
export interface FuzzProgress {
  readonly inputs: number;
  readonly accepted: number;
  readonly found?: Found;
}

const HEAD_BYTES = 8;
const MOST_BYTES = 1024 * 1024;

/** The input that a thread is reading, where the watchman sees it too. */
export class UnderWay {
  private readonly head: Int32Array;
  private readonly body: Uint8Array;

  readonly shared: SharedArrayBuffer;

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.head = new Int32Array(shared, 0, 2);
    this.body = new Uint8Array(shared, HEAD_BYTES);
  }

  static create(): UnderWay {
    return new UnderWay(new SharedArrayBuffer(HEAD_BYTES + MOST_BYTES));
  }

  begin(input: Uint8Array): void {
    const length = Math.min(input.length, MOST_BYTES);
    this.body.set(input.subarray(0, length));
    Atomics.store(this.head, 1, length);
    Atomics.add(this.head, 0, 1);
  }

  /** How many were begun; it stands still while one is being read. */
  get begun(): number {
    return Atomics.load(this.head, 0);
  }

  get input(): Uint8Array {
    return this.body.slice(0, Atomics.load(this.head, 1));
  }
}

/** Inputs between two looks at the clock. */
const BATCH = 1_000;

/** Reads the corpus, then inputs by lot: each batch of a seed of its own, so that its end is no end of luck. */
export async function fuzzShare(
  decoder: Decoder,
  { inputs, seconds, seed, shared }: FuzzShare,
  tell: (progress: FuzzProgress) => void,
): Promise<void> {
  const underWay = new UnderWay(shared);
  const until = performance.now() + seconds * 1000;
  for (const { bytes, name } of corpusOf(decoder.name)) {
    underWay.begin(bytes);
    try {
      await checkInput(decoder, bytes);
    } catch (error) {
      tell({ inputs: 1, accepted: 0, found: { input: bytes, what: `${name}: ${String(error)}` } });
      return;
    }
  }
  for (let done = 0, batch = 0; done < inputs && performance.now() < until; batch++) {
    const count = Math.min(BATCH, inputs - done);
    const fuzzed = await fuzzDecoder(decoder, count, seed + batch, (input) =>
      underWay.begin(input),
    );
    tell(fuzzed);
    if (fuzzed.found !== undefined) return;
    done += count;
  }
}
