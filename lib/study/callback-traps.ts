import type { Suspect } from './suspect.ts';
import { type Weighed, type Weight, weigh } from './weigh.ts';

const RARITY = -9;
/** With fewer people rung up nothing can be said. */
const FEWEST_OPENED = 8;

const WEIGHTS: readonly Weight<Suspect>[] = [
  {
    id: 'rings-without-talk',
    measure: ({ rung, trapped, opened }) => (rung + trapped) / opened,
    bins: [
      { below: 0.7, points: -8 },
      { below: 0.85, points: 0 },
      { below: 0.95, points: 3 },
      { points: 4.5 },
    ],
  },
  {
    id: 'missed-calls-called-back',
    measure: ({ trapped }) => trapped,
    bins: [
      { below: 2, points: -4 },
      { below: 4, points: 1 },
      { below: 8, points: 2.5 },
      { points: 3.5 },
    ],
  },
  {
    id: 'seconds-per-call-back',
    measure: ({ trapped, trappedTalk }) => (trapped === 0 ? undefined : trappedTalk / trapped),
    bins: [{ below: 30, points: -0.5 }, { below: 90, points: 0.5 }, { points: 1.5 }],
  },
  {
    id: 'people-rung-up',
    measure: ({ opened }) => opened,
    bins: [{ below: 15, points: 0 }, { below: 30, points: 1 }, { points: 1.5 }],
  },
  {
    id: 'across-the-border',
    measure: ({ international }) => (international ? 1 : 0),
    bins: [{ below: 1, points: 0 }, { points: 2 }],
  },
];

/** How much speaks for a suspect's ringing people up in order to be called back; undefined when it rang up few. */
export function weighCallbackTrap(suspect: Suspect): Weighed | undefined {
  return suspect.opened < FEWEST_OPENED ? undefined : weigh(suspect, WEIGHTS, RARITY);
}
