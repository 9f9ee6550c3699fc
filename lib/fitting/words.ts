import type { Term } from '../domain/scorecard.ts';
import { TABLE_FEATURES } from '../domain/table-features.ts';

const MEANINGS = new Map(TABLE_FEATURES.map(({ id, meaning }) => [id, meaning]));
const DIGITS = 3;

/** What a feature means, in words; a feature without any says its name. */
export function meaningOf(feature: string): string {
  return MEANINGS.get(feature) ?? feature.replaceAll('-', ' ');
}

/** A value with three significant digits; `none` where there is no such call. */
export function valueInWords(value: number): string {
  if (Number.isNaN(value)) return 'none';
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(DIGITS)));
}

/** The bins of a term as ranges, from the lowest; the first and the last are open. */
export function rangesOf(term: Term): string[] {
  return term.bins.map((bin, index) => {
    const from = term.bins[index - 1]?.below;
    if (from === undefined) return bin.below === undefined ? 'any' : `below ${bin.below}`;
    return bin.below === undefined ? `${from} or more` : `${from} to ${bin.below}`;
  });
}

/** Points with their sign, as they are summed. */
export function signed(points: number): string {
  return `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(3)}`;
}
