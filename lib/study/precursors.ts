import type { NumberToken } from '../domain/leg.ts';
import type { FoundCaller } from './study-result.ts';
import { type Weight, weigh } from './weigh.ts';

/** A number that people had to do with for the first time within the day before a risky number reached them. */
export interface LeadingNumber {
  readonly number: NumberToken;
  /** So many people. */
  readonly led: number;
  readonly contacts: number;
  readonly made: number;
  readonly talk: number;
  /** Epoch seconds. */
  readonly firstCall: number;
  readonly lastCall: number;
}

const RARITY = -6;
const LISTED_AT = 0.5;

const WEIGHTS: readonly Weight<LeadingNumber>[] = [
  {
    id: 'people-led-to-risky-numbers',
    measure: ({ led }) => led,
    bins: [
      { below: 3, points: -3 },
      { below: 4, points: 3 },
      { below: 6, points: 4 },
      { points: 5 },
    ],
  },
  {
    id: 'share-of-contacts-led',
    measure: ({ led, contacts }) => led / contacts,
    bins: [
      { below: 0.3, points: -6 },
      { below: 0.5, points: 2 },
      { below: 0.75, points: 3 },
      { points: 4 },
    ],
  },
];

/** Numbers by which people seem to be prepared for, or handed on to, risky ones. */
export function foundPrecursors(leading: readonly LeadingNumber[]): FoundCaller[] {
  return leading.flatMap((one) => {
    const { points, evidence } = weigh(one, WEIGHTS, RARITY);
    if (points < LISTED_AT) return [];
    return {
      number: one.number,
      kind: 'precursor' as const,
      fraudKind: 'other' as const,
      points,
      evidence,
      contacts: one.contacts,
      calls: one.made,
      talkSeconds: one.talk,
      firstCall: one.firstCall,
      lastCall: one.lastCall,
      district: 0,
    };
  });
}
