/** What all numbers of a history begin with; four digits follow. */
export const NUMBER_PREFIX = '1380000';

const GAP = '[\\s().\\-]{0,2}';

/** How base64 writes the prefix wherever it stands in a text: without the ends, which depend on its neighbours. */
function base64Cores(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const encoded = Buffer.from('\0'.repeat(shift) + text)
      .toString('base64url')
      .replaceAll('=', '');
    const clean = Math.floor(((shift + text.length) * 8) / 6);
    return encoded.slice(Math.ceil((shift * 8) / 6), clean);
  });
}

const CORES = base64Cores(NUMBER_PREFIX).join('|');
const HEX = Buffer.from(NUMBER_PREFIX).toString('hex');
/** Quick to rule out: what follows the prefix is looked at only where this was found. */
const SUSPECT = new RegExp(`${[...NUMBER_PREFIX].join(GAP)}|${CORES}|${HEX}`);

/**
 * Looks for clear numbers in everything that is written: plain, with a country's prefix, with separators, in base64
 * and in hexadecimal.
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
    if (!SUSPECT.test(text)) return;
    const digits = text.replace(/[\s().-]/g, '');
    for (const number of this.#numbers) {
      if (
        digits.includes(number) ||
        digits.includes(Buffer.from(number).toString('hex')) ||
        base64Cores(number).some((core) => text.includes(core))
      ) {
        this.leaks.push(`${where}: ${text.slice(0, 200)}`);
        return;
      }
    }
  }
}
