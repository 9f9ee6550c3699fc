import { SingleBar } from 'cli-progress';

/** Shows how far reading has come. */
export interface Progress {
  /** @param done of the total, so far @param calls that are done */
  update(done: number, calls: number): void;
  stop(): void;
}

const SILENT: Progress = { update: () => undefined, stop: () => undefined };
const BETWEEN_UPDATES_MS = 100;

/**
 * A progress bar on standard error; nothing where that is no terminal.
 *
 * @param total mostly the bytes of all inputs; undefined when it is not known, as for standard input
 * @param doing what is going on, in one word
 */
export function showProgress(
  total: number | undefined,
  quiet: boolean,
  doing = 'pushing',
): Progress {
  if (quiet || !process.stderr.isTTY) return SILENT;
  const bar = new SingleBar({
    format:
      total === undefined
        ? `${doing} | {calls} calls | {rate}/s`
        : `${doing} |{bar}| {percentage}% | {calls} calls | {rate}/s | {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    etaBuffer: 100,
  });
  const startedAt = performance.now();
  let updatedAt = 0;
  bar.start(total ?? 1, 0, { calls: 0, rate: 0 });
  return {
    update(done, calls) {
      const now = performance.now();
      if (now - updatedAt < BETWEEN_UPDATES_MS) return;
      updatedAt = now;
      const rate = Math.round((calls * 1000) / (now - startedAt));
      bar.update(total === undefined ? 0 : done, { calls, rate });
    },
    stop: () => bar.stop(),
  };
}
