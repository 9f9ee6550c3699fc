import type { FraudKind } from '../../domain/fraud-kind.ts';
import type { Step } from '../../domain/ladder/ladder-policy.ts';
import type { TaskOutcome } from '../../domain/task-outcome.ts';
import { SeededRandom } from '../seeded-random.ts';

/** How it really is with the person of a case: believes the swindler, talked with one and hung up, or neither. */
export type Standing = 'deceived' | 'doubtful' | 'not-concerned';

/** What the script needs to know of a case. */
export interface ScriptedCase {
  /** Of the person: the same name, the same story, whatever a run calls the case. */
  readonly name: string;
  readonly kind: FraudKind;
  readonly standing: Standing;
}

/** One try of an officer to reach the person. */
export interface Contact {
  readonly step: Step;
  /** 1 for the first of its step. */
  readonly attempt: number;
  /** From the opening of the case until the officer sets about it. */
  readonly elapsedMinutes: number;
  /** Somebody convinced the person before: that lasts. */
  readonly wasDissuaded?: boolean;
}

/** What comes of a try. */
export interface Encounter {
  readonly outcome: TaskOutcome;
  /** Until the officer has it behind them: dialling or driving, and talking. */
  readonly minutes: number;
}

/**
 * How one case's person and relatives behave: drawn once, so that it is the same whoever asks when. Minutes count
 * from the case's opening.
 */
export interface PersonScript {
  readonly standing: Standing;
  /** The number is not theirs any more, or somebody else has the telephone. */
  readonly isSomebodyElse: boolean;
  /** 0 to 1: convinced by what weighs at least as much. */
  readonly stubbornness: number;
  /** On the line with the swindler. */
  readonly busyFrom: number;
  readonly busyUntil: number;
  /** Calls from an unknown number that are left to ring first. */
  readonly callsIgnored: number;
  readonly relativesAnswer: boolean;
  readonly awayFrom: number;
  readonly awayUntil: number;
  /** Yuan that the swindler is after. */
  readonly stake: number;
  /** When the money is sent unless somebody was faster; infinite for whom the swindler gives up. */
  readonly sendsAt: number;
}

/** What became of the money of a case, in yuan. */
export interface MoneyEnd {
  readonly saved: number;
  readonly lost: number;
}

/**
 * Yuan at stake: medians. [assumption] all of them, set after the order of losses that police reports name: quick trades
 * lose thousands, loans and orders some ten thousand, false police and false friends savings.
 */
export const STAKE_MEDIANS: Readonly<Record<FraudKind, number>> = {
  loan: 15_000,
  'fake-orders': 30_000,
  'impersonating-police': 120_000,
  'romance-investment': 150_000,
  'impersonating-customer-service': 20_000,
  'impersonating-acquaintance': 25_000,
  'credit-repair': 25_000,
  'gaming-trade': 4_000,
  other: 10_000,
};
const STAKE_SPREAD = 0.8;
const STAKE_ROUNDED_TO = 100;

/** How much an attempt weighs against stubbornness: the first, and what each further one adds. [assumption] */
const PERSUASION: Readonly<Record<Step, { readonly first: number; readonly more: number }>> = {
  call: { first: 0.45, more: 0.2 },
  relatives: { first: 0.7, more: 0.1 },
  visit: { first: 0.93, more: 0 },
};

/** Minutes until an officer stands before the person or hears the dialling tone, and minutes of talk. [assumption] */
const APPROACH: Readonly<Record<Step, readonly [number, number]>> = {
  call: [0.2, 0.6],
  relatives: [0.3, 1],
  visit: [8, 22],
};
const TALK: Readonly<Record<Step, readonly [number, number]>> = {
  call: [2, 7],
  relatives: [3, 7],
  visit: [6, 16],
};
const NEVER = Number.POSITIVE_INFINITY;

/** The script of a case's person. The same seed and name give the same. */
export function scriptOf(seed: number, { kind, name, standing }: ScriptedCase): PersonScript {
  const random = new SeededRandom(seed, `person ${name}`);
  const isSomebodyElse = random.chance(0.04);
  const stubbornness = random.next();
  const isBusy = random.chance(0.4);
  const busyFrom = random.between([0, 4]);
  const busyFor = random.between([3, 14]);
  const callsIgnored = random.chance(0.3) ? random.wholeBetween([1, 3]) : 0;
  const relativesAnswer = random.chance(0.85);
  const isAway = random.chance(0.12);
  const awayFrom = random.between([0, 40]);
  const awayFor = random.between([20, 60]);
  const drawn = random.logNormal(STAKE_MEDIANS[kind], STAKE_SPREAD);
  const sends = random.chance(0.8);
  const sendsAfter = random.logNormal(40, 0.9);
  const isDeceived = standing === 'deceived';
  return {
    standing,
    isSomebodyElse,
    stubbornness: isDeceived ? stubbornness : 0,
    busyFrom: isDeceived && isBusy ? busyFrom : NEVER,
    busyUntil: isDeceived && isBusy ? busyFrom + busyFor : NEVER,
    callsIgnored,
    relativesAnswer,
    awayFrom: isAway ? awayFrom : NEVER,
    awayUntil: isAway ? awayFrom + awayFor : NEVER,
    stake: isDeceived ? Math.round(drawn / STAKE_ROUNDED_TO) * STAKE_ROUNDED_TO : 0,
    sendsAt: isDeceived && sends && !isSomebodyElse ? sendsAfter : NEVER,
  };
}

function isWithin(minute: number, from: number, until: number): boolean {
  return minute >= from && minute < until;
}

/** Why nobody is met: undefined where somebody is. */
function missed(script: PersonScript, { attempt, step }: Contact, at: number) {
  switch (step) {
    case 'call':
      if (isWithin(at, script.busyFrom, script.busyUntil)) return 'busy';
      return attempt <= script.callsIgnored ? 'no-answer' : undefined;
    case 'relatives':
      return script.relativesAnswer ? undefined : 'no-answer';
    case 'visit':
      return isWithin(at, script.awayFrom, script.awayUntil) ? 'no-answer' : undefined;
  }
}

function answer(script: PersonScript, contact: Contact, at: number): TaskOutcome {
  const { attempt, step, wasDissuaded } = contact;
  if (script.isSomebodyElse) return 'wrong-person';
  if (script.standing === 'not-concerned') return 'not-a-fraud';
  if (wasDissuaded) return 'dissuaded';
  if (at >= script.sendsAt) return 'money-lost';
  const { first, more } = PERSUASION[step];
  return script.stubbornness <= first + more * (attempt - 1) ? 'dissuaded' : 'refused';
}

/**
 * What comes of an officer's try: by seed, person, step, attempt and time alone.
 *
 * Persuasion only grows from step to step and from attempt to attempt, so nobody who would have listened on the
 * telephone refuses at the door.
 */
export function meet(seed: number, scripted: ScriptedCase, contact: Contact): Encounter {
  const { attempt, elapsedMinutes, step } = contact;
  const script = scriptOf(seed, scripted);
  const random = new SeededRandom(seed, `try ${step} ${attempt} of ${scripted.name}`);
  const approach = random.between(APPROACH[step]);
  const talk = random.between(TALK[step]);
  const at = elapsedMinutes + approach;
  const nobody = missed(script, contact, at);
  if (nobody !== undefined) return { outcome: nobody, minutes: approach };
  return { outcome: answer(script, contact, at), minutes: approach + talk };
}

/** What became of the money that would have been sent: saved where somebody talked the person out of it in time. */
export function moneyEnd({ sendsAt, stake }: PersonScript, wasDissuaded: boolean): MoneyEnd {
  if (sendsAt === NEVER) return { saved: 0, lost: 0 };
  return wasDissuaded ? { saved: stake, lost: 0 } : { saved: 0, lost: stake };
}
