import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import { checkPolicy } from '../../lib/domain/published-policy.ts';
import type { LocalCloud } from '../../lib/local/local-cloud.ts';
import { hastenLadder } from '../../lib/simulation/officers/hasten-ladder.ts';
import { followDeployment, waiting } from '../policy/follow-deployment.ts';
import { createPublishedPolicies } from '../policy/published-policies.ts';

/**
 * Publishes the shipped policy with its ladder in fast motion, as `forewarn policy publish` would: cases keep the
 * ladder of the policy that opened them, so this comes before the first call.
 *
 * @param factor 1 publishes nothing
 */
export async function hastenPolicy(
  { credentials, endpoint, outputs, region }: LocalCloud,
  factor: number,
): Promise<void> {
  if (factor === 1) return;
  const shipped = loadDefaultPolicy();
  const policy = checkPolicy({
    ...shipped,
    version: shipped.version + 1,
    author: 'npm start',
    reason: `the ladder ${factor} times as fast`,
    ladder: hastenLadder(shipped.ladder, factor),
  });
  const client = new AppConfigClient({ credentials, endpoint, region });
  try {
    const policies = createPublishedPolicies(client, {
      application: outputs.PolicyApplicationId ?? '',
      environment: outputs.PolicyEnvironmentId ?? '',
      profiles: {
        live: outputs.PolicyProfileId ?? '',
        shadow: outputs.ShadowPolicyProfileId ?? '',
      },
      watched: outputs.PolicyStrategyId ?? '',
      immediate: outputs.PolicyImmediateStrategyId ?? '',
    });
    const hosted = await policies.store('live', JSON.stringify(policy), policy.version);
    const deployment = await policies.deploy('live', hosted, 'immediate', policy.reason);
    await followDeployment(policies, deployment, waiting(true));
  } finally {
    client.destroy();
  }
}
