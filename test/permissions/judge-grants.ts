import type { UsedGrant } from '../../lib/local/iam/evaluate-policy.ts';
import { type Grant, isOwnLogging, lineOf } from '../infrastructure/role-permissions.ts';
import { keyNeededFor } from './key-needs.ts';
import type { Unseen } from './unseen-grants.ts';

/**
 * How a grant is known to be needed: a call was made by it; the calls that were made need the key; it
 * forbids; or it is one of those that the local cloud cannot show, for a reason.
 */
export type Evidence =
  | { readonly kind: 'called' | 'key' | 'forbids' }
  | { readonly kind: 'unseen'; readonly unseen: Unseen };

export interface JudgedGrant {
  readonly grant: Grant;
  /** Undefined for a grant that nobody needs, as far as is known. */
  readonly evidence: Evidence | undefined;
}

const placeOf = ({ action, policy, resource, statement }: UsedGrant): string =>
  [policy, statement, action, resource].join(' ');

/**
 * Says of every grant how it is known to be needed. Of several that say the same one call is enough.
 * @param unseen the grants that no call on the local cloud can show
 */
export function judgeGrants(
  grants: readonly Grant[],
  used: readonly UsedGrant[],
  unseen: readonly Unseen[],
): JudgedGrant[] {
  const calledPlaces = new Set(used.map(placeOf));
  const ofRole = (grant: Grant): string => `${grant.role} ${lineOf(grant)}`;
  const called = new Map(
    grants.filter((grant) => calledPlaces.has(placeOf(grant))).map((one) => [ofRole(one), one]),
  );
  const key = new Set(
    [...called.values()].flatMap(({ action, on, role }) =>
      keyNeededFor(action, on).map(
        ({ action: needed, condition }) => `${role} ${needed} ${condition}`,
      ),
    ),
  );
  const evidenceOf = (grant: Grant): Evidence | undefined => {
    if (grant.effect === 'Deny') return { kind: 'forbids' };
    const found = unseen.find((one) => one.matches(grant));
    if (found?.isByChance) return { kind: 'unseen', unseen: found };
    if (called.has(ofRole(grant))) return { kind: 'called' };
    if (key.has(`${grant.role} ${grant.action} ${grant.condition}`)) return { kind: 'key' };
    return found && { kind: 'unseen', unseen: found };
  };
  const byLine = new Map(grants.map((grant) => [ofRole(grant), grant]));
  return [...byLine.values()]
    .filter((grant) => !isOwnLogging(grant))
    .map((grant) => ({ grant, evidence: evidenceOf(grant) }));
}

/** What roles called and may not use the key for: on AWS these calls would be refused. */
export function missingKeyUse(judged: readonly JudgedGrant[]): string[] {
  const held = new Set(
    judged.map(({ grant }) => `${grant.role} ${grant.action} ${grant.condition}`),
  );
  return judged
    .filter(({ evidence }) => evidence?.kind === 'called')
    .flatMap(({ grant: { action, on, role } }) =>
      keyNeededFor(action, on)
        .map(({ action: needed, condition }) => `${role} ${needed} ${condition}`)
        .filter((needed) => !held.has(needed))
        .map((needed) => `${needed}, for ${action} on ${on}`),
    );
}
