/**
 * Orders sequence numbers: decimal numbers of any width without leading zeros, so the longer one
 * is the larger. (As plain strings '9' would come after '10'.)
 *
 * @returns a negative number, zero or a positive number, as `Array.prototype.sort` wants it
 */
export function compareSequenceNumbers(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
