/** One way of doing the work. */
export interface Contestant {
  readonly name: string;
  /** Does the work once and returns how many units (calls, legs) it did. */
  readonly run: () => number | Promise<number>;
  /** Untimed, before each run: fresh stores and memories. */
  readonly prepare?: () => void;
}

export interface Measurement {
  readonly name: string;
  /** Units per second of processor time, all threads of the process together: per core. */
  readonly perCoreSecond: number;
  /** Units per second by the clock on the wall. */
  readonly perWallSecond: number;
  /** Lowest and highest of the rounds, per core second. */
  readonly range: readonly [lowest: number, highest: number];
}

interface Round {
  readonly perCoreSecond: number;
  readonly perWallSecond: number;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

async function runOnce(contestant: Contestant): Promise<Round> {
  contestant.prepare?.();
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  const units = await contestant.run();
  const wallNs = Number(process.hrtime.bigint() - before);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perCoreSecond: units / ((user + system) / 1e6),
    perWallSecond: units / (wallNs / 1e9),
  };
}

/**
 * Measures the contestants in turns, so that a busy moment of the machine hits all of them, and takes the
 * median of the rounds after some that only warm up. At its turn each runs twice and the second run counts:
 * in the first it pays for the garbage that its predecessor left.
 *
 * Processor time counts the garbage collector's and compiler's threads too, so it never flatters; other
 * programs on the machine hardly touch it, while they slow the clock on the wall down at will.
 */
export async function measure(
  contestants: readonly Contestant[],
  rounds: number,
  warmUpRounds: number,
): Promise<Measurement[]> {
  const taken = contestants.map((): Round[] => []);
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      await runOnce(contestant);
      const result = await runOnce(contestant);
      if (round >= 0) taken[i]?.push(result);
    }
  }
  return contestants.map(({ name }, i) => {
    const perCore = (taken[i] ?? []).map((round) => round.perCoreSecond);
    return {
      name,
      perCoreSecond: median(perCore),
      perWallSecond: median((taken[i] ?? []).map((round) => round.perWallSecond)),
      range: [Math.min(...perCore), Math.max(...perCore)],
    };
  });
}
