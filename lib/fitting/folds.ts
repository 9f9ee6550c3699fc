import { type Random, shuffle } from './random.ts';

/**
 * Deals rows into folds: the rows of one group stay together, and groups with and without fraud are dealt
 * separately, so that each fold has its share of both.
 *
 * @returns the fold of each row, 0 to `folds` - 1
 */
export function dealFolds(
  labels: Uint8Array,
  groups: Uint32Array,
  folds: number,
  random: Random,
): Uint8Array {
  const hasFraud = new Map<number, boolean>();
  groups.forEach((group, row) => {
    hasFraud.set(group, hasFraud.get(group) === true || labels[row] === 1);
  });
  const foldOfGroup = new Map<number, number>();
  let dealt = 0;
  for (const kind of [true, false]) {
    const ofKind = [...hasFraud].filter(([, fraud]) => fraud === kind).map(([group]) => group);
    for (const group of shuffle(ofKind, random)) foldOfGroup.set(group, dealt++ % folds);
  }
  return Uint8Array.from(groups, (group) => foldOfGroup.get(group) ?? 0);
}

/** Positions of the rows for which this holds. */
export function rowsWhere(size: number, holds: (row: number) => boolean): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < size; row++) if (holds(row)) rows.push(row);
  return Uint32Array.from(rows);
}
