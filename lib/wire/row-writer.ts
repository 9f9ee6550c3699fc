const MINUS = 0x2d;
const ZERO = 0x30;
const FIRST_ROOM = 4096;
/** Digits that are split off a large number at once, so that the rest is arithmetic on small integers. */
const LOW_DIGITS = 9;
const LOW_LIMIT = 10 ** LOW_DIGITS;

/**
 * Writes rows of ASCII text straight into bytes. Legs are the bulk of what intake makes: as strings, joined
 * and encoded, they would cost three times as much.
 */
export class RowWriter {
  /** What has been written, up to `length`. */
  bytes: Buffer = Buffer.allocUnsafe(FIRST_ROOM);
  length = 0;

  /** @param text ASCII only: one character is one byte */
  text(text: string): void {
    this.#reserve(text.length);
    const { bytes, length } = this;
    for (let i = 0; i < text.length; i++) bytes[length + i] = text.charCodeAt(i);
    this.length = length + text.length;
  }

  /** @param value a safe integer */
  integer(value: number): void {
    this.#reserve(2 * LOW_DIGITS);
    if (value < 0) this.bytes[this.length++] = MINUS;
    this.#unsigned(Math.abs(value));
  }

  #unsigned(value: number): void {
    if (value < LOW_LIMIT) {
      this.#digits(value, digitsOf(value));
      return;
    }
    const high = Math.floor(value / LOW_LIMIT);
    this.#unsigned(high);
    this.#digits(value - high * LOW_LIMIT, LOW_DIGITS);
  }

  #digits(value: number, width: number): void {
    const { bytes, length } = this;
    let rest = value;
    for (let at = length + width - 1; at >= length; at--) {
      const next = (rest / 10) | 0;
      bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.length = length + width;
  }

  #reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(2 * (this.length + count));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

function digitsOf(value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits++;
  return digits;
}
