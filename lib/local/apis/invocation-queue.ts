import { availableParallelism } from 'node:os';

/**
 * How many environments of one function an API keeps busy at once. Lambda would start one for each
 * concurrent request; here they share a machine, and more of them than this only slow each other.
 */
const environmentsPerFunction = Math.min(4, availableParallelism() * 2);

/** Lets a few jobs of each name run at once, and the others wait in turn. */
export interface InvocationQueue {
  run<Result>(name: string, job: () => Promise<Result>): Promise<Result>;
}

export function createInvocationQueue(limit = environmentsPerFunction): InvocationQueue {
  const lines = new Map<string, { running: number; waiting: (() => void)[] }>();
  return {
    async run(name, job) {
      const line = lines.get(name) ?? { running: 0, waiting: [] };
      lines.set(name, line);
      if (line.running < limit) line.running += 1;
      // Whoever ends hands its place over, so the count stays.
      else await new Promise<void>((resolve) => line.waiting.push(resolve));
      try {
        return await job();
      } finally {
        const next = line.waiting.shift();
        if (next === undefined) line.running -= 1;
        else next();
      }
    },
  };
}
