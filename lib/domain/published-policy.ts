import { jsonFault } from './plain-text.ts';
import { type Policy, PolicyError, parsePolicy } from './policy.ts';
import { checkTexts } from './warning-text.ts';

/**
 * What a new stack publishes as its live policy: the one that its functions bring along. A pointer and not
 * the document, or a later deploy of the stack would publish its own over what analysts published since.
 */
export const BUNDLED_POLICY = '{"policy":"bundled"}';

/** What is published as the shadow policy when there is none. */
export const NO_SHADOW_POLICY = '{"shadow":"none"}';

/** A published document, read: a policy, or what stands for one. */
export type PublishedPolicy = Policy | 'bundled' | 'none';

/** Checks a policy document in all ways that the pipeline relies on. @throws PolicyError naming every problem */
export function checkPolicy(value: unknown): Policy {
  const policy = parsePolicy(value);
  checkTexts(policy.texts);
  return policy;
}

function holdsOnly(document: unknown, name: string, value: string): boolean {
  if (typeof document !== 'object' || document === null) return false;
  const entries = Object.entries(document);
  return entries.length === 1 && entries[0]?.[0] === name && entries[0][1] === value;
}

/**
 * Reads what was published. Nothing at all stands for no shadow.
 *
 * @throws PolicyError when it is neither a valid policy nor something that stands for one
 */
export function readPublishedPolicy(text: string): PublishedPolicy {
  if (text.trim() === '') return 'none';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PolicyError([`/: not JSON (${jsonFault(cause)})`]);
  }
  if (holdsOnly(value, 'policy', 'bundled')) return 'bundled';
  if (holdsOnly(value, 'shadow', 'none')) return 'none';
  return checkPolicy(value);
}
