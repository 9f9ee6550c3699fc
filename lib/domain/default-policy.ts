import document from './default-policy.json' with { type: 'json' };
import { type Policy, parsePolicy } from './policy.ts';
import { checkTexts } from './warning-text.ts';

/** The policy that ships, checked. */
export function loadDefaultPolicy(): Policy {
  const policy = parsePolicy(document);
  checkTexts(policy.texts);
  return policy;
}
