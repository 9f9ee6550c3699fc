import type { FeatureReference } from '../../lib/study/measures/drift.ts';
import {
  BadReferenceError,
  loadDefaultReference,
  parseReference,
} from '../../lib/study/measures/read-reference.ts';
import { REFERENCE_KEY, type StudyObjects } from '../adapters/study-objects.ts';

/**
 * The reference that the centre keeps with its archive, or else the one that ships.
 *
 * @param onBad told of one that cannot be used: the night has more to measure, and must not fail of it
 * @returns undefined where the centre's own cannot be used: another one would say something else
 */
export async function referenceOfCentre(
  objects: Pick<StudyObjects, 'readReference'>,
  onBad: (error: BadReferenceError) => void,
): Promise<FeatureReference | undefined> {
  const own = await objects.readReference();
  if (own === undefined) return loadDefaultReference();
  try {
    return parseReference(own, REFERENCE_KEY);
  } catch (error) {
    if (!(error instanceof BadReferenceError)) throw error;
    onBad(error);
    return undefined;
  }
}
