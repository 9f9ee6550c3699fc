import type { NumberToken } from '../../domain/leg.ts';
import type { SubjectState } from '../../domain/subject/subject-state.ts';
import {
  EFFECT_HOURS,
  measureTextEffect,
  type RiskyTalk,
  type TextEffect,
  type TextMoment,
} from './text-effect.ts';

/** People of whom the effect of texts is measured, at the most: more of them hardly say it more surely. */
export const MOST_TEXTED_PEOPLE = 5_000;
/** Of longer ago, the state of whoever was called most since has forgotten, and only the others would be left. */
const DAYS = 7;
const DAY_SECONDS = 86_400;
const EFFECT_SECONDS = EFFECT_HOURS * 3_600;

/** When people were first texted, and when others first would have been. */
export interface PeopleTexted {
  readonly texted: readonly TextMoment[];
  readonly heldOut: readonly TextMoment[];
}

/** First moments of one person, epoch seconds. */
interface FirstMoments {
  texted?: number;
  heldOut?: number;
}

/** Behind the version of its key a sealed number is even: the order by it tells nothing of its person. */
const lotOf = (person: NumberToken): string => person.slice(1);

const inOrderOfLots = (a: NumberToken, b: NumberToken): number =>
  lotOf(a) < lotOf(b) ? -1 : Number(lotOf(a) > lotOf(b));

/**
 * Notes when people were first texted, of more than there is room for an even sample: the first by their sealed numbers.
 * It comes to the same whatever the order in which texts are told of, and never holds more than twice as many.
 */
export class TextedPeople {
  readonly #people = new Map<NumberToken, FirstMoments>();
  readonly #most: number;

  constructor(most: number = MOST_TEXTED_PEOPLE) {
    this.#most = most;
  }

  /** @param at epoch seconds */
  add(person: NumberToken, at: number, what: keyof FirstMoments): void {
    const first = this.#people.get(person) ?? {};
    first[what] = Math.min(at, first[what] ?? at);
    this.#people.set(person, first);
    if (this.#people.size > 2 * this.#most) this.#thin();
  }

  people(): PeopleTexted {
    this.#thin();
    const moments = (what: keyof FirstMoments) =>
      [...this.#people].flatMap(([person, { [what]: at }]) =>
        at === undefined ? [] : [{ person, at }],
      );
    return { texted: moments('texted'), heldOut: moments('heldOut') };
  }

  #thin(): void {
    const sorted = [...this.#people].toSorted(([a], [b]) => inOrderOfLots(a, b));
    this.#people.clear();
    for (const [person, first] of sorted.slice(0, this.#most)) this.#people.set(person, first);
  }
}

/**
 * Whose hours after the text are over by then, and not long past. Held out is only who had no text before these hours
 * were over.
 *
 * @param until epoch seconds
 */
export function whoseHoursAreOver({ heldOut, texted }: PeopleTexted, until: number): PeopleTexted {
  const isOver = ({ at }: TextMoment) =>
    at + EFFECT_SECONDS <= until && at >= until - DAYS * DAY_SECONDS;
  const textedAt = new Map(texted.map(({ at, person }) => [person, at]));
  return {
    texted: texted.filter(isOver),
    heldOut: heldOut.filter(
      (moment) =>
        isOver(moment) &&
        (textedAt.get(moment.person) ?? Number.POSITIVE_INFINITY) >= moment.at + EFFECT_SECONDS,
    ),
  };
}

/**
 * The effect of texts, by what is remembered of people's risky calls. Whose state is gone, or has forgotten calls of
 * the hours before the text, is left out.
 *
 * @param until epoch seconds: later calls are not known
 * @returns undefined where nobody was texted long enough ago
 */
export function effectByStates(
  { heldOut, texted }: PeopleTexted,
  states: ReadonlyMap<NumberToken, Pick<SubjectState, 'exposures' | 'floor'>>,
  until: number,
): TextEffect | undefined {
  const isKnown = ({ at, person }: TextMoment) => {
    const state = states.get(person);
    return state !== undefined && state.floor <= at - EFFECT_SECONDS;
  };
  const talks = [...states].flatMap(([person, { exposures }]): RiskyTalk[] =>
    exposures
      .filter(({ answered, start }) => answered && start < until)
      // A call whose end nobody reported counts, and its minutes are not known.
      .map(({ duration, start }) => ({ person, start, seconds: Math.max(0, duration) })),
  );
  return measureTextEffect({
    texted: texted.filter(isKnown),
    heldOut: heldOut.filter(isKnown),
    talks,
    knownUntil: until,
  });
}
