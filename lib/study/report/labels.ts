import type { NumberToken } from '../../domain/leg.ts';
import type { StudyResult } from '../study-result.ts';

/** What a number is called on a page: a letter for what it is and its place, such as `C3`. */
export type LabelOf = (number: NumberToken) => string;

/**
 * Names every number of a result: C for callers found and P for people, both by their points, N for other numbers. A
 * name tells nothing of the number, and the same result has the same names.
 */
export function labelNumbers({ callers, groups, measures, subjects }: StudyResult): LabelOf {
  const labels = new Map<NumberToken, string>();
  const places = { C: 0, N: 0, P: 0 };
  const name = (letter: keyof typeof places, number: NumberToken) => {
    if (!labels.has(number)) labels.set(number, `${letter}${++places[letter]}`);
  };
  for (const { number } of strongestFirst(callers)) name('C', number);
  for (const { number } of strongestFirst(subjects)) name('P', number);
  for (const { numbers } of groups) for (const number of numbers) name('N', number);
  for (const { links } of groups) {
    for (const { from, to, why } of links) {
      name('N', from);
      name(why === 'subject' ? 'P' : 'N', to);
    }
  }
  for (const subject of subjects) for (const number of subject.callers) name('N', number);
  for (const { number } of measures?.missed?.missed ?? []) name('N', number);
  return (number) => labels.get(number) ?? '?';
}

/** The groups with their names, `G1` the strongest. */
export function labelGroups({ groups }: Pick<StudyResult, 'groups'>) {
  return strongestFirst(groups).map((group, i) => ({ group, label: `G${i + 1}` }));
}

/** A copy; equally strong ones keep their order. */
export function strongestFirst<T extends { readonly points: number }>(list: readonly T[]): T[] {
  return list.toSorted((a, b) => b.points - a.points);
}
