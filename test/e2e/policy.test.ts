import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AppConfigClient,
  CreateHostedConfigurationVersionCommand,
} from '@aws-sdk/client-appconfig';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { type Finished, startForewarn } from '../support/run-forewarn.ts';
import { endOfCalls, swindlerCalls, targetNumber } from './fraud-history.ts';
import { type LocalPipeline, startLocalPipeline } from './local-pipeline.ts';

let pipeline: LocalPipeline;
let folder: string;

beforeAll(async () => {
  pipeline = await startLocalPipeline();
  folder = await mkdtemp(join(tmpdir(), 'forewarn-policy-'));
});

afterAll(async () => {
  await pipeline?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

/** Calls enough for a swindler to be found out. */
const ENOUGH = 14;
const SWINDLER = '13911110001';
const DAY = '2026-11-02';
const bundled = loadDefaultPolicy();

function policy(...args: string[]): Promise<Finished> {
  return startForewarn(['policy', ...args, '--stack', 'Forewarn-local'], pipeline.env).finished;
}

/** A policy above the bundled one, in a file. */
async function policyFile(name: string, version: number, change: Partial<Policy>): Promise<string> {
  const file = join(folder, name);
  const document = { ...bundled, author: 'test', reason: name, version, ...change };
  await writeFile(file, JSON.stringify(document));
  return file;
}

/** The bundled texts with a mark that tells them from those. */
function markedTexts(mark: string): Policy['texts'] {
  const marked = Object.entries(bundled.texts['zh-CN']).map(([kind]) => [kind, `${mark}{tail}`]);
  return { ...bundled.texts, 'zh-CN': Object.fromEntries(marked) };
}

let calls = 0;

/** Lets the swindler reach somebody new; answers the text that this person got. */
async function nextText(): Promise<string | undefined> {
  calls++;
  const callee = targetNumber(1000 + calls);
  const start = endOfCalls(ENOUGH + calls);
  await pipeline.push([
    { callId: `next-${calls}`, caller: SWINDLER, callee, start, duration: 420 },
  ]);
  await pipeline.cloud.settled();
  return pipeline.cloud.inbox.texts.find(({ phoneNumber }) => phoneNumber === `+86${callee}`)
    ?.message;
}

describe('a published policy', () => {
  test('is used by the running functions within moments', async () => {
    await pipeline.push(swindlerCalls(SWINDLER, ENOUGH));
    await pipeline.cloud.settled();
    expect(await nextText()).not.toContain('新话术');
    const file = await policyFile('other words', bundled.version + 1, {
      texts: markedTexts('新话术'),
    });
    const published = await policy('publish', file);
    expect(published).toMatchObject({ code: 0 });
    expect(published.stdout).toContain('forewarn policy rollback --stack Forewarn-local');
    await expect.poll(nextText, { timeout: 20_000, interval: 200 }).toContain('新话术');
  });

  test('must be newer than the one in force', async () => {
    const file = await policyFile('too old', bundled.version, {});
    const refused = await policy('publish', file);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`give it a version above, such as ${bundled.version + 2}`),
    });
  });

  test('is refused by the validator when it cannot be used, and the one in force stays', async () => {
    const { cloud } = pipeline;
    const client = new AppConfigClient({
      endpoint: cloud.endpoint,
      region: cloud.region,
      credentials: cloud.credentials,
    });
    const refused = client.send(
      new CreateHostedConfigurationVersionCommand({
        ApplicationId: cloud.outputs.PolicyApplicationId,
        ConfigurationProfileId: cloud.outputs.PolicyProfileId,
        Content: Buffer.from(JSON.stringify({ ...bundled, version: 0 })),
        ContentType: 'application/json',
      }),
    );
    await expect(refused).rejects.toMatchObject({
      name: 'BadRequestException',
      Details: { InvalidConfiguration: [{ Reason: expect.stringContaining('/version') }] },
    });
    client.destroy();
    const shown = JSON.parse((await policy('show')).stdout) as Policy;
    expect(shown.version).toBe(bundled.version + 1);
  });

  test('is taken back by a rollback', async () => {
    const back = await policy('rollback');
    expect(back).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`Back to policy ${bundled.version}`),
    });
    await expect.poll(nextText, { timeout: 20_000, interval: 200 }).not.toContain('新话术');
    const again = await policy('rollback', '--to', String(bundled.version + 1));
    expect(again.code).toBe(0);
    await expect.poll(nextText, { timeout: 20_000, interval: 200 }).toContain('新话术');
  });
});

describe('a shadow', () => {
  const lookAt = async () => {
    const { code, stdout } = await policy('compare', '--day', DAY, '--json');
    expect(code).toBe(0);
    return JSON.parse(stdout) as {
      warned: { live: number; shadow: number; people: Record<string, number> };
      onlyLive: { subject: string; reasons: object[]; otherPolicy: string }[];
    };
  };

  test('decides beside the live policy and warns nobody, and both can be compared', async () => {
    const file = await policyFile('on trial', bundled.version + 2, { texts: markedTexts('影子') });
    expect(await policy('publish', file, '--shadow')).toMatchObject({ code: 0 });
    let swindlers = 0;
    const pushSwindler = async () => {
      swindlers++;
      await pipeline.push(swindlerCalls(`1391112${1000 + swindlers}`, ENOUGH));
      await pipeline.cloud.settled();
      return (await lookAt()).warned.shadow;
    };
    await expect.poll(pushSwindler, { timeout: 40_000, interval: 200 }).toBeGreaterThan(0);
    const { onlyLive, warned } = await lookAt();
    expect(warned.people.both).toBeGreaterThan(0);
    // Who was warned before there was a shadow.
    expect(onlyLive[0]).toMatchObject({ otherPolicy: 'never found the caller risky' });
    expect(onlyLive[0]?.reasons.length).toBeGreaterThan(0);
    expect(JSON.stringify(onlyLive)).not.toMatch(/1391111|1390000/);
    expect(pipeline.cloud.inbox.texts.filter(({ message }) => message.includes('影子'))).toEqual(
      [],
    );
  });

  test('shows in a table for people, with numbers sealed', async () => {
    const { code, stdout } = await policy('compare', '--day', DAY);
    expect(code).toBe(0);
    expect(stdout).toContain('Warned by the live policy only');
    expect(stdout).not.toMatch(/1391111|1390000/);
  });

  test('is stopped', async () => {
    expect(await policy('publish', '--shadow', '--off')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('The shadow is stopped'),
    });
    const shown = await policy('show', '--shadow');
    expect(shown).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no shadow') });
  });
});
