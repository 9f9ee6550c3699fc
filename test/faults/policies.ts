import type { Deciders } from '../../functions/score-subjects/process-exposures.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { createLegFolder, type FoldLegs } from '../../lib/domain/profile/fold-legs.ts';
import { createDecider } from '../../lib/domain/subject/decide.ts';
import { NERVOUS_POLICY } from '../domain/risky-policy.ts';

const { warnings, tiers, ladder } = NERVOUS_POLICY;

/**
 * Policies that histories change between. They judge callers alike, and so have one version: what they differ in is
 * what is done for the people called.
 */
export const POLICIES: readonly Policy[] = [
  NERVOUS_POLICY,
  {
    ...NERVOUS_POLICY,
    tiers: { ...tiers, episodeHours: 1 },
    warnings: {
      ...warnings,
      cooldownHours: 2,
      cap: { texts: 2, days: 2 },
      budget: { ...warnings.budget, textsPer100kPerDay: 4_000, peopleCovered: 100 },
    },
    ladder: { ...ladder, watchHours: 24 },
  },
  {
    ...NERVOUS_POLICY,
    tiers: { ...tiers, medium: { calls: 1, minutes: 1 }, high: { ...tiers.high, minutes: 10 } },
    warnings: { ...warnings, channels: ['sms'], expiresMinutes: 10 },
  },
  {
    ...NERVOUS_POLICY,
    // An episode that is over soon may be followed by another while its case is still under way.
    tiers: { ...tiers, episodeHours: 1 },
    warnings: { ...warnings, resendUnreachable: { times: 2, afterMinutes: 3 } },
    ladder: { ...ladder, fromTier: 'low', watchHours: 12 },
  },
  // Texts alone: what a history then has to do is a third, and the pipeline gets all of its faults.
  {
    ...NERVOUS_POLICY,
    warnings: { ...warnings, channels: ['sms'], cooldownHours: 6 },
    ladder: { ...ladder, fromTier: 'urgent' },
  },
];

/** Of {@link POLICIES}: opens no cases. */
export const TEXTS_ALONE = POLICIES.length - 1;

/** What functions make of a policy, once for all histories: it holds nothing of any of them. */
export interface Prepared {
  readonly policy: Policy;
  readonly fold: FoldLegs;
  readonly deciders: Deciders;
}

const prepared = new Map<Policy, Prepared>();

export function prepare(variant: number): Prepared {
  const policy = POLICIES[variant % POLICIES.length] ?? NERVOUS_POLICY;
  let known = prepared.get(policy);
  if (known === undefined) {
    const live = createDecider(policy);
    known = { policy, fold: createLegFolder(policy), deciders: { live, shadow: undefined } };
    prepared.set(policy, known);
  }
  return known;
}
