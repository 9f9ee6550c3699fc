import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { BUNDLED_POLICY, NO_SHADOW_POLICY } from '../../lib/domain/published-policy.ts';
import { flat, onlyResource, plainId, resources, synthesized } from './synthesized-stack.ts';

const dev = synthesized('dev');
const prod = synthesized('prod');

const byId = (type: string, template = dev) =>
  Object.fromEntries(
    Object.entries(resources(template, type)).map(([id, { Properties }]) => [
      plainId(id),
      Properties,
    ]),
  );

describe('Policies', () => {
  test('live in one application, with a profile for the live one and one for its shadow', () => {
    expect(onlyResource(dev, 'AWS::AppConfig::Application')).toMatchObject({
      Name: 'Forewarn-dev',
    });
    expect(onlyResource(prod, 'AWS::AppConfig::Environment')).toMatchObject({ Name: 'prod' });
    const profiles = byId('AWS::AppConfig::ConfigurationProfile');
    expect(
      Object.entries(profiles).map(([id, { Name, Type, LocationUri }]) => [
        id,
        Name,
        Type,
        LocationUri,
      ]),
    ).toEqual([
      ['PolicyLive', 'policy', 'AWS.Freeform', 'hosted'],
      ['PolicyShadow', 'shadow-policy', 'AWS.Freeform', 'hosted'],
    ]);
  });

  test('are all judged by the validator, which AppConfig may call from the first document on', () => {
    for (const [id, resource] of Object.entries(
      resources(dev, 'AWS::AppConfig::ConfigurationProfile'),
    )) {
      const [validator, ...more] = resource.Properties.Validators as {
        Type: string;
        Content: unknown;
      }[];
      expect(more, id).toEqual([]);
      expect(validator?.Type).toBe('LAMBDA');
      expect(flat(validator?.Content)).toBe('PolicyValidatorFunction.Arn');
    }
    dev.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      Principal: 'appconfig.amazonaws.com',
    });
    const [permission] = Object.entries(resources(dev, 'AWS::Lambda::Permission'))
      .filter(([, { Properties }]) => Properties.Principal === 'appconfig.amazonaws.com')
      .map(([id]) => id);
    dev.allResources('AWS::AppConfig::ConfigurationProfile', {
      DependsOn: Match.arrayWith([permission]),
    });
  });

  test('begin with what the functions bring along and no shadow, in documents that no deploy changes', () => {
    const documents = byId('AWS::AppConfig::HostedConfigurationVersion');
    expect(documents.PolicyFirstLive?.Content).toBe(BUNDLED_POLICY);
    expect(documents.PolicyFirstShadow?.Content).toBe(NO_SHADOW_POLICY);
    const deployments = byId('AWS::AppConfig::Deployment');
    expect(flat(deployments.PolicyFirstLiveDeployment?.ConfigurationVersion)).toBe(
      'PolicyFirstLive',
    );
    expect(flat(deployments.PolicyFirstShadowDeployment?.DeploymentStrategyId)).toBe(
      'PolicyImmediate',
    );
  });

  test('are first deployed one after the other, as an environment takes one at a time', () => {
    const waits = Object.entries(resources(dev, 'AWS::AppConfig::Deployment')).map(
      ([id, { DependsOn = [] }]) => [plainId(id), DependsOn.map(plainId)],
    );
    expect(Object.fromEntries(waits)).toEqual({
      PolicyFirstLiveDeployment: [],
      PolicyFirstShadowDeployment: ['PolicyFirstLiveDeployment'],
    });
  });

  test.each([
    ['dev', 3],
    ['prod', 5],
    ['local', 0],
  ])('reach all functions of %s at once, and are watched for %i minutes', (stage, minutes) => {
    const strategies = byId('AWS::AppConfig::DeploymentStrategy', synthesized(stage));
    expect(strategies.PolicyWatched).toMatchObject({
      DeploymentDurationInMinutes: 0,
      GrowthFactor: 100,
      FinalBakeTimeInMinutes: minutes,
    });
    expect(strategies.PolicyImmediate).toMatchObject({ FinalBakeTimeInMinutes: 0 });
  });

  test('are taken back when functions refuse them, by an alarm that goes off within a minute', () => {
    const { Monitors } = onlyResource(dev, 'AWS::AppConfig::Environment') as {
      Monitors: { AlarmArn: unknown; AlarmRoleArn: unknown }[];
    };
    expect(Monitors.map(({ AlarmArn }) => flat(AlarmArn))).toEqual(['Alarmspolicyrefused.Arn']);
    expect(Monitors.map(({ AlarmRoleArn }) => flat(AlarmRoleArn))).toEqual([
      'PolicyMonitorRole.Arn',
    ]);
    dev.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'Forewarn-dev-policy-refused',
      Threshold: 0,
      EvaluationPeriods: 1,
      Metrics: Match.arrayWith([
        Match.objectLike({
          // One for each function that goes by the policy.
          Expression: [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => `FILL(refused${i}, 0)`).join(' + '),
        }),
        Match.objectLike({
          MetricStat: Match.objectLike({
            Period: 60,
            Metric: Match.objectLike({ MetricName: 'PolicyRefused', Namespace: 'Forewarn' }),
          }),
        }),
      ]),
    });
  });

  test('stay where they are when the stack of prod is deleted, and cannot be deleted while in use', () => {
    for (const type of ['Application', 'Environment', 'ConfigurationProfile']) {
      for (const { DeletionPolicy } of Object.values(resources(prod, `AWS::AppConfig::${type}`))) {
        expect(DeletionPolicy).toBe('Retain');
      }
    }
    prod.allResourcesProperties('AWS::AppConfig::ConfigurationProfile', {
      DeletionProtectionCheck: 'APPLY',
    });
    dev.allResourcesProperties('AWS::AppConfig::ConfigurationProfile', {
      DeletionProtectionCheck: 'BYPASS',
    });
  });
});
