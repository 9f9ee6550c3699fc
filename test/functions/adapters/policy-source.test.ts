import { beforeEach, describe, expect, it } from 'vitest';
import {
  createPolicySource,
  type PolicySourceOptions,
  withPolicies,
} from '../../../functions/adapters/policy-source.ts';
import { loadDefaultPolicy } from '../../../lib/domain/default-policy.ts';
import type { Policy } from '../../../lib/domain/policy.ts';
import { BUNDLED_POLICY, NO_SHADOW_POLICY } from '../../../lib/domain/published-policy.ts';
import {
  APPLICATION,
  createLocalAppConfig,
  ENVIRONMENT,
  LIVE,
  type LocalAppConfig,
  publishText,
  SHADOW,
} from '../../support/local-appconfig.ts';

const bundled = loadDefaultPolicy();
const policy = (version: number): Policy => ({ ...bundled, version });
const textOf = (version: number): string => JSON.stringify(policy(version));

let local: LocalAppConfig;
let events: string[];

beforeEach(() => {
  local = createLocalAppConfig();
  events = [];
});

function options(more: Partial<PolicySourceOptions> = {}): PolicySourceOptions {
  return {
    client: local.reader(),
    application: APPLICATION,
    environment: ENVIRONMENT,
    profile: LIVE,
    shadowProfile: SHADOW,
    pollSeconds: 30,
    bundled,
    events: {
      changed: (track, changed) => events.push(`${track} ${changed?.version ?? 'none'}`),
      refused: (track, error) => events.push(`${track} refused: ${(error as Error).name}`),
      unreachable: (track, error) => events.push(`${track} unreachable: ${(error as Error).name}`),
    },
    now: () => local.now,
    ...more,
  };
}

async function publishFirst(): Promise<void> {
  await publishText(local, LIVE, BUNDLED_POLICY);
  await publishText(local, SHADOW, NO_SHADOW_POLICY);
}

describe('the policies of a function', () => {
  it('are the bundled one and no shadow in a new stack, without any ado', async () => {
    await publishFirst();
    const source = createPolicySource(options());
    expect(await source.current()).toEqual({ live: bundled, shadow: undefined });
    expect(events).toEqual([]);
  });

  it('follow what is published, once the next look is due', async () => {
    await publishFirst();
    const source = createPolicySource(options());
    const before = await source.current();
    await publishText(local, LIVE, textOf(7));
    await publishText(local, SHADOW, textOf(8));
    local.now += 29_000;
    expect(await source.current()).toBe(before);
    local.now += 1_000;
    expect(await source.current()).toMatchObject({ live: { version: 7 }, shadow: { version: 8 } });
    expect(events).toEqual(['live 7', 'shadow 8']);
  });

  it('are the same object as long as nothing was published', async () => {
    await publishText(local, LIVE, textOf(7));
    await publishText(local, SHADOW, NO_SHADOW_POLICY);
    const source = createPolicySource(options());
    const before = await source.current();
    for (let looks = 0; looks < 3; looks++) {
      local.now += 30_000;
      expect(await source.current()).toBe(before);
    }
    // The same document put in force again is no other policy.
    await publishText(local, LIVE, textOf(7));
    local.now += 30_000;
    expect(await source.current()).toBe(before);
    expect(events).toEqual(['live 7']);
  });

  it.each([
    ['is stopped', NO_SHADOW_POLICY],
    ['is stopped by an empty document', ' '],
  ])('have no shadow any more when it %s', async (_, text) => {
    await publishText(local, LIVE, BUNDLED_POLICY);
    await publishText(local, SHADOW, textOf(8));
    const source = createPolicySource(options());
    expect((await source.current()).shadow?.version).toBe(8);
    await publishText(local, SHADOW, text);
    local.now += 30_000;
    expect((await source.current()).shadow).toBeUndefined();
    expect(events).toEqual(['shadow 8', 'shadow none']);
  });

  it.each([
    ['not JSON', '{'],
    ['no policy', '{"version":9}'],
    ['no live policy', NO_SHADOW_POLICY],
    ['empty', ' '],
  ])('stay when a document that is %s gets past the validator', async (_, text) => {
    await publishText(local, LIVE, textOf(7));
    await publishText(local, SHADOW, NO_SHADOW_POLICY);
    const source = createPolicySource(options());
    await source.current();
    await publishText(local, LIVE, text);
    local.now += 30_000;
    expect((await source.current()).live.version).toBe(7);
    local.now += 30_000;
    await source.current();
    // Told once, not at every look.
    expect(events).toEqual(['live 7', 'live refused: PolicyError']);
    await publishText(local, LIVE, textOf(10));
    local.now += 30_000;
    expect((await source.current()).live.version).toBe(10);
  });

  it('are the bundled one where AppConfig cannot be reached, until it can', async () => {
    await publishText(local, LIVE, textOf(7));
    await publishText(local, SHADOW, NO_SHADOW_POLICY);
    local.faults.failNext(
      'appconfig:StartConfigurationSession',
      { code: 'InternalServerException', status: 500 },
      2,
    );
    const source = createPolicySource(options());
    expect(await source.current()).toEqual({ live: bundled, shadow: undefined });
    expect(events).toEqual([
      'live unreachable: InternalServerException',
      'shadow unreachable: InternalServerException',
    ]);
    // Not at once: every batch would wait for it.
    expect((await source.current()).live).toBe(bundled);
    local.now += 30_000;
    expect((await source.current()).live.version).toBe(7);
  });

  it('survive an answer that is lost on its way, though its token is spent', async () => {
    await publishText(local, LIVE, textOf(7));
    const client = local.reader();
    let lose = false;
    const lossy = {
      send: async (...given: Parameters<typeof client.send>) => {
        const answer = await client.send(...given);
        if (lose) throw new Error('socket hang up');
        return answer;
      },
    } as unknown as PolicySourceOptions['client'];
    const source = createPolicySource(options({ client: lossy, shadowProfile: undefined }));
    await source.current();
    lose = true;
    local.now += 30_000;
    expect((await source.current()).live.version).toBe(7);
    lose = false;
    await publishText(local, LIVE, textOf(8));
    local.now += 30_000;
    expect((await source.current()).live.version).toBe(8);
    expect(events).toEqual(['live 7', 'live unreachable: Error', 'live 8']);
  });

  it('are looked at once for all who ask at the same time', async () => {
    await publishText(local, LIVE, textOf(7));
    let calls = 0;
    const client = local.reader();
    const counting = {
      send: (...given: Parameters<typeof client.send>) => {
        calls++;
        return client.send(...given);
      },
    } as unknown as PolicySourceOptions['client'];
    const source = createPolicySource(options({ client: counting, shadowProfile: undefined }));
    await Promise.all([source.current(), source.current(), source.current()]);
    expect(calls).toBe(2);
  });
});

describe('what a function makes of the policies', () => {
  const setUp = (make: (live: Policy, shadow: Policy | undefined) => unknown) => {
    const given = options();
    return withPolicies(createPolicySource(given), given, make);
  };

  it('is made once for each change', async () => {
    await publishFirst();
    const made: string[] = [];
    const get = setUp((live, shadow) => {
      made.push(`${live.version} ${shadow?.version}`);
      return live.version;
    });
    await get();
    await get();
    await publishText(local, SHADOW, textOf(9));
    local.now += 30_000;
    await get();
    expect(made).toEqual([`${bundled.version} undefined`, `${bundled.version} 9`]);
  });

  it('stays when nothing can be made of new ones', async () => {
    await publishFirst();
    const get = setUp((live) => {
      if (live.version === 13) throw new TypeError('no such feature');
      return live.version;
    });
    expect(await get()).toBe(bundled.version);
    await publishText(local, LIVE, textOf(13));
    local.now += 30_000;
    expect(await get()).toBe(bundled.version);
    expect(await get()).toBe(bundled.version);
    expect(events).toEqual(['live 13', 'live refused: TypeError']);
  });

  it('is made without a shadow that nothing can be made of', async () => {
    await publishText(local, LIVE, textOf(12));
    await publishText(local, SHADOW, textOf(13));
    const get = setUp((live, shadow) => {
      if (shadow?.version === 13) throw new TypeError('no such feature');
      return live.version;
    });
    expect(await get()).toBe(12);
    expect(events).toEqual(['live 12', 'shadow 13', 'shadow refused: TypeError']);
  });

  it('is made of the bundled policy when nothing can be made of the very first', async () => {
    await publishText(local, LIVE, textOf(13));
    await publishText(local, SHADOW, NO_SHADOW_POLICY);
    const get = setUp((live) => {
      if (live.version === 13) throw new TypeError('no such feature');
      return live.version;
    });
    expect(await get()).toBe(bundled.version);
  });
});
