/** What all numbers of a history begin with; four digits follow. */
export const NUMBER_PREFIX = '1380000';

const ENDS = ['0000', '9999'];
/**
 * Between two digits: whatever is neither a digit nor a letter, as in `138-0000 (1000)`, `138/0000` or `[1,3,8]`. A `#`
 * parts the parts of our keys: a time that ends on 138 stands there before an ordinal.
 */
const GAP = '[^0-9A-Za-z#]{0,3}';
const COUNTRY = '86';

/** Digits in disguise: of an address, of JSON, of a page, full-width, Arabic, Persian. */
const DISGUISED =
  /%3(\d)|\\u003(\d)|&#x3(\d);|&#(4[89]|5[0-7]);|[\uff10-\uff19\u0660-\u0669\u06f0-\u06f9]/gi;

function undisguised(text: string): string {
  return text.replace(DISGUISED, (whole, percent, escaped, hex, decimal) => {
    if (decimal !== undefined) return String(Number(decimal) - 48);
    // In each of the three scripts, 0 is at a multiple of 16.
    return percent ?? escaped ?? hex ?? String(whole.charCodeAt(0) % 16);
  });
}

/** How base64 writes a text wherever it stands in another: without the ends, which depend on its neighbours. */
function base64Cores(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.from('\0'.repeat(shift) + text)
      .toString('base64url')
      .replaceAll('=', '');
    const clean = Math.floor(((shift + text.length) * 8) / 6);
    return encoded.slice(Math.ceil((shift * 8) / 6), clean);
  });
}

function bigEndian(digits: string): Buffer {
  const hex = BigInt(digits).toString(16);
  return Buffer.from(hex.padStart(2 * Math.ceil(hex.length / 2), '0'), 'hex');
}

function varint(digits: string): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(digits);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

function double(digits: string): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleBE(Number(digits));
  return buffer;
}

type Write = (digits: string) => Buffer;
const WRITES: readonly Write[] = [
  bigEndian,
  (digits) => bigEndian(digits).reverse(),
  varint,
  double,
  (digits) => double(digits).reverse(),
];
/** How a number is a few bytes: as an integer in either order, as protobuf writes it, as a floating-point number. */
const AS_BYTES = WRITES.flatMap((write): Write[] => [write, (digits) => write(COUNTRY + digits)]);

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** The longest run of bytes that all numbers of a history have in common in such a notation. */
function commonBytes(write: Write): string {
  const [lowest = '', highest = ''] = ENDS.map((end) => latin1(write(NUMBER_PREFIX + end)));
  const runs = [''];
  for (const [i, byte] of [...lowest].entries()) {
    if (byte === highest[i]) runs.push((runs.pop() ?? '') + byte);
    else runs.push('');
  }
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest));
}

/** Telephone exchanges write two digits to a byte, the second one first. */
const swapped = (digits: string): string => digits.replace(/(\d)(\d)/g, '$2$1');

const HEX = Buffer.from(NUMBER_PREFIX).toString('hex');
const EVEN = NUMBER_PREFIX.slice(0, NUMBER_PREFIX.length & ~1);
/** Quick to rule out: what follows the prefix is looked at only where this was found. */
const SUSPECT = new RegExp(
  [
    [...NUMBER_PREFIX].join(GAP),
    ...base64Cores(NUMBER_PREFIX),
    HEX,
    [...NUMBER_PREFIX].reverse().join(GAP),
  ].join('|'),
);
const SUSPECT_DECIMAL = new RegExp(`${NUMBER_PREFIX}|${swapped(EVEN)}`);
const SUSPECT_BYTES = AS_BYTES.map(commonBytes);

/**
 * Looks for clear numbers in everything that is written. In texts: plain, with a country's prefix, with separators, in
 * other scripts' digits, escaped, backwards, in base64 and in hexadecimal. In bytes also as packed decimals and as
 * integers.
 */
export class Privacy {
  /** Where a number was found, and what around it. */
  readonly leaks: string[] = [];
  readonly #numbers: ReadonlySet<string>;

  /** @param numbers all that are in use, as national digits */
  constructor(numbers: ReadonlySet<string>) {
    this.#numbers = numbers;
  }

  saw(where: string, text: string): void {
    const plain = text.search(DISGUISED) < 0 ? text : undisguised(text);
    if (!SUSPECT.test(plain)) return;
    const digits = plain.replace(/[^0-9A-Za-z#]/g, '');
    const backwards = [...digits].reverse().join('');
    this.#keepIf(
      (number) =>
        digits.includes(number) ||
        backwards.includes(number) ||
        digits.includes(Buffer.from(number).toString('hex')) ||
        base64Cores(number).some((core) => plain.includes(core)),
      where,
      text,
    );
  }

  sawBytes(where: string, bytes: Uint8Array): void {
    const text = latin1(bytes);
    this.saw(where, text);
    const decimals = Buffer.from(bytes).toString('hex');
    if (SUSPECT_DECIMAL.test(decimals)) {
      // An odd last digit shares its byte with a filler.
      const isPacked = (number: string) =>
        decimals.includes(number) || decimals.includes(swapped(number).slice(0, -1));
      this.#keepIf(isPacked, where, decimals);
    }
    AS_BYTES.forEach((write, i) => {
      if (!text.includes(SUSPECT_BYTES[i] ?? '')) return;
      this.#keepIf((number) => text.includes(latin1(write(number))), where, decimals);
    });
  }

  #keepIf(isThere: (number: string) => boolean, where: string, text: string): void {
    for (const number of this.#numbers) {
      if (!isThere(number)) continue;
      this.leaks.push(`${where}: ${text.slice(0, 200)}`);
      return;
    }
  }
}
