import type { NumberToken } from '../leg.ts';
import {
  type Episode,
  type HeldExposure,
  inOrderOfTime,
  type SubjectState,
} from './subject-state.ts';

/** The episode goes on as another one: what was decided in this one is taken back, and its names are used up. */
function nextEpisode({ ordinal }: Episode): Episode {
  return { ordinal: ordinal + 1, tier: 'low' };
}

/**
 * A person's state without what a list said of a number: as if those calls had never been exposures by it.
 *
 * @param withdrawn names of the person's warnings that were taken back before they were sent
 * @returns undefined when nothing changes
 */
export function forgetListing(
  state: SubjectState,
  number: NumberToken,
  withdrawn: ReadonlySet<string>,
): SubjectState | undefined {
  const { episode, exposures, warnings } = state;
  const kept = exposures.flatMap((held): HeldExposure[] => {
    if (held.caller !== number || held.listed === undefined) return [held];
    const { listed: _listed, ...rest } = held;
    return rest.finding === undefined && rest.circumstances === undefined ? [] : [rest];
  });
  const isSame = kept.length === exposures.length && kept.every((held, i) => held === exposures[i]);
  const takenBack = warnings.some(({ id }) => withdrawn.has(id));
  if (isSame && !takenBack) return undefined;
  return {
    ...state,
    exposures: kept.sort(inOrderOfTime),
    warnings: warnings.filter(({ id }) => !withdrawn.has(id)),
    ...(episode !== undefined && takenBack && { episode: nextEpisode(episode) }),
  };
}
