import type { StudyFinding } from '../../../lib/domain/listing/study-finding.ts';
import { tokenOf } from '../factories.ts';

/** A finding that waits for a decision. */
export function aFinding(changes: Partial<StudyFinding> = {}): StudyFinding {
  return {
    id: 'finding-1',
    number: tokenOf(1),
    kind: 'slow-campaign',
    fraudKind: 'loan',
    points: 3.4,
    evidence: [
      { id: 'rarity', value: 0, points: -7.7 },
      { id: 'contacts-strange-to-each-other', value: 11, points: 6 },
      { id: 'holds-strangers-again', value: 3, points: 3.3 },
      { id: 'longest-talk-with-a-stranger', value: 1_900, points: 1.8 },
    ],
    day: '2026-11-23',
    until: 1_798_000_000,
    status: 'waiting',
    decisions: [],
    ...changes,
  };
}
