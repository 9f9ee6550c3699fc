import type { Policy } from '../domain/policy.ts';
import { createLegFolder, type FoldLegs } from '../domain/profile/fold-legs.ts';

/**
 * The fold that judges calls, asked for nothing but what it makes of profiles: nobody is ever found risky.
 *
 * @param settleSeconds how much out of order records may arrive
 */
export function foldOnly(policy: Policy, settleSeconds: number): FoldLegs {
  const { burst: _burst, ...scoring } = policy.scoring;
  const minimumCallsMade = Number.MAX_SAFE_INTEGER;
  return createLegFolder({
    ...policy,
    scoring: { ...scoring, settleSeconds, minimumCallsMade, rules: [], callRules: [] },
  });
}
