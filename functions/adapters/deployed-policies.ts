import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { createAppConfigDataClient } from './aws-clients.ts';
import { optionalSetting, requiredSetting } from './environment.ts';
import { createPolicySource, type PolicyEvents, withPolicies } from './policy-source.ts';
import { logger, metrics } from './telemetry.ts';

const events: PolicyEvents = {
  changed(track, policy) {
    logger.info('another policy is in force', {
      track,
      policyVersion: policy?.version ?? 'none',
      ...(policy === undefined ? {} : { author: policy.author, reason: policy.reason }),
    });
    if (track === 'live' && policy !== undefined) {
      metrics.addMetric('PolicyVersion', MetricUnit.NoUnit, policy.version);
    }
  },
  refused(track, error) {
    logger.error('a published policy cannot be used; what was in force stays', {
      track,
      error: error as Error,
    });
    metrics.addMetric('PolicyRefused', MetricUnit.Count, 1);
  },
  unreachable(track, error) {
    logger.error('AppConfig cannot be read; the policy in force stays', {
      track,
      error: error as Error,
    });
    metrics.addMetric('PolicyUnreachable', MetricUnit.Count, 1);
  },
};

/**
 * What the function makes of the policies that its stage has in force. To be called in every invocation: looks
 * at AppConfig when that is due, and makes it anew when something else was published.
 */
export function fromDeployedPolicies<Made>(
  make: (live: Policy, shadow: Policy | undefined) => Made,
): () => Promise<Made> {
  const bundled = loadDefaultPolicy();
  const source = createPolicySource({
    client: createAppConfigDataClient(),
    application: requiredSetting('POLICY_APPLICATION_ID'),
    environment: requiredSetting('POLICY_ENVIRONMENT_ID'),
    profile: requiredSetting('POLICY_PROFILE_ID'),
    shadowProfile: optionalSetting('SHADOW_POLICY_PROFILE_ID'),
    pollSeconds: Number(requiredSetting('POLICY_POLL_SECONDS')),
    bundled,
    events,
  });
  return withPolicies(source, { bundled, events }, make);
}
