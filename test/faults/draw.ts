import { mix32 } from '../../lib/simulation/seeded-random.ts';

/** A number in [0, 1) that depends on nothing but a seed and a place: other draws leave it as it is. */
export function randomLike(seed: number, place: number): number {
  return mix32(mix32(seed ^ 0x9e37_79b9) ^ Math.imul(place + 1, 0x85eb_ca6b)) / 2 ** 32;
}

/** A whole number for a name, to draw by. */
export function placeOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
