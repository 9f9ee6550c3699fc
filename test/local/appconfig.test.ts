import {
  CreateHostedConfigurationVersionCommand,
  DeleteHostedConfigurationVersionCommand,
  GetApplicationCommand,
  GetConfigurationProfileCommand,
  GetDeploymentCommand,
  GetDeploymentStrategyCommand,
  GetEnvironmentCommand,
  GetHostedConfigurationVersionCommand,
  ListApplicationsCommand,
  ListConfigurationProfilesCommand,
  ListDeploymentStrategiesCommand,
  ListDeploymentsCommand,
  ListEnvironmentsCommand,
  ListHostedConfigurationVersionsCommand,
  StartDeploymentCommand,
  StopDeploymentCommand,
  ValidateConfigurationCommand,
} from '@aws-sdk/client-appconfig';
import {
  type AppConfigDataClient,
  GetLatestConfigurationCommand,
  StartConfigurationSessionCommand,
} from '@aws-sdk/client-appconfigdata';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  APPLICATION,
  createLocalAppConfig,
  ENVIRONMENT,
  GRADUAL,
  IMMEDIATE,
  LIVE,
  type LocalAppConfig,
  publishText,
  SHADOW,
  WATCHED,
} from '../support/local-appconfig.ts';

let local: LocalAppConfig;

beforeEach(() => {
  local = createLocalAppConfig();
});

const MINUTE = 60_000;
const profile = { ApplicationId: APPLICATION, ConfigurationProfileId: LIVE };
const environment = { ApplicationId: APPLICATION, EnvironmentId: ENVIRONMENT };

function create(text: string, more: object = {}) {
  return local.control.send(
    new CreateHostedConfigurationVersionCommand({
      ...profile,
      Content: Buffer.from(text),
      ContentType: 'application/json',
      ...more,
    }),
  );
}

function deploy(version: number, strategy = IMMEDIATE, profileId = LIVE) {
  return local.control.send(
    new StartDeploymentCommand({
      ...environment,
      ConfigurationProfileId: profileId,
      ConfigurationVersion: String(version),
      DeploymentStrategyId: strategy,
      Description: 'weil 是这样',
    }),
  );
}

const stop = (number: number, allowRevert?: boolean) =>
  local.control.send(
    new StopDeploymentCommand({
      ...environment,
      DeploymentNumber: number,
      ...(allowRevert === undefined ? {} : { AllowRevert: allowRevert }),
    }),
  );

async function stateOf(number: number) {
  return local.control.send(new GetDeploymentCommand({ ...environment, DeploymentNumber: number }));
}

async function openSession(client: AppConfigDataClient, more: object = {}): Promise<string> {
  const { InitialConfigurationToken = '' } = await client.send(
    new StartConfigurationSessionCommand({
      ApplicationIdentifier: APPLICATION,
      EnvironmentIdentifier: ENVIRONMENT,
      ConfigurationProfileIdentifier: LIVE,
      ...more,
    }),
  );
  return InitialConfigurationToken;
}

async function look(client: AppConfigDataClient, token: string) {
  const answer = await client.send(
    new GetLatestConfigurationCommand({ ConfigurationToken: token }),
  );
  const { Configuration, NextPollConfigurationToken = '', ...rest } = answer;
  return {
    ...rest,
    text: Buffer.from(Configuration ?? []).toString(),
    next: NextPollConfigurationToken,
  };
}

describe('hosted configurations', () => {
  it('are numbered, kept byte for byte, and listed with the newest first', async () => {
    const first = await create('{"a":"é中"}', { Description: 'policy 1' });
    expect(first).toMatchObject({ VersionNumber: 1, ContentType: 'application/json' });
    await create('{"a":2}', { VersionLabel: 'v2' });
    const read = await local.control.send(
      new GetHostedConfigurationVersionCommand({ ...profile, VersionNumber: 1 }),
    );
    expect(Buffer.from(read.Content ?? []).toString()).toBe('{"a":"é中"}');
    expect(read.Description).toBe('policy 1');
    const { Items = [] } = await local.control.send(
      new ListHostedConfigurationVersionsCommand(profile),
    );
    expect(
      Items.map(({ VersionNumber, VersionLabel, Description }) => [
        VersionNumber,
        VersionLabel,
        Description,
      ]),
    ).toEqual([
      [2, 'v2', undefined],
      [1, undefined, 'policy 1'],
    ]);
  });

  it('are given to the validator as AppConfig gives them, and stay out when it throws', async () => {
    await create('{"a":1}');
    expect(local.validated).toEqual([
      {
        applicationId: APPLICATION,
        configurationProfileId: LIVE,
        configurationVersion: '1',
        content: Buffer.from('{"a":1}').toString('base64'),
        uri: 'hosted',
      },
    ]);
    local.validate = () => ({
      payload: { errorType: 'PolicyError', errorMessage: 'no good' },
      functionError: 'Unhandled',
    });
    await expect(create('{}')).rejects.toMatchObject({
      name: 'BadRequestException',
      Reason: 'InvalidConfiguration',
      Details: {
        InvalidConfiguration: [expect.objectContaining({ Type: 'LAMBDA', Reason: 'no good' })],
      },
    });
    await expect(deploy(1)).rejects.toThrow('validator');
    await expect(
      local.control.send(
        new ValidateConfigurationCommand({ ...profile, ConfigurationVersion: '1' }),
      ),
    ).rejects.toThrow('validator');
    const { Items } = await local.control.send(new ListHostedConfigurationVersionsCommand(profile));
    expect(Items).toHaveLength(1);
  });

  it('are refused for a taken label, a stale lock or their size, and deleted without reuse of a number', async () => {
    await create('1', { VersionLabel: 'first' });
    await expect(create('2', { VersionLabel: 'first' })).rejects.toThrow('taken');
    await expect(create('2', { LatestVersionNumber: 7 })).rejects.toThrow('latest version is 1');
    await expect(create('x'.repeat(2 * 1024 * 1024 + 1))).rejects.toMatchObject({
      name: 'PayloadTooLargeException',
    });
    await local.control.send(
      new DeleteHostedConfigurationVersionCommand({ ...profile, VersionNumber: 1 }),
    );
    expect(await create('2')).toMatchObject({ VersionNumber: 2 });
    await expect(deploy(1)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      ResourceType: 'HostedConfigurationVersion',
    });
  });
});

describe('deployments', () => {
  it('bake as long as their strategy says, and keep others out until they are complete', async () => {
    await create('1');
    await create('2');
    expect(await deploy(1, WATCHED)).toMatchObject({
      DeploymentNumber: 1,
      State: 'BAKING',
      PercentageComplete: 100,
      Description: 'weil 是这样',
      FinalBakeTimeInMinutes: 10,
    });
    await expect(deploy(2)).rejects.toMatchObject({ name: 'ConflictException' });
    local.now += 10 * MINUTE;
    const complete = await stateOf(1);
    expect(complete.State).toBe('COMPLETE');
    expect(complete.CompletedAt?.getTime()).toBe(local.now);
    expect((await deploy(2)).DeploymentNumber).toBe(2);
    const { Items = [] } = await local.control.send(new ListDeploymentsCommand(environment));
    expect(
      Items.map(({ ConfigurationName, ConfigurationVersion, State }) => [
        ConfigurationName,
        ConfigurationVersion,
        State,
      ]),
    ).toEqual([
      ['policy', '2', 'COMPLETE'],
      ['policy', '1', 'COMPLETE'],
    ]);
  });

  it('are taken back while they bake, and for 72 hours after, where that is allowed', async () => {
    await publishText(local, LIVE, 'old');
    await create('new');
    await deploy(2, WATCHED);
    await expect(stop(2)).rejects.toThrow('BAKING');
    expect((await stop(2, true)).State).toBe('ROLLED_BACK');
    const client = local.reader();
    expect(await look(client, await openSession(client))).toMatchObject({ text: 'old' });
    await deploy(2);
    await expect(stop(3)).rejects.toThrow('COMPLETE');
    expect(await look(client, await openSession(client))).toMatchObject({ text: 'new' });
    expect((await stop(3, true)).State).toBe('REVERTED');
    expect(await look(client, await openSession(client))).toMatchObject({ text: 'old' });
    await deploy(2);
    local.now += 73 * 60 * MINUTE;
    await expect(stop(4, true)).rejects.toThrow('cannot be stopped');
  });

  it('reach more and more sessions when they are gradual', async () => {
    await publishText(local, LIVE, 'old');
    await publishText(local, LIVE, 'new', GRADUAL);
    const client = local.reader();
    const share = async () => {
      const sessions = await Promise.all(Array.from({ length: 60 }, () => openSession(client)));
      const texts = await Promise.all(sessions.map((token) => look(client, token)));
      return texts.filter(({ text }) => text === 'new').length;
    };
    expect((await stateOf(2)).PercentageComplete).toBe(20);
    const early = await share();
    local.now += 9 * MINUTE;
    expect((await stateOf(2)).State).toBe('DEPLOYING');
    local.now += MINUTE;
    expect(await share()).toBe(60);
    expect(early).toBeLessThan(60);
  });
});

describe('a session', () => {
  it('gets a document once, then nothing until there is another', async () => {
    await publishText(local, LIVE, 'one');
    const client = local.reader();
    const first = await look(client, await openSession(client));
    expect(first).toMatchObject({ text: 'one', ContentType: 'application/json' });
    expect(first.NextPollIntervalInSeconds).toBe(60);
    const second = await look(client, first.next);
    expect(second.text).toBe('');
    await publishText(local, LIVE, 'two');
    expect((await look(client, second.next)).text).toBe('two');
  });

  it('spends each token, and lets none live for more than a day', async () => {
    await publishText(local, LIVE, 'one');
    const client = local.reader();
    const token = await openSession(client);
    const { next } = await look(client, token);
    await expect(look(client, token)).rejects.toMatchObject({
      name: 'BadRequestException',
      Reason: 'InvalidParameters',
      Details: { InvalidParameters: { ConfigurationToken: { Problem: 'Corrupted' } } },
    });
    local.now += 25 * 60 * MINUTE;
    await expect(look(client, next)).rejects.toMatchObject({
      Details: { InvalidParameters: { ConfigurationToken: { Problem: 'Expired' } } },
    });
  });

  it('keeps to the interval that it asked for', async () => {
    await publishText(local, LIVE, 'one');
    const client = local.reader();
    await expect(
      openSession(client, { RequiredMinimumPollIntervalInSeconds: 5 }),
    ).rejects.toMatchObject({ name: 'BadRequestException' });
    const token = await openSession(client, { RequiredMinimumPollIntervalInSeconds: 30 });
    const { next, NextPollIntervalInSeconds } = await look(client, token);
    expect(NextPollIntervalInSeconds).toBe(30);
    await expect(look(client, next)).rejects.toMatchObject({
      Details: {
        InvalidParameters: { ConfigurationToken: { Problem: 'PollIntervalNotSatisfied' } },
      },
    });
    local.now += 30_000;
    expect((await look(client, next)).text).toBe('');
  });

  it('may be opened by names, and finds nothing where nothing was deployed', async () => {
    const client = local.reader();
    const names = {
      ApplicationIdentifier: 'Forewarn-test',
      EnvironmentIdentifier: 'test',
      ConfigurationProfileIdentifier: 'policy',
    };
    const token = await openSession(client, names);
    await expect(look(client, token)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(
      openSession(client, { ...names, ConfigurationProfileIdentifier: 'other' }),
    ).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      ResourceType: 'ConfigurationProfile',
    });
  });

  it('is for whoever may read this profile in this environment', async () => {
    await publishText(local, LIVE, 'one');
    await publishText(local, SHADOW, 'two');
    const reader = local.reader([
      {
        Effect: 'Allow',
        Action: ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'],
        Resource: `arn:aws:appconfig:us-east-1:000000000000:application/${APPLICATION}/environment/${ENVIRONMENT}/configuration/${LIVE}`,
      },
    ]);
    expect((await look(reader, await openSession(reader))).text).toBe('one');
    await expect(
      openSession(reader, { ConfigurationProfileIdentifier: SHADOW }),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const token = await openSession(local.reader(), { ConfigurationProfileIdentifier: SHADOW });
    await expect(look(reader, token)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});

describe('the control plane', () => {
  it('tells of applications, environments, profiles and strategies', async () => {
    const { control } = local;
    const application = { ApplicationId: APPLICATION };
    expect((await control.send(new ListApplicationsCommand({}))).Items).toEqual([
      { Id: APPLICATION, Name: 'Forewarn-test' },
    ]);
    expect((await control.send(new GetApplicationCommand(application))).Name).toBe('Forewarn-test');
    expect((await control.send(new ListEnvironmentsCommand(application))).Items).toHaveLength(1);
    expect((await control.send(new GetEnvironmentCommand(environment))).Name).toBe('test');
    const profiles = await control.send(new ListConfigurationProfilesCommand(application));
    expect(profiles.Items?.map(({ Name }) => Name)).toEqual(['policy', 'shadow-policy']);
    expect((await control.send(new GetConfigurationProfileCommand(profile))).LocationUri).toBe(
      'hosted',
    );
    expect((await control.send(new ListDeploymentStrategiesCommand({}))).Items).toHaveLength(3);
    const strategy = await control.send(
      new GetDeploymentStrategyCommand({ DeploymentStrategyId: WATCHED }),
    );
    expect(strategy.FinalBakeTimeInMinutes).toBe(10);
  });
});
