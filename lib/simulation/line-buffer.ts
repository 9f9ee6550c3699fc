const FIRST_BYTES = 320 * 1024;
/** No line is longer; `begin` makes sure of as much room. */
const LONGEST_LINE_BYTES = 4096;
const WORD = 8;
const ZERO = 48;
const LOW_DIGITS = 6;
const LOW_LIMIT = 10 ** LOW_DIGITS;
/** The two digits of 0 to 99, the first one lower. */
const PAIRS = Uint16Array.from(
  { length: 100 },
  (_, value) => (ZERO + Math.floor(value / 10)) | ((ZERO + (value % 10)) << 8),
);

/** A constant text of one-byte characters, laid out for copying eight bytes at a time. */
export interface Piece {
  readonly bytes: DataView;
  readonly length: number;
}

/** @throws RangeError when a character is not ASCII: it would not be one byte */
export function pieceOf(text: string): Piece {
  const bytes = new Uint8Array(Math.ceil(text.length / WORD) * WORD);
  for (let place = 0; place < text.length; place++) {
    const letter = text.charCodeAt(place);
    if (letter > 0x7f) throw new RangeError(`not ASCII: ${text}`);
    bytes[place] = letter;
  }
  return { bytes: new DataView(bytes.buffer), length: text.length };
}

/**
 * Lines of ASCII on their way out. Copied as doubles, eight bytes at a time: the last eight may write past the end of
 * what they copy, and the next thing written lies over that. Eight ASCII characters are never a NaN, which might not
 * keep its bits.
 */
export class LineBuffer {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #view = viewOf(this.#bytes);
  #length = 0;

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#length;
  }

  /** To be called before each line. */
  begin(): void {
    if (this.#length + LONGEST_LINE_BYTES > this.#bytes.length) this.#grow();
  }

  /** Takes everything written since the last time. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
    this.#view = viewOf(this.#bytes);
    this.#length = 0;
    return taken;
  }

  /** Takes everything written since the last time as text, without the end of the last line. */
  takeLine(): string {
    const line = this.#bytes.toString('latin1', 0, this.#length - 1);
    this.#length = 0;
    return line;
  }

  /** What was written from `start` on, without the end of the last line; it stays. */
  since(start: number): string {
    return this.#bytes.toString('latin1', start, this.#length - 1);
  }

  /** Appends a text that is made up anew each time. */
  composed(text: string): void {
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  piece({ bytes, length }: Piece): void {
    const at = this.#length;
    for (let place = 0; place < length; place += WORD) {
      this.#view.setFloat64(at + place, bytes.getFloat64(place, true), true);
    }
    this.#length = at + length;
  }

  /** Appends at most 16 bytes; as many must lie there, whatever they are. */
  short(from: DataView, start: number, length: number): void {
    const at = this.#length;
    this.#view.setFloat64(at, from.getFloat64(start, true), true);
    this.#view.setFloat64(at + WORD, from.getFloat64(start + WORD, true), true);
    this.#length = at + length;
  }

  /** A whole number, 0 or more. */
  digits(value: number): void {
    let length = 1;
    for (let limit = 10; limit <= value; limit *= 10) length++;
    this.fixedDigits(value, length);
  }

  /** A whole number of `length` digits, at most 15. */
  fixedDigits(value: number, length: number): void {
    const start = this.#length;
    this.#length = start + length;
    if (length <= LOW_DIGITS) {
      this.#overwrite(start, value, length);
      return;
    }
    const high = Math.floor(value / LOW_LIMIT);
    this.#overwrite(start, high, length - LOW_DIGITS);
    this.#overwrite(start + length - LOW_DIGITS, value - high * LOW_LIMIT, LOW_DIGITS);
  }

  /** Puts `length` digits so many bytes before the end: into a piece that has room for them. */
  digitsBefore(end: number, value: number, length: number): void {
    this.#overwrite(this.#length - end, value, length);
  }

  /** Digits of a whole number that has fewer than ten. */
  #overwrite(start: number, value: number, length: number): void {
    let left = value | 0;
    let at = start + length - 2;
    for (; at >= start; at -= 2) {
      const rest = (left / 100) | 0;
      this.#view.setUint16(at, PAIRS[left - rest * 100] as number, true);
      left = rest;
    }
    if (at === start - 1) this.#view.setUint8(start, ZERO + left);
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.#bytes.length * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#view = viewOf(larger);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
