import type { Step } from '../../domain/ladder/ladder-policy.ts';
import { SeededRandom } from '../seeded-random.ts';

/** A task, as far as an officer's habits go. */
export interface HandledTask {
  /** Of the case's person, as in the person's script. */
  readonly name: string;
  readonly step: Step;
  readonly attempt: number;
}

/** How an officer deals with a task that they took. */
export type Handling =
  /** Works on it and reports. */
  | 'works'
  /** Reports twice: the button did not seem to work. */
  | 'reports-twice'
  /** Reports when the case has gone on. */
  | 'reports-late'
  /** Takes it and is not heard of again. */
  | 'vanishes';

/** Shares of the tasks. [assumption] */
const VANISHES = 0.05;
const LATE = 0.04;
const TWICE = 0.06;
/** Visits that nobody takes: the only car is out. */
const UNCLAIMED_VISITS = 0.08;

/** Minutes that a free task stands there before somebody looks. [assumption] */
const UNSEEN: Readonly<Record<Step, readonly [number, number]>> = {
  call: [0.3, 2],
  relatives: [0.3, 2],
  visit: [1, 6],
};

/** Minutes until somebody looks at a task; infinite for a visit that nobody takes. The same for every officer. */
export function minutesUnseen(seed: number, { attempt, name, step }: HandledTask): number {
  const random = new SeededRandom(seed, `unseen ${step} ${attempt} of ${name}`);
  const minutes = random.between(UNSEEN[step]);
  return step === 'visit' && random.chance(UNCLAIMED_VISITS) ? Number.POSITIVE_INFINITY : minutes;
}

/** How an officer deals with a task: the next one may deal with it otherwise. */
export function handlingOf(
  seed: number,
  officer: string,
  { attempt, name, step }: HandledTask,
): Handling {
  const drawn = new SeededRandom(seed, `${officer} on ${step} ${attempt} of ${name}`).next();
  if (drawn < VANISHES) return 'vanishes';
  if (drawn < VANISHES + LATE) return 'reports-late';
  return drawn < VANISHES + LATE + TWICE ? 'reports-twice' : 'works';
}
