import type { Evidence } from './study-result.ts';

/** One thing to weigh: its value, and the points of the first bin that the value is below. */
export interface Weight<Item> {
  readonly id: string;
  /** Undefined when nothing can be said. */
  readonly measure: (item: Item) => number | undefined;
  readonly bins: readonly { readonly below?: number; readonly points: number }[];
}

/** Points of everything that can be said of an item, with what each is for. */
export interface Weighed {
  readonly points: number;
  readonly evidence: readonly Evidence[];
}

/**
 * Weighs an item: its points are the exact sum of its evidence, a log-odds.
 *
 * @param rarity log-odds of an item about which nothing is known
 */
export function weigh<Item>(item: Item, weights: readonly Weight<Item>[], rarity: number): Weighed {
  const evidence: Evidence[] = [{ id: 'rarity', value: 1, points: rarity }];
  for (const { id, measure, bins } of weights) {
    const value = measure(item);
    if (value === undefined) continue;
    const bin = bins.find(({ below }) => below === undefined || value < below);
    if (bin === undefined || bin.points === 0) continue;
    evidence.push({ id, value: rounded(value), points: bin.points });
  }
  return { points: sumOf(evidence), evidence };
}

/** The points of all evidence, free of the noise of binary fractions. */
export function sumOf(evidence: readonly Evidence[]): number {
  return Math.round(evidence.reduce((sum, { points }) => sum + points, 0) * 1000) / 1000;
}

export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
