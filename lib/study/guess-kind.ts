import type { FraudKind } from '../domain/fraud-kind.ts';
import type { Suspect } from './suspect.ts';

const HOUR_LONG = 2_400;
const PATIENT_DAYS = 2;

/**
 * What a caller most likely pretends, by how it talks. It chooses the words of a text, never whether there is one:
 * what cannot be told from calls alone is `other`.
 */
export function guessKind({
  international,
  longest,
  held,
  days,
  heldTalk,
  keptLong,
}: Suspect): FraudKind {
  if (international || longest >= HOUR_LONG) return 'impersonating-police';
  if (held > 0 && days >= PATIENT_DAYS && heldTalk / Math.max(1, keptLong) >= HOUR_LONG / 2) {
    return 'romance-investment';
  }
  return 'other';
}
