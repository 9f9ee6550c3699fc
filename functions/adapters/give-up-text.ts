import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { caseOfWarning, type Warning } from '../../lib/domain/subject/decide.ts';
import type { WarningStore } from './subjects-table.ts';

/** SNS lets a person opt in again once in 30 days; after that the register there is asked afresh. */
const OPT_OUT_KEPT_SECONDS = 30 * 86_400;

/** Remembers that a person has opted out of texts. @param at epoch ms at which it was heard */
export function rememberOptOut(
  store: Pick<WarningStore, 'recordOptOut'>,
  subject: NumberToken,
  at: number,
): Promise<void> {
  return store.recordOptOut(subject, at, Math.floor(at / 1000) + OPT_OUT_KEPT_SECONDS);
}

/**
 * Takes the next way to a person whom no text reaches: people, where the policy allows them. To be done before the end
 * of the text is recorded, so that a crash in between does it again; doing it twice is doing it once.
 *
 * @param keptUntil epoch seconds
 * @returns whether people have the person now
 */
export async function giveUpText(
  store: Pick<WarningStore, 'handToPeople'>,
  warning: Warning,
  reason: string,
  policy: Policy,
  keptUntil: number,
): Promise<boolean> {
  if (!policy.warnings.channels.includes('people')) return false;
  await store.handToPeople(caseOfWarning(warning, policy), reason, keptUntil);
  return true;
}
