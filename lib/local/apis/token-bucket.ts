/** A limit of requests: `rate` a second on the long run, `burst` at once. */
export interface ThrottleLimit {
  rate: number;
  burst: number;
}

/**
 * A bucket that is full at first and refills evenly.
 *
 * @returns takes one token at a time (epoch milliseconds); false when there is none.
 */
export function createTokenBucket({ rate, burst }: ThrottleLimit): (now: number) => boolean {
  let tokens = burst;
  let filledAt = Number.NEGATIVE_INFINITY;
  return (now) => {
    const gained = filledAt === Number.NEGATIVE_INFINITY ? 0 : ((now - filledAt) * rate) / 1_000;
    tokens = Math.min(burst, tokens + Math.max(0, gained));
    filledAt = Math.max(filledAt, now);
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
