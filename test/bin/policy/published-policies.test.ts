import { beforeEach, describe, expect, it } from 'vitest';
import { followDeployment } from '../../../bin/policy/follow-deployment.ts';
import {
  createPublishedPolicies,
  inForce,
  isUnderWay,
  type PublishedPolicies,
  PublishingError,
} from '../../../bin/policy/published-policies.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import { BUNDLED_POLICY, NO_SHADOW_POLICY } from '../../../lib/domain/published-policy.ts';
import {
  APPLICATION,
  createLocalAppConfig,
  ENVIRONMENT,
  IMMEDIATE,
  LIVE,
  type LocalAppConfig,
  publishText,
  SHADOW,
  WATCHED,
} from '../../support/local-appconfig.ts';

const bundled = loadDefaultPolicy();
const MINUTE = 60_000;

let local: LocalAppConfig;
let policies: PublishedPolicies;

beforeEach(async () => {
  local = createLocalAppConfig();
  policies = createPublishedPolicies(local.control, {
    application: APPLICATION,
    environment: ENVIRONMENT,
    profiles: { live: LIVE, shadow: SHADOW },
    watched: WATCHED,
    immediate: IMMEDIATE,
  });
  await publishText(local, LIVE, BUNDLED_POLICY);
  await publishText(local, SHADOW, NO_SHADOW_POLICY);
});

async function publish(version: number, how: 'watched' | 'immediate'): Promise<number> {
  const hosted = await policies.store('live', JSON.stringify({ ...bundled, version }), version);
  return policies.deploy('live', hosted, how, `policy ${version}`);
}

describe('the policies of a stack', () => {
  it('tell what is in force on each track', async () => {
    const deployments = await policies.deployments();
    const [live, shadow] = [inForce(deployments, 'live'), inForce(deployments, 'shadow')];
    expect(await policies.read('live', live?.hosted ?? 0)).toMatchObject({
      bundled: true,
      policy: { version: bundled.version },
    });
    expect(await policies.read('shadow', shadow?.hosted ?? 0)).toMatchObject({
      policy: undefined,
      problem: undefined,
    });
  });

  it('say so when what is published cannot be used', async () => {
    await publishText(local, LIVE, '{"version":3}');
    const current = inForce(await policies.deployments(), 'live');
    const document = await policies.read('live', current?.hosted ?? 0);
    expect(document.policy).toBeUndefined();
    expect(document.problem).toContain('not valid');
  });

  it('know the versions that were stored, without opening each document', async () => {
    await publish(7, 'immediate');
    await publish(8, 'immediate');
    expect([...(await policies.storedVersions('live')).values()].sort()).toEqual([7, 8]);
    expect((await policies.storedVersions('shadow')).size).toBe(0);
  });

  it('pass on why the validator refused a document', async () => {
    local.validate = () => ({
      payload: { errorMessage: '/version: must be >= 1' },
      functionError: 'Unhandled',
    });
    const refused = policies.store('live', '{}', 1);
    await expect(refused).rejects.toThrow(PublishingError);
    await expect(refused).rejects.toThrow('/version: must be >= 1');
  });

  it('explain that one publication goes after the other', async () => {
    await publish(7, 'watched');
    await expect(publish(8, 'watched')).rejects.toThrow('Another publication is under way');
  });

  it('go by the one before when one is stopped while it is watched', async () => {
    await publish(7, 'immediate');
    const number = await publish(8, 'watched');
    expect((await policies.deployments()).filter(isUnderWay).map((one) => one.number)).toEqual([
      number,
    ]);
    await policies.stop(number);
    const deployments = await policies.deployments();
    expect(deployments.some(isUnderWay)).toBe(false);
    const current = await policies.read('live', inForce(deployments, 'live')?.hosted ?? 0);
    expect(current.policy?.version).toBe(7);
  });
});

describe('whoever waits for a deployment', () => {
  const told: string[] = [];
  /** Each pause between looks takes a minute of the clock. */
  const clock = {
    now: () => local.now,
    pause: async () => {
      local.now += MINUTE;
    },
    tell: (line: string) => void told.push(line),
  };

  beforeEach(() => {
    told.length = 0;
  });

  it('hears how long it is still watched, and when it is complete', async () => {
    await followDeployment(policies, await publish(7, 'watched'), clock);
    expect(told[0]).toBe('in force; AppConfig watches it for another 10 min');
    expect(told.at(-2)).toBe('in force; AppConfig watches it for another 1 min');
    expect(told.at(-1)).toBe('complete');
  });

  it('hears that it was taken back', async () => {
    const number = await publish(7, 'watched');
    await policies.stop(number);
    await expect(followDeployment(policies, number, clock)).rejects.toThrow('has taken it back');
  });

  it('does not wait for ever', async () => {
    const number = await publish(7, 'watched');
    const stuck: PublishedPolicies = {
      ...policies,
      progress: async () => ({ ...(await policies.progress(number)), State: 'BAKING' }),
    };
    await expect(followDeployment(stuck, number, clock)).rejects.toThrow('still not complete');
  });
});
