import type { NumberParts } from './parties.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A number as switches write it by rule. */
export function plainNotation(parts: NumberParts, notation: 'national' | 'international'): string {
  const { kind, country, area, subscriber } = parts;
  if (kind === 'service') return subscriber;
  if (notation === 'international' || kind === 'abroad') return `+${country}${area}${subscriber}`;
  return kind === 'landline' ? `0${area}${subscriber}` : subscriber;
}

/** A number as it also turns up in exports: prefixes for dialling, spaces, hyphens, brackets. */
export function oddNotation(parts: NumberParts, random: SeededRandom): string {
  const { kind, country, area, subscriber } = parts;
  const way = random.below(4);
  if (kind === 'service') return subscriber;
  if (kind === 'abroad') return `00${country}${subscriber}`;
  if (way === 0) return `00${country}${area}${subscriber}`;
  if (kind === 'landline') {
    const half = `${subscriber.slice(0, 4)} ${subscriber.slice(4)}`;
    if (way === 1) return `0${area}-${subscriber}`;
    return way === 2 ? `(0${area}) ${half}` : `+${country} ${area} ${half}`;
  }
  const [head, middle, tail] = [
    subscriber.slice(0, 3),
    subscriber.slice(3, 7),
    subscriber.slice(7),
  ];
  if (way === 1) return `+${country} ${head} ${middle} ${tail}`;
  return way === 2 ? `${head}-${middle}-${tail}` : `${head} ${middle} ${tail}`;
}
