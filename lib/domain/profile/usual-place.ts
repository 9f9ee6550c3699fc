import { ENTRY } from './layout.ts';
import type { Profile } from './profile.ts';

/** What a profile remembers of a district: the lower 16 bits of its code. */
export function placeOfDistrict(code: string): number {
  return Number(code) & 0xffff;
}

/** Where most of the remembered calls were made or taken; 0 when nothing is known. Of equals, the latest. */
export function usualPlace(profile: Profile): number {
  const times = new Map<number, number>();
  let usual = 0;
  for (let i = 0; i < profile.entryCount(); i++) {
    const place = profile.view.getUint16(profile.entryAt(i) + ENTRY.district);
    if (place === 0) continue;
    const seen = (times.get(place) ?? 0) + 1;
    times.set(place, seen);
    if (seen >= (times.get(usual) ?? 0)) usual = place;
  }
  return usual;
}
