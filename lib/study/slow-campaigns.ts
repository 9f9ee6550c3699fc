import type { Suspect } from './suspect.ts';
import { type Weighed, type Weight, weigh } from './weigh.ts';

/** What is weighed of a suspect, with what is known from elsewhere. */
interface WeighedSuspect {
  readonly suspect: Suspect;
  /** Epoch seconds at which the studied day ends. */
  readonly endOfDay: number;
  /** Days of the window of which there are calls, the studied one included. */
  readonly historyDays: number;
  /** People whom other suspects dialled, too. */
  readonly shared: number;
}

/** One in so many callers, as a log-odds: what must be outweighed before anybody is listed. */
const RARITY = -7.7;
/** Points from which a caller is listed: as likely one as not. */
export const LISTED_AT = 0;
/** Two people dialled at random may know each other. */
const TIED_BY_CHANCE = 2;

function strangers({ suspect: { contacts, closed } }: WeighedSuspect): number | undefined {
  return closed === undefined || closed > TIED_BY_CHANCE ? undefined : contacts - closed;
}

/**
 * What speaks for and against a slow campaign. All of it is broad: whom a number calls, whether these people have
 * anything to do with each other or with the number, and how long it keeps some of them.
 */
const WEIGHTS: readonly Weight<WeighedSuspect>[] = [
  {
    id: 'contacts-strange-to-each-other',
    measure: strangers,
    bins: [
      { below: 3, points: 0 },
      { below: 4, points: 3 },
      { below: 6, points: 4.5 },
      { below: 10, points: 5.5 },
      { points: 6 },
    ],
  },
  {
    id: 'contacts-of-one-circle',
    measure: ({ suspect: { contacts, closed } }) =>
      closed === undefined ? undefined : closed / contacts,
    bins: [
      { below: 0.001, points: 0 },
      { below: 0.1, points: -1.5 },
      { below: 0.26, points: -4 },
      { below: 0.51, points: -6 },
      { points: -8 },
    ],
  },
  {
    id: 'dials-first',
    measure: ({ suspect: { opened, contacts } }) => opened / contacts,
    bins: [
      { below: 0.65, points: -1.5 },
      { below: 0.8, points: -0.3 },
      { below: 0.95, points: 0.6 },
      { points: 2 },
    ],
  },
  {
    id: 'people-who-call-it-first',
    measure: ({ suspect: { opened, contacts } }) => contacts - opened,
    bins: [{ below: 4, points: 0 }, { below: 7, points: -1 }, { points: -5 }],
  },
  {
    id: 'nobody-calls-it',
    measure: ({ suspect: { received } }) => (received === 0 ? 1 : 0),
    bins: [{ below: 1, points: 0 }, { points: 0.6 }],
  },
  {
    id: 'called-back-by',
    measure: ({ suspect: { cameBack, opened } }) => cameBack / opened,
    bins: [
      { below: 0.12, points: 1 },
      { below: 0.25, points: 0.5 },
      { below: 0.4, points: -0.3 },
      { below: 0.5, points: -2 },
      { points: -3 },
    ],
  },
  {
    id: 'holds-strangers-again',
    measure: ({ suspect: { held } }) => held,
    bins: [{ below: 1, points: 0 }, { below: 2, points: 2 }, { points: 3.3 }],
  },
  {
    id: 'longest-talk-with-a-stranger',
    measure: ({ suspect: { longest } }) => longest,
    bins: [
      { below: 300, points: -1 },
      { below: 600, points: 0.7 },
      { below: 1_200, points: 1.3 },
      { below: 2_400, points: 2.2 },
      { points: 2.7 },
    ],
  },
  {
    id: 'talks-grow',
    measure: ({ suspect: { grown } }) => grown,
    bins: [{ below: 1, points: 0 }, { points: 0.8 }],
  },
  {
    id: 'new-people-dialled-a-day',
    measure: ({ suspect: { opened, days } }) => opened / Math.max(1, days),
    bins: [
      { below: 3, points: 1.5 },
      { below: 5.1, points: 1 },
      { below: 7.1, points: -0.8 },
      { below: 9.1, points: -5 },
      { below: 12, points: -5.5 },
      { points: -8 },
    ],
  },
  {
    id: 'calls-on-busiest-day',
    measure: ({ suspect: { busiest } }) => busiest,
    bins: [
      { below: 16, points: 0 },
      { below: 26, points: -0.7 },
      { below: 41, points: -2 },
      { points: -5 },
    ],
  },
  {
    id: 'days-of-calling',
    measure: ({ suspect: { days } }) => days,
    bins: [{ below: 2, points: -2 }, { below: 3, points: 0.5 }, { points: 1 }],
  },
  {
    id: 'hours-known',
    measure: ({ suspect: { firstCall }, endOfDay }) => (endOfDay - firstCall) / 3600,
    bins: [{ below: 20, points: -3 }, { points: 0 }],
  },
  {
    // Who knows whom comes to light by and by.
    id: 'days-of-history',
    measure: ({ historyDays }) => historyDays,
    bins: [
      { below: 2, points: -6 },
      { below: 3, points: -4.5 },
      { below: 4, points: -3 },
      { points: 0 },
    ],
  },
  {
    id: 'dials-whom-suspects-dial',
    measure: ({ shared }) => shared,
    bins: [{ below: 1, points: 0 }, { below: 2, points: 1 }, { points: 2 }],
  },
];

/** How much speaks for a suspect's being a slow campaign. */
export function weighSlowCampaign(
  suspect: Suspect,
  context: Omit<WeighedSuspect, 'suspect'>,
): Weighed {
  return weigh({ suspect, ...context }, WEIGHTS, RARITY);
}
