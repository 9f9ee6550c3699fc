import type { NumberToken } from '../../lib/domain/leg.ts';
import { Profile } from '../../lib/domain/profile/profile.ts';
import { usualPlace } from '../../lib/domain/profile/usual-place.ts';
import type { ProfileStore } from '../adapters/profiles-table.ts';
import type { RegisterStore } from '../adapters/registers-table.ts';

/**
 * The district in which a person is mostly on the phone, of those that stations answer for.
 *
 * @returns a six-digit division code; empty when nothing is known
 */
export async function districtOfPerson(
  person: NumberToken,
  profiles: Pick<ProfileStore, 'read'>,
  registers: Pick<RegisterStore, 'districtOf'>,
): Promise<string> {
  const stored = (await profiles.read([person])).get(person);
  if (stored === undefined) return '';
  const profile = new Profile();
  profile.load(stored.profile);
  const place = usualPlace(profile);
  return place === 0 ? '' : ((await registers.districtOf(place)) ?? '');
}
