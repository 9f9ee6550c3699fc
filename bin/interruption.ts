import { EXIT } from './exit-codes.ts';

/** Watches for Ctrl-C and a polite kill. */
export interface Interruption {
  readonly signal: AbortSignal;
  release(): void;
}

/** The first Ctrl-C aborts the signal, so that what is under way can end; the second ends the process. */
export function interruptible(): Interruption {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    release: () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
}
