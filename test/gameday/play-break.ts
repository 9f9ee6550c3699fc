import { setTimeout as sleep } from 'node:timers/promises';
import type { AlarmReport } from '../../lib/local/metrics/monitoring.ts';
import type { Break } from './breaks.ts';
import type { GameSystem } from './system.ts';

/** What came of a break. Times are seconds of the clock on the wall; undefined for what did not happen. */
export interface Outcome {
  readonly name: string;
  readonly expected: readonly { readonly alarm: string; readonly firedAfter: number | undefined }[];
  /** Other alarms that went off along with them. */
  readonly besides: readonly string[];
  /** From the mending until no alarm was on any more. */
  readonly clearedAfter: number | undefined;
}

/**
 * Alarms of streams that nobody reads: they compare records that came with invocations that began, and here one
 * invocation takes many minutes of alarms.
 */
const BY_HASTE = /-unread$/;

/** Told as a break goes on. */
export interface GameNews {
  fired(alarm: string, seconds: number): void;
  mended(what: string): void;
}

export interface PlayOptions {
  /** How long the alarms have to go off, and to clear, in seconds. */
  readonly patience: number;
  /** How long no alarm has to be on until all is over, in seconds. */
  readonly quiet: number;
  readonly signal: AbortSignal;
}

const LOOK_MS = 50;

const ON = ({ state }: AlarmReport): boolean => state === 'ALARM';

/** The alarms that are on, by their names without the stack's. */
function alarmsOn({ cloud }: GameSystem, { expected }: Break): string[] {
  return cloud
    .alarms()
    .filter(ON)
    .map(({ name }) => name.replace(/^Forewarn-local-/, ''))
    .filter((alarm) => expected.includes(alarm) || !BY_HASTE.test(alarm));
}

/**
 * Breaks the system, waits for the alarms that are to go off, mends it and waits until all alarms are over.
 *
 * @throws {Error} when it could not be broken or mended
 */
export async function playBreak(
  broken: Break,
  system: GameSystem,
  news: GameNews,
  { patience, quiet, signal }: PlayOptions,
): Promise<Outcome> {
  const fired = new Map<string, number>();
  const startedAt = performance.now();
  const secondsSince = (from: number): number => (performance.now() - from) / 1000;
  const look = (): string[] => {
    const on = alarmsOn(system, broken);
    for (const alarm of on) {
      if (fired.has(alarm)) continue;
      fired.set(alarm, secondsSince(startedAt));
      news.fired(alarm, secondsSince(startedAt));
    }
    return on;
  };
  const outcome = (clearedAfter: number | undefined): Outcome => ({
    name: broken.name,
    expected: broken.expected.map((alarm) => ({ alarm, firedAfter: fired.get(alarm) })),
    besides: [...fired.keys()].filter((alarm) => !broken.expected.includes(alarm)),
    clearedAfter,
  });

  await broken.start(system);
  while (!broken.expected.every((alarm) => fired.has(alarm))) {
    if (signal.aborted || secondsSince(startedAt) > patience) break;
    look();
    await sleep(LOOK_MS);
  }
  if (signal.aborted) return outcome(undefined);

  const mendedAt = performance.now();
  news.mended(await broken.mend(system));
  let lastOn = performance.now();
  while (secondsSince(lastOn) < quiet) {
    if (signal.aborted || secondsSince(mendedAt) > patience) return outcome(undefined);
    if (look().length > 0) lastOn = performance.now();
    await sleep(LOOK_MS);
  }
  return outcome((lastOn - mendedAt) / 1000);
}

/** Whether every alarm that was to go off did, and all were over in the end. */
export function wentWell({ clearedAfter, expected }: Outcome): boolean {
  return clearedAfter !== undefined && expected.every(({ firedAfter }) => firedAfter !== undefined);
}
