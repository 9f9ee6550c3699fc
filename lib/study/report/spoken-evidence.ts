import { maskNumbersIn } from '../../domain/mask-numbers.ts';
import type { TextLanguage } from '../../domain/policy.ts';
import type { Evidence } from '../study-result.ts';
import { mainEvidenceInWords } from '../study-words.ts';

/** What speaks most for a finding. Evidence without words is shown by its name, in which no number may stand. */
export function spokenEvidence(evidence: readonly Evidence[], language: TextLanguage): string {
  const named = evidence.map((one) => ({ ...one, id: maskNumbersIn(one.id) }));
  return mainEvidenceInWords(named, language);
}
