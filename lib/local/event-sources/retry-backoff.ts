const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 1000;

/**
 * How long to wait before the next try. Lambda's own delays are longer and not documented; short
 * ones keep a local run quick.
 *
 * @param failures failures in a row so far, 1 or more
 * @returns milliseconds
 */
export function retryBackoffMs(failures: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 10));
}
