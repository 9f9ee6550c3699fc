import type { NumberToken } from '../domain/leg.ts';
import type { SubjectAtRisk } from './study-result.ts';
import { type Weight, weigh } from './weigh.ts';

/** Somebody whom a suspect dialled first and kept on the line. */
export interface KeptContact {
  readonly number: NumberToken;
  readonly other: NumberToken;
  readonly talks: number;
  readonly talk: number;
  readonly longest: number;
  readonly firstTalk: number;
  /** Calls of the person to the suspect. */
  readonly received: number;
  readonly days: number;
  readonly lastCall: number;
}

interface WeighedSubject {
  readonly kept: readonly KeptContact[];
  /** Points of the most suspicious of the callers. */
  readonly caller: number;
}

const RARITY = -5;
export const SUBJECT_LISTED_AT = 0.5;

const talkOf = (kept: readonly KeptContact[]) => kept.reduce((sum, { talk }) => sum + talk, 0);

const WEIGHTS: readonly Weight<WeighedSubject>[] = [
  {
    id: 'caller-suspicious',
    measure: ({ caller }) => caller,
    bins: [
      { below: -2, points: -3 },
      { below: 0.5, points: 0.5 },
      { below: 3, points: 2.5 },
      { points: 3.5 },
    ],
  },
  {
    id: 'minutes-with-new-numbers',
    measure: ({ kept }) => talkOf(kept) / 60,
    bins: [
      { below: 6, points: 0 },
      { below: 12, points: 1.2 },
      { below: 25, points: 2 },
      { below: 60, points: 2.8 },
      { points: 3.5 },
    ],
  },
  {
    id: 'talks-with-new-numbers',
    measure: ({ kept }) => kept.reduce((sum, { talks }) => sum + talks, 0),
    bins: [{ below: 2, points: 0 }, { below: 4, points: 1 }, { points: 1.6 }],
  },
  {
    id: 'several-new-numbers',
    measure: ({ kept }) => kept.length,
    bins: [{ below: 2, points: 0 }, { points: 1.5 }],
  },
  {
    id: 'talks-grow',
    measure: ({ kept }) =>
      kept.filter(({ talks, firstTalk, longest }) => talks >= 2 && firstTalk * 2 <= longest).length,
    bins: [{ below: 1, points: 0 }, { points: 0.8 }],
  },
  {
    id: 'calls-new-numbers-itself',
    measure: ({ kept }) => kept.reduce((sum, { received }) => sum + received, 0),
    bins: [{ below: 1, points: 0 }, { points: 0.5 }],
  },
];

/**
 * People whose calls with suspicious numbers together look like deception, though no single one did.
 *
 * @param pointsOf of a caller; undefined for one that nothing speaks against
 * @param districtOf 0 when unknown
 */
export function subjectsAtRisk(
  kept: readonly KeptContact[],
  pointsOf: (number: NumberToken) => number | undefined,
  districtOf: (number: NumberToken) => number,
): SubjectAtRisk[] {
  const suspicious = kept.filter(({ number }) => pointsOf(number) !== undefined);
  const subjects: SubjectAtRisk[] = [];
  for (const [number, own] of Map.groupBy(suspicious, ({ other }) => other)) {
    const caller = Math.max(...own.map((contact) => pointsOf(contact.number) ?? -Infinity));
    const { points, evidence } = weigh({ kept: own, caller }, WEIGHTS, RARITY);
    if (points < SUBJECT_LISTED_AT) continue;
    const callers = [...new Set(own.map((contact) => contact.number))].toSorted();
    subjects.push({ number, points, evidence, callers, district: districtOf(number) });
  }
  return subjects.toSorted((a, b) => b.points - a.points || (a.number < b.number ? -1 : 1));
}
