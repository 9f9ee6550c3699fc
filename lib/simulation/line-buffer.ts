const FIRST_BYTES = 320 * 1024;
/** No line is longer; whoever writes one makes sure of as much room. */
const LONGEST_LINE_BYTES = 4096;
const ZERO = 48;
const QUOTE = 34;

/** Lines of ASCII on their way out, written byte by byte. */
export class LineBuffer {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #length = 0;

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#length;
  }

  /** Takes everything written since the last time. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafe(FIRST_BYTES);
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

  /** Appends a text put together only now: reading its characters one by one would be slow. */
  composed(text: string): void {
    if (this.#length + LONGEST_LINE_BYTES > this.#bytes.length) this.#grow();
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** Appends a constant of one-byte characters. */
  text(text: string): void {
    if (this.#length + LONGEST_LINE_BYTES > this.#bytes.length) this.#grow();
    const bytes = this.#bytes;
    let at = this.#length;
    for (let place = 0; place < text.length; place++) bytes[at++] = text.charCodeAt(place);
    this.#length = at;
  }

  /** Appends a constant, and another one with a quotation mark after it. */
  quoted(before: string, text: string): void {
    this.text(before);
    this.text(text);
    this.#bytes[this.#length++] = QUOTE;
  }

  bytes(from: Uint8Array, start: number, length: number): void {
    const bytes = this.#bytes;
    let at = this.#length;
    for (let place = start; place < start + length; place++) bytes[at++] = from[place] as number;
    this.#length = at;
  }

  /** A whole number, 0 or more. */
  digits(value: number): void {
    let length = 1;
    for (let limit = 10; limit <= value; limit *= 10) length++;
    this.fixedDigits(value, length);
  }

  /** The last `length` digits of a whole number. */
  fixedDigits(value: number, length: number): void {
    const bytes = this.#bytes;
    let left = value;
    for (let at = this.#length + length - 1; at >= this.#length; at--) {
      const tenth = Math.floor(left / 10);
      bytes[at] = ZERO + left - tenth * 10;
      left = tenth;
    }
    this.#length += length;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.#bytes.length * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
