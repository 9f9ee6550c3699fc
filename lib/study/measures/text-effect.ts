import type { NumberToken } from '../../domain/leg.ts';
import { seededRandom } from '../../fitting/random.ts';
import { differenceEstimate, type Estimate, meanEstimate, meanOf } from './intervals.ts';

/** Somebody at the moment of a text, or at the moment at which somebody of a hold-out group would have had one. */
export interface TextMoment {
  readonly person: NumberToken;
  /** Epoch seconds. */
  readonly at: number;
}

/** An answered call of a risky caller with a person. */
export interface RiskyTalk {
  readonly person: NumberToken;
  /** Epoch seconds. */
  readonly start: number;
  readonly seconds: number;
}

/** Risky calls and minutes of one person, in the mean. */
export interface MeanTalk {
  readonly calls: number;
  readonly minutes: number;
}

/** What changed after texts. */
export interface TextEffect {
  /** How long before and after the text was looked at. */
  readonly hours: number;
  /** People whose hours after the text are over. */
  readonly people: number;
  readonly before: MeanTalk;
  readonly after: MeanTalk;
  /** After less before, per person; absent of fewer than two people. */
  readonly change?: { readonly calls: Estimate; readonly minutes: Estimate };
  /** The same hours of people who would have been texted and were not: the only fair comparison. */
  readonly heldOut?: {
    readonly people: number;
    readonly after: MeanTalk;
    /** Texted less held out, per person. */
    readonly difference?: { readonly calls: Estimate; readonly minutes: Estimate };
  };
}

/** What the effect of texts is measured from. */
export interface TextEffectInput {
  /** The first text of each counts. */
  readonly texted: readonly TextMoment[];
  /** Chosen by chance beforehand, or held back by the budget. */
  readonly heldOut?: readonly TextMoment[];
  readonly talks: readonly RiskyTalk[];
  /** Epoch seconds up to which talks are known. */
  readonly knownUntil: number;
  readonly hours?: number;
  /** Of the bootstrap. */
  readonly seed?: number;
}

const HOUR = 3_600;
const MINUTE = 60;
/** How long before and after a text is looked at, unless another time is given. */
export const EFFECT_HOURS = 24;

/**
 * Exposure and talk before and after the text. A call during which the text came is divided by it. Before and after
 * alone flatters: people are texted because of the calls just before, which mostly would have grown fewer anyway.
 *
 * @returns undefined where nobody was texted long enough ago
 */
export function measureTextEffect(input: TextEffectInput): TextEffect | undefined {
  const { talks, knownUntil, hours = EFFECT_HOURS, seed = 1 } = input;
  const random = seededRandom(seed);
  const byPerson = Map.groupBy(talks, ({ person }) => person);
  const span = hours * HOUR;
  const whole = (moments: readonly TextMoment[]) =>
    firstOfEach(moments).filter(({ at }) => at + span <= knownUntil);
  const within = ({ person }: TextMoment, from: number, to: number) =>
    talkWithin(byPerson.get(person) ?? [], from, to);
  const texted = whole(input.texted);
  if (texted.length === 0) return undefined;
  const before = texted.map((moment) => within(moment, moment.at - span, moment.at));
  const after = texted.map((moment) => within(moment, moment.at, moment.at + span));
  const changes = after.map(({ calls, minutes }, i) => ({
    calls: calls - (before[i]?.calls ?? 0),
    minutes: minutes - (before[i]?.minutes ?? 0),
  }));
  const calls = meanEstimate(
    changes.map((each) => each.calls),
    random,
  );
  const minutes = meanEstimate(
    changes.map((each) => each.minutes),
    random,
  );
  const held = whole(input.heldOut ?? []).map((moment) =>
    within(moment, moment.at, moment.at + span),
  );
  return {
    hours,
    people: texted.length,
    before: meanTalk(before),
    after: meanTalk(after),
    ...(calls !== undefined && minutes !== undefined && { change: { calls, minutes } }),
    ...(held.length > 0 && { heldOut: { people: held.length, ...compared(after, held, random) } }),
  };
}

function compared(after: readonly MeanTalk[], held: readonly MeanTalk[], random: () => number) {
  const difference = (of: (talk: MeanTalk) => number) =>
    differenceEstimate(after.map(of), held.map(of), random);
  const calls = difference((talk) => talk.calls);
  const minutes = difference((talk) => talk.minutes);
  return {
    after: meanTalk(held),
    ...(calls !== undefined && minutes !== undefined && { difference: { calls, minutes } }),
  };
}

function talkWithin(talks: readonly RiskyTalk[], from: number, to: number): MeanTalk {
  let calls = 0;
  let seconds = 0;
  for (const { start, seconds: length } of talks) {
    if (start >= from && start < to) calls++;
    seconds += Math.max(0, Math.min(to, start + length) - Math.max(from, start));
  }
  return { calls, minutes: seconds / MINUTE };
}

function meanTalk(talks: readonly MeanTalk[]): MeanTalk {
  return {
    calls: meanOf(talks.map(({ calls }) => calls)),
    minutes: meanOf(talks.map(({ minutes }) => minutes)),
  };
}

function firstOfEach(moments: readonly TextMoment[]): TextMoment[] {
  const first = new Map<NumberToken, TextMoment>();
  for (const moment of moments) {
    const held = first.get(moment.person);
    if (held === undefined || moment.at < held.at) first.set(moment.person, moment);
  }
  return [...first.values()];
}
