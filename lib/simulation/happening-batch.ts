import type { Moment } from './happening.ts';
import type { ToldCall } from './record-lines.ts';

/** About as many as make a chunk of lines. */
const ROWS = 1024;
// 32-bit fields of a row, one array each; the starts, 64 bits each, lie before them.
const FIELDS = 9;
const START_BYTES = 8;
const FIELD_BYTES = 4;

/** Some happenings in one piece of memory, which can be given to another thread without copying. */
export class HappeningBatch {
  readonly buffer: ArrayBuffer;
  readonly #starts: Float64Array;
  readonly #fields: Int32Array;
  #length: number;

  /** @param buffer a batch's, with so many rows in it; without it a new one is empty */
  constructor(buffer = new ArrayBuffer(ROWS * (START_BYTES + FIELDS * FIELD_BYTES)), length = 0) {
    this.buffer = buffer;
    this.#starts = new Float64Array(buffer, 0, ROWS);
    this.#fields = new Int32Array(buffer, ROWS * START_BYTES, ROWS * FIELDS);
    this.#length = length;
  }

  get length(): number {
    return this.#length;
  }

  get full(): boolean {
    return this.#length === ROWS;
  }

  add(moment: Moment, call: ToldCall): void {
    const row = this.#length++;
    const fields = this.#fields;
    this.#starts[row] = call.start;
    let at = row * FIELDS;
    fields[at++] = call.caller;
    fields[at++] = call.callee;
    fields[at++] = call.index;
    fields[at++] = call.seconds;
    fields[at++] = call.handset;
    fields[at++] = call.callerDistrict;
    fields[at++] = call.calleeDistrict;
    fields[at++] = call.feed;
    fields[at] = moment | (call.answered ? 4 : 0) | (call.endReason << 3);
  }

  /** Tells of every happening in turn. */
  read(tell: (moment: Moment, call: ToldCall) => void): void {
    const fields = this.#fields;
    for (let row = 0; row < this.#length; row++) {
      const at = row * FIELDS;
      const rest = fields[at + 8] as number;
      tell((rest & 3) as Moment, {
        start: this.#starts[row] as number,
        caller: fields[at] as number,
        callee: fields[at + 1] as number,
        index: fields[at + 2] as number,
        seconds: fields[at + 3] as number,
        handset: fields[at + 4] as number,
        callerDistrict: fields[at + 5] as number,
        calleeDistrict: fields[at + 6] as number,
        feed: fields[at + 7] as number,
        answered: (rest & 4) !== 0,
        endReason: rest >> 3,
      });
    }
  }
}
